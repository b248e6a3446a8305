// Dual-threshold firing on a shared membrane potential: spike = (Vm >= Vth); a tie fires.
//
// LANES kernels of PIXELS pixels in each of FOLDS cycles; after the last fold, 2 cycles later (1 if FOLDS is 1), one beat
// holds each pixel's spikes of all kernels in block order [Vth1 x kernels | Vth2 x kernels]. Kernel = LANES * fold + lane.
// vm: of pixel i, lane l in bits VM_BITS * (LANES * i + l).
// THRESHOLDS: a table with an entry for each fold, entries a power of two apart; in it, of map k, lane l in bits
// BITS * (LANES * k + l), BITS = VM_BITS + 1: Vm_max + 1 never fires.
`default_nettype none
module dt_fire #(
    parameter integer LANES = 8,
    parameter integer FOLDS = 1,
    parameter integer FOLD_BITS = 1,
    parameter integer MAPS = 2,
    parameter integer VM_BITS = 12,
    parameter integer PIXELS = 1,
    parameter [FOLDS*(1<<$clog2(MAPS*LANES*(VM_BITS+1)))-1:0] THRESHOLDS = '0
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [PIXELS*LANES*VM_BITS-1:0] vm,
    input  wire logic [FOLD_BITS-1:0] fold,
    input  wire logic vm_valid,
    output logic [PIXELS*MAPS*FOLDS*LANES-1:0] spikes,
    output logic spikes_valid
);
    localparam integer BITS = VM_BITS + 1;
    localparam integer WORD = MAPS * LANES * BITS;
    localparam integer SHIFT = $clog2(WORD);
    logic [PIXELS*MAPS*LANES-1:0] fired;
    logic [WORD-1:0] thresholds;
    generate
        if (FOLDS > 1) begin : g_select
            assign thresholds = THRESHOLDS[{fold, {SHIFT{1'b0}}} +: WORD];
        end else begin : g_constant
            assign thresholds = THRESHOLDS[WORD-1:0];
            logic unused;
            assign unused = &fold;
        end
        for (genvar n = 0; n < PIXELS * LANES; n = n + 1) begin : g_lane
            localparam integer LANE = n % LANES;
            // With the sign bit inverted, two's complement compares like unsigned.
            logic [BITS-1:0] value;
            assign value = {~vm[n*VM_BITS+VM_BITS-1], vm[n*VM_BITS+VM_BITS-1], vm[n*VM_BITS +: VM_BITS-1]};
            for (genvar k = 0; k < MAPS; k = k + 1) begin : g_map
                // From the lowest bit up: greater or equal so far. Constant bits leave one gate each.
                logic [BITS-1:0] threshold;
                logic [BITS:0] reached;
                assign threshold = thresholds[(k*LANES+LANE)*BITS +: BITS] ^ {1'b1, {(BITS-1){1'b0}}};
                assign reached[0] = 1'b1;
                for (genvar b = 0; b < BITS; b = b + 1) begin : g_bit
                    assign reached[b+1] = threshold[b] ? (value[b] && reached[b]) : (value[b] || reached[b]);
                end
                assign fired[(n/LANES*MAPS+k)*LANES+LANE] = reached[BITS];
            end
        end
        if (FOLDS > 1) begin : g_gather
            logic [PIXELS*MAPS*LANES-1:0] part;
            logic part_valid, part_last;
            always_ff @(posedge clk) begin
                part <= fired;
                part_valid <= vm_valid && !rst;
                part_last <= fold == FOLD_BITS'(FOLDS - 1);
                spikes_valid <= part_valid && part_last && !rst;
            end
            for (genvar k = 0; k < PIXELS * MAPS; k = k + 1) begin : g_shift
                always_ff @(posedge clk)
                    if (part_valid)
                        spikes[k*FOLDS*LANES +: FOLDS*LANES] <=
                            {part[k*LANES +: LANES], spikes[k*FOLDS*LANES+LANES +: (FOLDS-1)*LANES]};
            end
        end else begin : g_whole
            always_ff @(posedge clk) begin
                spikes <= fired;
                spikes_valid <= vm_valid && !rst;
            end
        end
        if (FOLDS < 1 || FOLDS > (1 << FOLD_BITS) || LANES < 1 || PIXELS < 1) begin : g_refused
            // Elaboration stops here, with the instance's name.
            dt_fire_fold_bits_must_hold_the_folds refused ();
        end
    endgenerate

`ifdef SIMULATION
    logic tracing;
    initial tracing = $test$plusargs("trace") != 0;
    always_ff @(posedge clk)
        for (int i = 0; i < PIXELS; i = i + 1)
            if (tracing && vm_valid && !rst)
                $display("dtscnn fire %m %h %h", vm[i*LANES*VM_BITS +: LANES*VM_BITS], fired[i*MAPS*LANES +: MAPS*LANES]);
`endif
endmodule
`default_nettype wire
