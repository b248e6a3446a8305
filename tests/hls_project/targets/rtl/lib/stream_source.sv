// Beats of a file, one after another, with random gaps and now and then a pause; between them, rubbish.
//
// RATE: percent of the cycles in which a beat may come. HOLD: a beat stays until `ready`; else it comes only while `ready`.
`default_nettype none
module stream_source #(
    parameter integer BITS = 8,
    parameter integer COUNT = 1,
    parameter integer RATE = 100,
    parameter bit HOLD = 1'b1,
    parameter integer SEED = 1,
    parameter string FILE = ""
) (
    input  wire logic clk,
    input  wire logic rst,
    output logic [BITS-1:0] data,
    output logic valid,
    input  wire logic ready
);
    logic [BITS-1:0] beats[0:COUNT-1];
    initial $readmemh(FILE, beats);
    integer next;
    logic offered, willing;
    stream_chance #(
        .RATE(RATE),
        .SEED(SEED)
    ) chance (
        .clk(clk),
        .rst(rst),
        .now(willing)
    );
    logic [31:0] noise;
    logic [BITS-1:0] rubbish;
    always_ff @(posedge clk) noise <= rst ? 32'(SEED) : noise * 32'd1664525 + 32'd1013904223;
    always_comb for (int b = 0; b < BITS; b = b + 1) rubbish[b] = noise[(b*7+b/32+13)%32];

    assign valid = next < COUNT && (HOLD ? offered || willing : willing && ready);
    assign data = valid ? beats[next] : rubbish;
    always_ff @(posedge clk)
        if (rst) begin
            next <= 0;
            offered <= 1'b0;
        end else begin
            offered <= valid && !ready;
            if (valid && ready) next <= next + 1;
        end
endmodule
`default_nettype wire
