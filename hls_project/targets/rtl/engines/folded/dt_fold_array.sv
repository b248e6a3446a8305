// PE kernels at MMV pixels: `dt_fold_lane` for each pair, which share weights among pixels and inputs among kernels.
//
// Kernel k's weights of operand i in bits WORD_BITS * (OPERANDS * k + i); pixel m's inputs in bits IN_BITS * (OPERANDS * m + i).
// `valid` and `last` come with the inputs; `vm_valid` marks the cycle in which `vm` has changed, kernel k of pixel m in bits
// VM_BITS * (PE * m + k).
`default_nettype none
module dt_fold_array #(
    parameter integer PE = 4,
    parameter integer MMV = 1,
    parameter integer OPERANDS = 8,
    parameter integer PAIRED = 1,
    parameter integer INPUT_BITS = 1,
    parameter integer WEIGHT_BITS = 4,
    parameter integer CHAIN = 4,
    parameter integer VM_BITS = 12,
    parameter [VM_BITS-1:0] START = '0,
    parameter integer LATENCY = 4,
    parameter integer WORD_BITS = PAIRED != 0 ? 2 * WEIGHT_BITS + 1 : WEIGHT_BITS,
    parameter integer IN_BITS = PAIRED != 0 ? 2 : INPUT_BITS
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [PE*OPERANDS*WORD_BITS-1:0] weights,
    input  wire logic [MMV*OPERANDS*IN_BITS-1:0] inputs,
    input  wire logic valid,
    input  wire logic last,
    output logic [MMV*PE*VM_BITS-1:0] vm,
    output logic vm_valid
);
    logic [PE*OPERANDS*WORD_BITS-1:0] skewed_weights;
    logic [MMV*OPERANDS*IN_BITS-1:0] skewed_inputs;
    logic enable, ends;
    dt_delay #(
        .BITS(1),
        .CYCLES(LATENCY)
    ) delay (
        .clk(clk),
        .rst(rst),
        .in_data(last),
        .in_valid(valid),
        .out_data(ends),
        .out_valid(enable)
    );
    always_ff @(posedge clk) vm_valid <= enable && ends && !rst;

    generate
        for (genvar k = 0; k < PE; k = k + 1) begin : g_weights
            dt_fold_skew #(
                .OPERANDS(OPERANDS),
                .BITS(WORD_BITS),
                .CHAIN(CHAIN)
            ) skew (
                .clk(clk),
                .words(weights[k*OPERANDS*WORD_BITS +: OPERANDS*WORD_BITS]),
                .skewed(skewed_weights[k*OPERANDS*WORD_BITS +: OPERANDS*WORD_BITS])
            );
        end
        for (genvar m = 0; m < MMV; m = m + 1) begin : g_pixel
            dt_fold_skew #(
                .OPERANDS(OPERANDS),
                .BITS(IN_BITS),
                .CHAIN(CHAIN)
            ) skew (
                .clk(clk),
                .words(inputs[m*OPERANDS*IN_BITS +: OPERANDS*IN_BITS]),
                .skewed(skewed_inputs[m*OPERANDS*IN_BITS +: OPERANDS*IN_BITS])
            );
            for (genvar k = 0; k < PE; k = k + 1) begin : g_kernel
                dt_fold_lane #(
                    .OPERANDS(OPERANDS),
                    .PAIRED(PAIRED),
                    .INPUT_BITS(INPUT_BITS),
                    .WEIGHT_BITS(WEIGHT_BITS),
                    .CHAIN(CHAIN),
                    .VM_BITS(VM_BITS),
                    .START(START)
                ) lane (
                    .clk(clk),
                    .rst(rst),
                    .weights(skewed_weights[k*OPERANDS*WORD_BITS +: OPERANDS*WORD_BITS]),
                    .inputs(skewed_inputs[m*OPERANDS*IN_BITS +: OPERANDS*IN_BITS]),
                    .enable(enable),
                    .last(ends),
                    .vm(vm[(m*PE+k)*VM_BITS +: VM_BITS])
                );
            end
        end
    endgenerate
endmodule
`default_nettype wire
