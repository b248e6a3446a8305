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
${dense}

    dt_result #(
        .CLASSES(${kernels}),
        .SCORE_BITS(${vm_bits})
    ) result (
        .clk(clk),
        .rst(rst),
        .scores(vm),
        .scores_valid(vm_valid),
        .scores_free(vm_free),
        .result_data(result_data),
        .result_last(result_last),
        .result_valid(result_valid),
        .result_ready(result_ready)
    );
endmodule
`default_nettype wire
