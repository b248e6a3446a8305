// Kernels of ${name}: ${lanes} lanes of ${groups} tables, each of ${group} spikes.
`default_nettype none
module dtscnn_${name}_kernel (
    input  wire logic clk,
    input  wire logic [${taps_bits}-1:0] taps,
    input  wire logic [${fold_bits}-1:0] fold,
    output logic [${lanes}*${vm_bits}-1:0] vm
);
${body}
endmodule
`default_nettype wire
