// The IP that Vitis HLS makes of the project beside this file, with the ports that the shell expects of a core.
//
// The IP's streams carry whole beats: a pixel of ${channels} bytes in, ${classes} scores and the label, 32 bits each, out. The
// result goes on word by word, lowest first. Reset is synchronous.
//
// The IP is asked to start (ap_start) once for each frame, when the frame's first pixel is there, and until it has taken the
// call (ap_ready). Were it asked without a pause, its processes would begin a frame that may never come and, where their
// pipelines stall instead of flushing, wait for its first pixel with the last results of the frame before inside them.
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

    localparam integer PIXELS = ${pixels};
    localparam integer PIXEL_BITS = PIXELS == 1 ? 1 : $$clog2(PIXELS);

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

    // under_way: the frame whose pixels are at the pins is counted in `due`, the frames that the IP is still to be started for.
    // The shell has at most 16 frames under way.
    logic under_way, begins, takes, last_pixel, ready;
    logic [PIXEL_BITS-1:0] pixel;
    logic [4:0] due;
    assign takes = pixel_valid && pixel_ready;
    assign last_pixel = pixel == PIXEL_BITS'(PIXELS - 1);
    assign begins = pixel_valid && !under_way;

    always_ff @(posedge clk)
        if (rst) begin
            under_way <= 1'b0;
            pixel <= '0;
            due <= '0;
        end else begin
            under_way <= (under_way || begins) && !(takes && last_pixel);
            if (takes) pixel <= last_pixel ? '0 : pixel + 1'b1;
            due <= due + 5'(begins) - 5'(ready && due != '0);
        end

    logic unused, done, idle;  // the streams tell where results end
    assign unused = &{done, idle};
    dtscnn ip (
        .ap_clk(clk),
        .ap_rst_n(!rst),
        .ap_start(due != '0),
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
