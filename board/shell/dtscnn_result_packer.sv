// Result words of the core to bus words, in packets as the frames came in.
//
// The results of a packet's frames follow each other as one array of 32-bit words, whatever the bus width. At 64 bits
// the first of two goes into the low half; where a packet has an odd number of words, TKEEP of its last beat is 0x0F.
// A bad frame's result is every score 0 and the label 0xFFFFFFFF.
//
// Timing: one cycle, one word a cycle. Contract: a frame's note (`note_*`, made when its last word came in) is waited
// for, and popped with the frame's label: a core may be done before the frame's last pixel. All stream outputs are
// registers. `frame_out` is high in the cycle in which the word with a frame's label is taken.
`default_nettype none
module dtscnn_result_packer #(
    parameter integer BUS_BITS = 32
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic note_bad,
    input  wire logic note_ends_packet,
    input  wire logic note_valid,
    output logic note_pop,
    input  wire logic [31:0] result_data,
    input  wire logic result_last,
    input  wire logic result_valid,
    output logic result_ready,
    output logic [BUS_BITS-1:0] m_axis_tdata,
    output logic [BUS_BITS/8-1:0] m_axis_tkeep,
    output logic m_axis_tlast,
    output logic m_axis_tvalid,
    input  wire logic m_axis_tready,
    output logic frame_out
);
    logic [31:0] word;
    logic take, ends_packet, room, out_label;

    assign word = note_bad ? {32{result_last}} : result_data;
    assign result_ready = note_valid && room;
    assign take = result_valid && result_ready;
    assign note_pop = take && result_last;
    assign ends_packet = result_last && note_ends_packet;
    assign frame_out = m_axis_tvalid && m_axis_tready && out_label;

    generate
        if (BUS_BITS == 32) begin : g_32
            assign m_axis_tkeep = 4'b1111;
            dtscnn_skid #(
                .BITS(34)
            ) output_buffer (
                .clk(clk),
                .rst(rst),
                .in_data({result_last, ends_packet, word}),
                .in_valid(take),
                .in_ready(room),
                .out_data({out_label, m_axis_tlast, m_axis_tdata}),
                .out_valid(m_axis_tvalid),
                .out_ready(m_axis_tready)
            );
        end else begin : g_64
            logic [31:0] low;
            logic low_held, low_is_label, out_whole;

            always_ff @(posedge clk) if (take && !low_held) low <= word;
            always_ff @(posedge clk)
                if (rst) begin
                    low_held <= 1'b0;
                    low_is_label <= 1'b0;
                end else if (take) begin
                    low_held <= !low_held && !ends_packet;
                    low_is_label <= !low_held && result_last;
                end

            assign m_axis_tkeep = {{4{out_whole}}, 4'b1111};
            dtscnn_skid #(
                .BITS(67)
            ) output_buffer (
                .clk(clk),
                .rst(rst),
                // A word alone stands in both halves; TKEEP names the low one.
                .in_data({result_last || low_is_label, ends_packet, low_held, word, low_held ? low : word}),
                .in_valid(take && (low_held || ends_packet)),
                .in_ready(room),
                .out_data({out_label, m_axis_tlast, out_whole, m_axis_tdata}),
                .out_valid(m_axis_tvalid),
                .out_ready(m_axis_tready)
            );
        end
    endgenerate
endmodule
`default_nettype wire
