// Delays each of OPERANDS words by its place in a chain of `dt_fold_lane`: none for the first two of each CHAIN, then one cycle
// more for each.
`default_nettype none
module dt_fold_skew #(
    parameter integer OPERANDS = 8,
    parameter integer BITS = 2,
    parameter integer CHAIN = 4
) (
    input  wire logic clk,
    input  wire logic [OPERANDS*BITS-1:0] words,
    output logic [OPERANDS*BITS-1:0] skewed
);
    generate
        for (genvar i = 0; i < OPERANDS; i = i + 1) begin : g_operand
            localparam integer DELAY = i % CHAIN > 1 ? i % CHAIN - 1 : 0;
            logic [(DELAY+1)*BITS-1:0] line;
            assign line[BITS-1:0] = words[i*BITS +: BITS];
            for (genvar d = 0; d < DELAY; d = d + 1) begin : g_stage
                always_ff @(posedge clk) line[(d+1)*BITS +: BITS] <= line[d*BITS +: BITS];
            end
            assign skewed[i*BITS +: BITS] = line[DELAY*BITS +: BITS];
        end
    endgenerate
    logic unused;
    assign unused = clk;
endmodule
`default_nettype wire
