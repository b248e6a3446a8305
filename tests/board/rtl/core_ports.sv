// The core's ports alone, for yosys to read and measure the shell without a core.
`default_nettype none
(* blackbox *)
module dtscnn_core (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [23:0] pixel_data,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    output logic [31:0] result_data,
    output logic result_last,
    output logic result_valid,
    input  wire logic result_ready
);
endmodule
`default_nettype wire
