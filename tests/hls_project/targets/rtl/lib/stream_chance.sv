// High in RATE percent of the cycles, by chance, and low in a pause of up to 127 cycles now and then; always at 100.
`default_nettype none
module stream_chance #(
    parameter integer RATE = 100,
    parameter integer SEED = 1
) (
    input  wire logic clk,
    input  wire logic rst,
    output logic now
);
    logic [31:0] state;
    integer pause;
    assign now = RATE >= 100 || (pause == 0 && state[31:8] % 100 < RATE);
    always_ff @(posedge clk)
        if (rst) begin
            state <= 32'(SEED) * 32'd2654435769 + 32'd1;
            pause <= 0;
        end else begin
            state <= state * 32'd1664525 + 32'd1013904223;
            if (pause > 0) pause <= pause - 1;
            else if (state[31:22] < 8) pause <= 32'(state[21:15]);
        end
endmodule
`default_nettype wire
