// ${name}: ${summary}
`default_nettype none
module dtscnn_${name} (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [${in_bits}-1:0] in_data,
    input  wire logic in_valid,
    output logic in_ready,
    output logic [31:0] result_data,
    output logic result_last,
    output logic result_valid,
    input  wire logic result_ready
);
    logic [${kernels}*${vm_bits}-1:0] scores;
    logic scores_valid, scores_free;
    dt_dense #(
        .BEATS(${beats}),
        .CHANNELS(${channels}),
        .FOLDS(${folds}),
        .IN_BITS(${input_bits}),
        .OUTPUTS(${kernels}),
        .WEIGHT_BITS(${weight_bits}),
        .VM_BITS(${vm_bits}),
        .WEIGHTS("dtscnn_${name}.mem")
    ) dense (
        .clk(clk),
        .rst(rst),
        .in_data(in_data),
        .in_valid(in_valid),
        .in_ready(in_ready),
        .vm(scores),
        .vm_valid(scores_valid),
        .vm_free(scores_free)
    );
    dt_result #(
        .CLASSES(${kernels}),
        .SCORE_BITS(${vm_bits})
    ) result (
        .clk(clk),
        .rst(rst),
        .scores(scores),
        .scores_valid(scores_valid),
        .scores_free(scores_free),
        .result_data(result_data),
        .result_last(result_last),
        .result_valid(result_valid),
        .result_ready(result_ready)
    );
endmodule
`default_nettype wire
