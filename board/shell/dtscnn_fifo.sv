// First-in first-out buffer in distributed RAM: a note for each frame that is under way.
//
// Timing: one cycle from push to out_valid. Contract: push only while `room`, pop only while out_valid; DEPTH is a power
// of two.
`default_nettype none
module dtscnn_fifo #(
    parameter integer BITS = 2,
    parameter integer DEPTH = 16
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BITS-1:0] in_data,
    input  wire logic push,
    output logic room,
    output logic [BITS-1:0] out_data,
    output logic out_valid,
    input  wire logic pop
);
    localparam integer ADDRESS_BITS = $clog2(DEPTH);

    (* ram_style = "distributed" *) logic [BITS-1:0] memory[0:DEPTH-1];
    // One bit more than an address: equal pointers are empty, pointers that differ in that bit alone are full.
    logic [ADDRESS_BITS:0] written, taken;

    assign out_data = memory[taken[ADDRESS_BITS-1:0]];
    assign out_valid = written != taken;
    assign room = written != {!taken[ADDRESS_BITS], taken[ADDRESS_BITS-1:0]};

    always_ff @(posedge clk) if (push) memory[written[ADDRESS_BITS-1:0]] <= in_data;
    always_ff @(posedge clk)
        if (rst) begin
            written <= '0;
            taken <= '0;
        end else begin
            if (push) written <= written + 1'b1;
            if (pop) taken <= taken + 1'b1;
        end

`ifdef SIMULATION
    always_ff @(posedge clk)
        if (!rst && ((push && !room) || (pop && !out_valid))) begin
            $display("dtscnn_fifo %m: push without room or pop without a note");
            $fatal;
        end
`endif
endmodule
`default_nettype wire
