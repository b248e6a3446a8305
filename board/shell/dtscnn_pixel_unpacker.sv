// Bus words to pixels of CHANNELS bytes, little-endian: byte 0 of a word comes first, channel 0 of a pixel first.
//
// `word_last` marks a frame's last word: of it only the bytes that the frame needs count, so the next frame starts at
// a word of its own. Timing: one cycle from a word to its first pixel; one pixel a cycle, across words and frames, as
// far as the bus brings that many bytes. Contract: pixel_valid and pixel_data are registers and stay until taken.
`default_nettype none
module dtscnn_pixel_unpacker #(
    parameter integer BUS_BITS = 32,
    parameter integer FRAME_BYTES = 784,
    parameter integer CHANNELS = 1
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BUS_BITS-1:0] word_data,
    input  wire logic word_last,
    input  wire logic word_valid,
    output logic word_ready,
    output logic [8*CHANNELS-1:0] pixel_data,
    output logic pixel_valid,
    input  wire logic pixel_ready
);
    localparam integer WORD_BYTES = BUS_BITS / 8;
    localparam integer LAST_BYTES = (FRAME_BYTES - 1) % WORD_BYTES + 1;
    // Every fill of the store is a multiple of the greatest common divisor of a pixel and a word. A word is taken when
    // less than a pixel is left; so the store need hold no more than that and a word, and no barrel shifter is needed.
    localparam integer STEP = (WORD_BYTES == 8 && CHANNELS % 8 == 0) ? 8 : (CHANNELS % 4 == 0) ? 4
        : (CHANNELS % 2 == 0) ? 2 : 1;
    localparam integer LEFT_MOST = CHANNELS - STEP;
    localparam integer STORE_BYTES = LEFT_MOST + WORD_BYTES;
    localparam integer FILL_BITS = $clog2(STORE_BYTES + 1);
    localparam logic [FILL_BITS-1:0] PIXEL = FILL_BITS'(CHANNELS);

    logic [8*STORE_BYTES-1:0] store, next_store;
    logic [FILL_BITS-1:0] fill, left, next_fill;  // bytes
    logic take;
    integer place;

    assign pixel_data = store[8*CHANNELS-1:0];
    assign left = (pixel_valid && pixel_ready) ? fill - PIXEL : fill;
    assign word_ready = left <= FILL_BITS'(LEFT_MOST);
    assign take = word_valid && word_ready;
    assign next_fill = !take ? left : left + (word_last ? FILL_BITS'(LAST_BYTES) : FILL_BITS'(WORD_BYTES));

    always_comb begin
        next_store = (pixel_valid && pixel_ready) ? store >> (8 * CHANNELS) : store;
        for (place = 0; place <= LEFT_MOST; place = place + STEP)
            if (take && left == FILL_BITS'(place)) next_store[8*place+:BUS_BITS] = word_data;
    end
    always_ff @(posedge clk) store <= next_store;
    always_ff @(posedge clk)
        if (rst) begin
            fill <= '0;
            pixel_valid <= 1'b0;
        end else begin
            fill <= next_fill;
            pixel_valid <= next_fill >= PIXEL;
        end
endmodule
`default_nettype wire
