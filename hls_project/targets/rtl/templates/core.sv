// ${summary}
//
// Pixels in raster order, ${beat}, channel c of the first in bits 8c+7:8c; frames follow each other without a mark.
// Results: ${classes} int32 scores, one a beat, then the label with `result_last`. Reset is synchronous.
`default_nettype none
module dtscnn_core (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [${in_bits}-1:0] pixel_data,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    output logic [31:0] result_data,
    output logic result_last,
    output logic result_valid,
    input  wire logic result_ready
);
${body}
endmodule
`default_nettype wire
