// Two-place buffer that cuts every path between its two sides: all outputs are registers.
//
// Timing: one cycle from in to out, one beat a cycle. Contract: out_valid stays, with its data, until out_ready takes
// it; in_ready is low during a reset and in the cycle after it.
`default_nettype none
module dtscnn_skid #(
    parameter integer BITS = 8
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BITS-1:0] in_data,
    input  wire logic in_valid,
    output logic in_ready,
    output logic [BITS-1:0] out_data,
    output logic out_valid,
    input  wire logic out_ready
);
    logic [BITS-1:0] spare;
    logic spare_valid, out_free, take;

    assign out_free = !out_valid || out_ready;
    assign take = in_valid && in_ready;

    always_ff @(posedge clk) begin
        if (take) spare <= in_data;
        if (out_free) out_data <= spare_valid ? spare : in_data;
    end
    always_ff @(posedge clk)
        if (rst) begin
            in_ready <= 1'b0;
            out_valid <= 1'b0;
            spare_valid <= 1'b0;
        end else begin
            in_ready <= out_free || !(take || spare_valid);
            if (out_free) out_valid <= take || spare_valid;
            spare_valid <= !out_free && (take || spare_valid);
        end
endmodule
`default_nettype wire
