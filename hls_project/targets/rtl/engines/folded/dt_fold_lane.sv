// One kernel at one pixel: adds OPERANDS operands a cycle to its membrane potential.
//
// An operand is what one input adds: a spike its weight or nothing; the two spikes of a kernel 0, w1 or w1 + w2 (PAIRED: the
// second spike implies the first, and a word holds {w1 + w2, w1}); a pixel of INPUT_BITS its product. Operands come with
// their top bit inverted, so they are unsigned and OFFSET too large; the potential starts at START = -OFFSET * operands of
// all steps, modulo 2^VM_BITS. Chains of CHAIN operands, operand p of a chain a cycle later than operand p - 1 (module
// `dt_fold_skew`), one adder between two registers; a tree adds the chains. `enable` and `last` are those of the step whose
// operands came LATENCY cycles before: after `last`, `vm` holds the potential until the next.
`default_nettype none
module dt_fold_lane #(
    parameter integer OPERANDS = 8,
    parameter integer PAIRED = 1,
    parameter integer INPUT_BITS = 1,
    parameter integer WEIGHT_BITS = 4,
    parameter integer CHAIN = 4,
    parameter integer VM_BITS = 12,
    parameter [VM_BITS-1:0] START = '0,
    parameter integer WORD_BITS = PAIRED != 0 ? 2 * WEIGHT_BITS + 1 : WEIGHT_BITS,
    parameter integer IN_BITS = PAIRED != 0 ? 2 : INPUT_BITS
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [OPERANDS*WORD_BITS-1:0] weights,
    input  wire logic [OPERANDS*IN_BITS-1:0] inputs,
    input  wire logic enable,
    input  wire logic last,
    output logic [VM_BITS-1:0] vm
);
    localparam integer OPERAND_BITS =
        PAIRED != 0 ? WEIGHT_BITS + 1 : INPUT_BITS > 1 ? WEIGHT_BITS + INPUT_BITS : WEIGHT_BITS;
    localparam integer CHAINS = (OPERANDS + CHAIN - 1) / CHAIN;
    localparam integer LONGEST = OPERANDS < CHAIN ? OPERANDS : CHAIN;
    localparam integer STAGES = LONGEST > 2 ? LONGEST - 1 : 1;
    localparam integer CHAIN_BITS = OPERAND_BITS + $clog2(LONGEST);
    localparam integer LEVELS = $clog2(CHAINS);
    localparam [OPERAND_BITS-1:0] OFFSET = {1'b1, {(OPERAND_BITS - 1) {1'b0}}};

    logic [OPERANDS*OPERAND_BITS-1:0] operands;
    generate
        for (genvar i = 0; i < OPERANDS; i = i + 1) begin : g_operand
            logic [OPERAND_BITS-1:0] operand;
            if (PAIRED != 0) begin : g_pair
                logic [OPERAND_BITS-1:0] one, both;
                assign one = OPERAND_BITS'($signed(weights[i*WORD_BITS +: WEIGHT_BITS]));
                assign both = weights[i*WORD_BITS+WEIGHT_BITS +: OPERAND_BITS];
                assign operand = (inputs[2*i+1] ? both : inputs[2*i] ? one : '0) ^ OFFSET;
            end else if (INPUT_BITS == 1) begin : g_spike
                assign operand = (inputs[i] ? weights[i*WORD_BITS +: WEIGHT_BITS] : '0) ^ OFFSET;
            end else begin : g_pixel
                logic signed [WEIGHT_BITS-1:0] weight;
                logic signed [INPUT_BITS:0] pixel;
                logic signed [OPERAND_BITS-1:0] product;
                assign weight = weights[i*WORD_BITS +: WEIGHT_BITS];
                assign pixel = {1'b0, inputs[i*INPUT_BITS +: INPUT_BITS]};
                always_ff @(posedge clk) product <= OPERAND_BITS'(weight * pixel);
                assign operand = product ^ OFFSET;
            end
            assign operands[i*OPERAND_BITS +: OPERAND_BITS] = operand;
        end

        for (genvar c = 0; c < CHAINS; c = c + 1) begin : g_chain
            localparam integer LENGTH = OPERANDS - c * CHAIN < CHAIN ? OPERANDS - c * CHAIN : CHAIN;
            for (genvar s = 0; s < STAGES; s = s + 1) begin : g_stage
                // Stage s has added operand s + 1; chains that end earlier wait.
                localparam integer BITS = OPERAND_BITS + $clog2(s + 2 < LENGTH ? s + 2 : LENGTH);
                localparam integer BASE_BITS = s == 0 ? OPERAND_BITS : OPERAND_BITS + $clog2(s + 1 < LENGTH ? s + 1 : LENGTH);
                logic [BITS-1:0] partial;
                logic [BASE_BITS-1:0] base;
                if (s == 0) begin : g_first
                    assign base = operands[c*CHAIN*OPERAND_BITS +: OPERAND_BITS];
                end else begin : g_next
                    assign base = g_stage[s-1].partial;
                end
                if (s + 1 < LENGTH) begin : g_add
                    logic [BITS-1:0] added;
                    dt_gated_add #(
                        .BASE_BITS(BASE_BITS),
                        .OPERAND_BITS(OPERAND_BITS),
                        .SUM_BITS(BITS)
                    ) add (
                        .base(base),
                        .operand(operands[(c*CHAIN+s+1)*OPERAND_BITS +: OPERAND_BITS]),
                        .sum(added)
                    );
                    always_ff @(posedge clk) partial <= added;
                end else begin : g_wait
                    always_ff @(posedge clk) partial <= base;
                end
            end
        end

        for (genvar l = 0; l <= LEVELS; l = l + 1) begin : g_level
            localparam integer COUNT = (CHAINS + (1 << l) - 1) >> l;
            localparam integer ABOVE = (CHAINS + (1 << l) / 2 - 1) >> (l > 0 ? l - 1 : 0);
            localparam integer BITS = CHAIN_BITS + l;
            logic [COUNT*BITS-1:0] sums;
            for (genvar i = 0; i < COUNT; i = i + 1) begin : g_sum
                if (l == 0) begin : g_chain_sum
                    assign sums[i*BITS +: BITS] = BITS'(g_chain[i].g_stage[STAGES-1].partial);
                end else if (2 * i + 1 < ABOVE) begin : g_add
                    always_ff @(posedge clk)
                        sums[i*BITS +: BITS] <= BITS'(g_level[l-1].sums[2*i*(BITS-1) +: BITS-1])
                            + BITS'(g_level[l-1].sums[(2*i+1)*(BITS-1) +: BITS-1]);
                end else begin : g_wait
                    always_ff @(posedge clk) sums[i*BITS +: BITS] <= BITS'(g_level[l-1].sums[2*i*(BITS-1) +: BITS-1]);
                end
            end
        end
    endgenerate

    // The adder's result goes on, or out and the next sum starts anew: a register's reset, no look-up table.
    logic [VM_BITS-1:0] potential, sum;
    assign sum = potential + VM_BITS'(g_level[LEVELS].sums);
    generate
        if (CHAIN_BITS + LEVELS > VM_BITS) begin : g_modulo
            logic unused;
            assign unused = &g_level[LEVELS].sums[CHAIN_BITS+LEVELS-1:VM_BITS];
        end
    endgenerate
    always_ff @(posedge clk) begin
        if (rst || (enable && last)) potential <= START;
        else if (enable) potential <= sum;
        if (enable && last) vm <= sum;
    end
endmodule
`default_nettype wire
