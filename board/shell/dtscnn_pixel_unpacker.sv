// Bus words to beats of PIXELS pixels of a row, CHANNELS bytes each: byte 0 of a word comes first, channel 0 of a pixel first.
//
// A row of WIDTH pixels ends in a beat of which only the first pixels count, where PIXELS does not divide it. `word_last`
// marks a frame's last word: of it only the bytes that the frame needs count, so the next frame starts at a word of its
// own. Timing: one cycle from a word to its first beat; one beat a cycle, across words, rows and frames, as far as the bus
// brings that many bytes. Contract: pixel_valid and the pixels that count are registers and stay until taken.
`default_nettype none
module dtscnn_pixel_unpacker #(
    parameter integer BUS_BITS = 32,
    parameter integer FRAME_BYTES = 784,
    parameter integer WIDTH = 28,
    parameter integer CHANNELS = 1,
    parameter integer PIXELS = 1
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BUS_BITS-1:0] word_data,
    input  wire logic word_last,
    input  wire logic word_valid,
    output logic word_ready,
    output logic [8*CHANNELS*PIXELS-1:0] pixel_data,
    output logic pixel_valid,
    input  wire logic pixel_ready
);
    localparam integer WORD_BYTES = BUS_BITS / 8;
    localparam integer LAST_BYTES = (FRAME_BYTES - 1) % WORD_BYTES + 1;
    localparam integer BEAT_BYTES = CHANNELS * PIXELS;
    // Beats of a row, and the bytes of its last one.
    localparam integer ROW = (WIDTH + PIXELS - 1) / PIXELS;
    localparam integer REST_BYTES = CHANNELS * (WIDTH - (ROW - 1) * PIXELS);
    localparam integer COLUMN_BITS = ROW > 1 ? $clog2(ROW) : 1;
    // Every fill of the store is a multiple of the greatest power of two that divides beats and words. A word is taken
    // when less than a beat is left; so the store need hold no more than that and a word, and no barrel shifter is needed.
    localparam integer ODD = BEAT_BYTES | REST_BYTES | WORD_BYTES;
    localparam integer STEP = ODD & -ODD;
    localparam integer LEFT_MOST = BEAT_BYTES - STEP;
    localparam integer STORE_BYTES = LEFT_MOST + WORD_BYTES;
    localparam integer FILL_BITS = $clog2(STORE_BYTES + 1);

    logic [8*STORE_BYTES-1:0] store, after_beat, next_store;
    logic [FILL_BITS-1:0] fill, left, next_fill, beat_bytes, next_beat_bytes;
    logic take, give;
    integer place;

    assign pixel_data = store[8*BEAT_BYTES-1:0];
    assign give = pixel_valid && pixel_ready;
    assign left = give ? fill - beat_bytes : fill;
    assign word_ready = left <= FILL_BITS'(LEFT_MOST);
    assign take = word_valid && word_ready;
    assign next_fill = !take ? left : left + (word_last ? FILL_BITS'(LAST_BYTES) : FILL_BITS'(WORD_BYTES));

    // The bytes of the beat that the store begins with, and of the one after this cycle.
    generate
        if (REST_BYTES == BEAT_BYTES) begin : g_whole
            assign beat_bytes = FILL_BITS'(BEAT_BYTES);
            assign next_beat_bytes = beat_bytes;
            assign after_beat = store >> (8 * BEAT_BYTES);
        end else begin : g_rows
            logic [COLUMN_BITS-1:0] column, next_column;
            logic rest;
            assign rest = column == COLUMN_BITS'(ROW - 1);
            assign next_column = !give ? column : rest ? '0 : column + 1'b1;
            assign beat_bytes = rest ? FILL_BITS'(REST_BYTES) : FILL_BITS'(BEAT_BYTES);
            assign next_beat_bytes =
                next_column == COLUMN_BITS'(ROW - 1) ? FILL_BITS'(REST_BYTES) : FILL_BITS'(BEAT_BYTES);
            assign after_beat = rest ? store >> (8 * REST_BYTES) : store >> (8 * BEAT_BYTES);
            always_ff @(posedge clk) column <= rst ? '0 : next_column;
        end
    endgenerate

    always_comb begin
        next_store = give ? after_beat : store;
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
            pixel_valid <= next_fill >= next_beat_bytes;
        end
endmodule
`default_nettype wire
