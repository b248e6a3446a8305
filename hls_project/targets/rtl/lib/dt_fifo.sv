// First-in first-out buffer in distributed RAM whose writer never waits.
//
// Pipelines without a stall write it: they look at `room` before they start, and `room` holds while RESERVE more beats,
// all that may then be under way, have a place. So no enable signal crosses the pipelines.
// In simulation: `overflow` ends the run, and the highest fill is printed at its end.
`default_nettype none
module dt_fifo #(
    parameter integer BITS = 8,
    parameter integer DEPTH = 16,
    parameter integer RESERVE = 4
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BITS-1:0] in_data,
    input  wire logic in_valid,
    output logic room,
    output logic [BITS-1:0] out_data,
    output logic out_valid,
    input  wire logic out_ready
);
    localparam integer ADDRESS_BITS = $clog2(DEPTH);
    localparam integer SPACE_BITS = ADDRESS_BITS + 1;
    // Places left beside the reserve, less one: with a negative number there is no room.
    localparam [SPACE_BITS-1:0] EMPTY = SPACE_BITS'(DEPTH - RESERVE - 1);

    (* ram_style = "distributed" *) logic [BITS-1:0] memory[0:DEPTH-1];
    logic [ADDRESS_BITS-1:0] write_address, read_address;
    logic [SPACE_BITS-1:0] space;
    logic pop;

    assign pop = out_valid && out_ready;
    assign room = !space[SPACE_BITS-1];
    assign out_valid = space != EMPTY;
    assign out_data = memory[read_address];

    always_ff @(posedge clk) if (in_valid) memory[write_address] <= in_data;
    always_ff @(posedge clk) begin
        if (rst) begin
            write_address <= '0;
            read_address <= '0;
            space <= EMPTY;
        end else begin
            if (in_valid) write_address <= write_address + 1'b1;
            if (pop) read_address <= read_address + 1'b1;
            // One less for a beat that comes, one more for one that goes.
            space <= space + {{(SPACE_BITS - 1) {in_valid && !pop}}, in_valid != pop};
        end
    end

    generate
        if (RESERVE >= DEPTH || (DEPTH & (DEPTH - 1)) != 0) begin : g_refused
            // Elaboration stops here, with the instance's name.
            dt_fifo_too_shallow_for_what_is_under_way refused ();
        end
    endgenerate

`ifdef SIMULATION
    logic [SPACE_BITS-1:0] fill;
    logic was_reset;  // before its first reset everything is random
    integer highest;
    initial was_reset = 1'b0;
    assign fill = EMPTY - space;
    always_ff @(posedge clk)
        if (rst) begin
            was_reset <= 1'b1;
            highest <= 0;
        end else if (was_reset) begin
            if (32'(fill) > highest) highest <= 32'(fill);
            if (in_valid && fill == SPACE_BITS'(DEPTH) && !pop) begin
                $display("dtscnn overflow %m depth %0d", DEPTH);
                $finish;
            end
        end
    final
        $display("dtscnn fifo %m depth %0d fill %0d highest %0d room %0d valid %0d ready %0d", DEPTH, fill, highest,
            room, out_valid, out_ready);
`endif
endmodule
`default_nettype wire
