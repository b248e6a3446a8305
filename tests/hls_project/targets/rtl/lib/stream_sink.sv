// Writes every beat that comes to a file, with its cycle: "cycle data", data in hexadecimal.
//
// RATE: percent of the cycles in which it is willing. HOLD: a beat comes when both are, and must then stay until it does;
// else a beat comes whenever it is valid, and `ready` is advice.
`default_nettype none
module stream_sink #(
    parameter integer BITS = 8,
    parameter integer RATE = 100,
    parameter bit HOLD = 1'b1,
    parameter integer SEED = 1,
    parameter string FILE = ""
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BITS-1:0] data,
    input  wire logic valid,
    output logic ready,
    output logic moved
);
    integer file;
    longint cycle;
    logic waited;
    initial file = $fopen(FILE, "w");
    final $fclose(file);
    stream_chance #(
        .RATE(RATE),
        .SEED(SEED)
    ) chance (
        .clk(clk),
        .rst(rst),
        .now(ready)
    );
    assign moved = valid && (ready || !HOLD);
    always_ff @(posedge clk)
        if (rst) begin
            cycle <= 0;
            waited <= 1'b0;
        end else begin
            cycle <= cycle + 1;
            waited <= HOLD && valid && !ready;
            if (moved) $fwrite(file, "%0d %h\n", cycle, data);
            if (waited && !valid) $fwrite(file, "%0d taken back\n", cycle);
        end
endmodule
`default_nettype wire
