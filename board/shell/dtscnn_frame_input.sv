// Cuts the input stream into frames and judges each: whole, or ended too early, or with holes in TKEEP.
//
// A frame is FRAME_BYTES bytes, padded to whole bus words; a packet holds one or more. TLAST on any other word than a
// frame's last ends the packet inside that frame: the rest of the frame is made up of zero words, at one a cycle, so
// what follows always sees whole frames. TKEEP counts for needed bytes alone, not for the padding.
//
// Timing: no delay; TREADY comes of registers only (the buffer's behind this module, the word count, `frame_room`).
// Contract: `frame_done` is high for the one cycle in which a frame's last word leaves, with `frame_bad` and
// `frame_ends_packet`; it waits for `frame_room`. `frame_begins` is high in the cycle in which TVALID and TREADY pass
// the frame's first word. `error_ended` and `error_missing` are high in the cycle of the word that shows the error.
`default_nettype none
module dtscnn_frame_input #(
    parameter integer BUS_BITS = 32,
    parameter integer FRAME_BYTES = 784
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BUS_BITS-1:0] s_axis_tdata,
    input  wire logic [BUS_BITS/8-1:0] s_axis_tkeep,
    input  wire logic s_axis_tlast,
    input  wire logic s_axis_tvalid,
    output logic s_axis_tready,
    output logic [BUS_BITS-1:0] word_data,
    output logic word_last,
    output logic word_valid,
    input  wire logic word_ready,
    input  wire logic frame_room,
    output logic frame_begins,
    output logic frame_done,
    output logic frame_bad,
    output logic frame_ends_packet,
    output logic receiving,
    output logic error_ended,
    output logic error_missing
);
    localparam integer WORD_BYTES = BUS_BITS / 8;
    localparam integer FRAME_WORDS = (FRAME_BYTES + WORD_BYTES - 1) / WORD_BYTES;
    localparam integer LAST_BYTES = FRAME_BYTES - (FRAME_WORDS - 1) * WORD_BYTES;
    localparam integer COUNT_BITS = FRAME_WORDS > 1 ? $clog2(FRAME_WORDS) : 1;
    localparam logic [WORD_BYTES-1:0] LAST_KEEP = {WORD_BYTES{1'b1}} >> (WORD_BYTES - LAST_BYTES);
    localparam logic [COUNT_BITS-1:0] FIRST_COUNT = COUNT_BITS'(FRAME_WORDS - 1);

    logic [COUNT_BITS-1:0] words_after;  // words of this frame after the one now waited for
    logic filling, spoilt, may_pass, take, missing;

    assign word_last = words_after == '0;
    assign may_pass = frame_room || !word_last;
    assign s_axis_tready = word_ready && !filling && may_pass;
    assign word_valid = (filling || s_axis_tvalid) && may_pass;
    assign word_data = filling ? '0 : s_axis_tdata;
    assign take = word_valid && word_ready;

    assign missing = (~s_axis_tkeep & (word_last ? LAST_KEEP : {WORD_BYTES{1'b1}})) != '0;
    assign error_missing = take && !filling && missing;
    assign error_ended = take && !filling && s_axis_tlast && !word_last;
    assign frame_begins = take && !receiving;
    assign frame_done = take && word_last;
    assign frame_bad = spoilt || (!filling && missing);
    assign frame_ends_packet = filling || s_axis_tlast;

    always_ff @(posedge clk)
        if (rst) begin
            words_after <= FIRST_COUNT;
            receiving <= 1'b0;
            filling <= 1'b0;
            spoilt <= 1'b0;
        end else if (take) begin
            words_after <= word_last ? FIRST_COUNT : words_after - 1'b1;
            receiving <= !word_last;
            filling <= !word_last && (filling || s_axis_tlast);
            spoilt <= !word_last && (spoilt || error_missing || error_ended);
        end
endmodule
`default_nettype wire
