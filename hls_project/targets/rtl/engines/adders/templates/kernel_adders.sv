// Kernels of ${name}: ${adds} additions in ${kernel_latency} stages, found by da4ml.
`default_nettype none
module dtscnn_${name}_kernel (
    input  wire logic clk,
    input  wire logic [${taps_bits}-1:0] taps,
    input  wire logic [${fold_bits}-1:0] fold,
    output logic [${lanes}*${vm_bits}-1:0] vm
);
    // Inputs without a weight, and the fold of kernels that don't fold.
    logic unused;
    assign unused = &{clk, taps, fold};
${body}
endmodule
`default_nettype wire
