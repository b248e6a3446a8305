// The IP that Vitis HLS makes of the project beside this file, with the ports that the shell expects of a core.
//
// The IP's streams carry whole beats: a pixel of ${channels} bytes in, ${classes} scores and the label, 32 bits each, out. The
// result goes on word by word, lowest first. The IP starts a frame as soon as it can take one. Reset is synchronous.
`default_nettype none
module dtscnn_core (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [8*${channels}-1:0] pixel_data,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    output logic [31:0] result_data,
    output logic result_last,
    output logic result_valid,
    input  wire logic result_ready
);
    localparam integer WORDS = ${classes} + 1;
    localparam integer COUNT_BITS = $$clog2(WORDS + 1);

    logic [32*WORDS-1:0] beat, waiting;
    logic beat_valid, beat_ready;
    logic [COUNT_BITS-1:0] left;

    assign result_data = waiting[31:0];
    assign result_valid = left != '0;
    assign result_last = left == COUNT_BITS'(1);
    assign beat_ready = left == '0;

    always_ff @(posedge clk)
        if (rst) begin
            left <= '0;
        end else if (beat_valid && beat_ready) begin
            left <= COUNT_BITS'(WORDS);
            waiting <= beat;
        end else if (result_valid && result_ready) begin
            left <= left - 1'b1;
            waiting <= waiting >> 32;
        end

    // What the IP says of its calls is of no use here: the streams alone tell where frames begin and end.
    logic unused, done, idle, ready;
    assign unused = &{done, idle, ready};
    dtscnn ip (
        .ap_clk(clk),
        .ap_rst_n(!rst),
        .ap_start(1'b1),
        .ap_done(done),
        .ap_idle(idle),
        .ap_ready(ready),
        .${image}_TDATA(pixel_data),
        .${image}_TVALID(pixel_valid),
        .${image}_TREADY(pixel_ready),
        .${result}_TDATA(beat),
        .${result}_TVALID(beat_valid),
        .${result}_TREADY(beat_ready)
    );
endmodule
`default_nettype wire
