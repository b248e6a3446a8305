// Shell around `dtscnn_core`, the same for either target: AXI4-Stream in and out, AXI4-Lite registers.
//
// Input: packets of whole frames; a frame is HEIGHT x WIDTH pixels of CHANNELS bytes in raster order, padded to whole
// words. Output: as many results in one packet, each CLASSES int32 scores and the label. A packet that ends inside a
// frame, or a needed byte without TKEEP, spoils that frame alone: its result is delivered, every score 0 and the label
// 0xFFFFFFFF, ERRORS says which, and the next frame is right again.
//
// Timing: PIXELS pixels of a row a cycle within and across frames, as far as the bus brings that many bytes and the core
// takes them, and at a row's end what is left of it; two cycles from an input word to its first pixels, one from a result word to the output. At most
// FRAMES_IN_FLIGHT frames are under way, then TREADY waits.
// Contract: no combinational path from one interface to another. A soft reset clears frames under way, in the core
// too, and withdraws a word on offer: reset the DMA along with it. It lasts 16 cycles; the next word is a frame's first.
`default_nettype none
module dtscnn_shell #(
    parameter integer BUS_BITS = 32,
    parameter integer HEIGHT = 28,
    parameter integer WIDTH = 28,
    parameter integer CHANNELS = 1,
    parameter integer PIXELS = 1,
    parameter integer CLASSES = 10,
    parameter logic [63:0] BUILD_ID = 64'd0
) (
    input  wire logic aclk,
    input  wire logic aresetn,
    input  wire logic [BUS_BITS-1:0] s_axis_tdata,
    input  wire logic [BUS_BITS/8-1:0] s_axis_tkeep,
    input  wire logic s_axis_tlast,
    input  wire logic s_axis_tvalid,
    output logic s_axis_tready,
    output logic [BUS_BITS-1:0] m_axis_tdata,
    output logic [BUS_BITS/8-1:0] m_axis_tkeep,
    output logic m_axis_tlast,
    output logic m_axis_tvalid,
    input  wire logic m_axis_tready,
    input  wire logic [11:0] s_axi_lite_awaddr,
    input  wire logic s_axi_lite_awvalid,
    output logic s_axi_lite_awready,
    input  wire logic [31:0] s_axi_lite_wdata,
    input  wire logic [3:0] s_axi_lite_wstrb,
    input  wire logic s_axi_lite_wvalid,
    output logic s_axi_lite_wready,
    output logic [1:0] s_axi_lite_bresp,
    output logic s_axi_lite_bvalid,
    input  wire logic s_axi_lite_bready,
    input  wire logic [11:0] s_axi_lite_araddr,
    input  wire logic s_axi_lite_arvalid,
    output logic s_axi_lite_arready,
    output logic [31:0] s_axi_lite_rdata,
    output logic [1:0] s_axi_lite_rresp,
    output logic s_axi_lite_rvalid,
    input  wire logic s_axi_lite_rready
);
    localparam integer FRAME_BYTES = HEIGHT * WIDTH * CHANNELS;
    localparam integer RESULT_WORDS = CLASSES + 1;
    localparam integer FRAMES_IN_FLIGHT = 16;

    logic soft_reset, rst;
    logic [3:0] reset_left;
    logic [BUS_BITS-1:0] word_data, buffered_data;
    logic word_last, word_valid, word_ready, buffered_last, buffered_valid, buffered_ready;
    logic [8*CHANNELS*PIXELS-1:0] pixel_data;
    logic pixel_valid, pixel_ready;
    logic [31:0] result_data;
    logic result_last, result_valid, result_ready;
    logic frame_room, frame_begins, frame_done, frame_bad, frame_ends_packet, frame_out, in_flight, receiving;
    logic error_ended, error_missing;
    logic note_bad, note_ends_packet, note_valid, note_pop;
    logic [31:0] now, began, oldest_start;

    always_ff @(posedge aclk)
        if (!aresetn || soft_reset) begin
            rst <= 1'b1;
            reset_left <= 4'd15;
        end else begin
            rst <= reset_left != 4'd0;
            if (reset_left != 4'd0) reset_left <= reset_left - 1'b1;
        end

    dtscnn_axi_registers #(
        .FRAME_BYTES(FRAME_BYTES),
        .RESULT_WORDS(RESULT_WORDS),
        .BUILD_ID(BUILD_ID)
    ) registers (
        .aclk(aclk),
        .aresetn(aresetn),
        .s_axi_lite_awaddr(s_axi_lite_awaddr),
        .s_axi_lite_awvalid(s_axi_lite_awvalid),
        .s_axi_lite_awready(s_axi_lite_awready),
        .s_axi_lite_wdata(s_axi_lite_wdata),
        .s_axi_lite_wstrb(s_axi_lite_wstrb),
        .s_axi_lite_wvalid(s_axi_lite_wvalid),
        .s_axi_lite_wready(s_axi_lite_wready),
        .s_axi_lite_bresp(s_axi_lite_bresp),
        .s_axi_lite_bvalid(s_axi_lite_bvalid),
        .s_axi_lite_bready(s_axi_lite_bready),
        .s_axi_lite_araddr(s_axi_lite_araddr),
        .s_axi_lite_arvalid(s_axi_lite_arvalid),
        .s_axi_lite_arready(s_axi_lite_arready),
        .s_axi_lite_rdata(s_axi_lite_rdata),
        .s_axi_lite_rresp(s_axi_lite_rresp),
        .s_axi_lite_rvalid(s_axi_lite_rvalid),
        .s_axi_lite_rready(s_axi_lite_rready),
        .soft_reset(soft_reset),
        .resetting(rst),
        .busy(receiving || in_flight),
        .frame_in(frame_done && !rst),
        .frame_in_bad(frame_bad),
        .frame_out(frame_out && !rst),
        .frame_out_start(oldest_start),
        .error_ended(error_ended && !rst),
        .error_missing(error_missing && !rst),
        .now(now)
    );

    dtscnn_frame_input #(
        .BUS_BITS(BUS_BITS),
        .FRAME_BYTES(FRAME_BYTES)
    ) frame_input (
        .clk(aclk),
        .rst(rst),
        .s_axis_tdata(s_axis_tdata),
        .s_axis_tkeep(s_axis_tkeep),
        .s_axis_tlast(s_axis_tlast),
        .s_axis_tvalid(s_axis_tvalid),
        .s_axis_tready(s_axis_tready),
        .word_data(word_data),
        .word_last(word_last),
        .word_valid(word_valid),
        .word_ready(word_ready),
        .frame_room(frame_room),
        .frame_begins(frame_begins),
        .frame_done(frame_done),
        .frame_bad(frame_bad),
        .frame_ends_packet(frame_ends_packet),
        .receiving(receiving),
        .error_ended(error_ended),
        .error_missing(error_missing)
    );

    dtscnn_skid #(
        .BITS(BUS_BITS + 1)
    ) input_buffer (
        .clk(aclk),
        .rst(rst),
        .in_data({word_last, word_data}),
        .in_valid(word_valid),
        .in_ready(word_ready),
        .out_data({buffered_last, buffered_data}),
        .out_valid(buffered_valid),
        .out_ready(buffered_ready)
    );

    dtscnn_pixel_unpacker #(
        .BUS_BITS(BUS_BITS),
        .FRAME_BYTES(FRAME_BYTES),
        .WIDTH(WIDTH),
        .CHANNELS(CHANNELS),
        .PIXELS(PIXELS)
    ) pixel_unpacker (
        .clk(aclk),
        .rst(rst),
        .word_data(buffered_data),
        .word_last(buffered_last),
        .word_valid(buffered_valid),
        .word_ready(buffered_ready),
        .pixel_data(pixel_data),
        .pixel_valid(pixel_valid),
        .pixel_ready(pixel_ready)
    );

    dtscnn_core core (
        .clk(aclk),
        .rst(rst),
        .pixel_data(pixel_data),
        .pixel_valid(pixel_valid),
        .pixel_ready(pixel_ready),
        .result_data(result_data),
        .result_last(result_last),
        .result_valid(result_valid),
        .result_ready(result_ready)
    );

    // Two notes of each frame go beside the core: how to deliver it, gone with its label; and when it began, gone only
    // when the label is taken. So the second is never behind the first, and its room bounds both.
    /* verilator lint_off UNUSEDSIGNAL */
    logic notes_room;  // always there where frame_room is: the notes never outnumber the starts
    /* verilator lint_on UNUSEDSIGNAL */
    dtscnn_fifo #(
        .BITS(2),
        .DEPTH(FRAMES_IN_FLIGHT)
    ) notes (
        .clk(aclk),
        .rst(rst),
        .in_data({frame_bad, frame_ends_packet}),
        .push(frame_done),
        .room(notes_room),
        .out_data({note_bad, note_ends_packet}),
        .out_valid(note_valid),
        .pop(note_pop)
    );

    always_ff @(posedge aclk) if (frame_begins) began <= now;
    dtscnn_fifo #(
        .BITS(32),
        .DEPTH(FRAMES_IN_FLIGHT)
    ) starts (
        .clk(aclk),
        .rst(rst),
        .in_data(frame_begins ? now : began),
        .push(frame_done),
        .room(frame_room),
        .out_data(oldest_start),
        .out_valid(in_flight),
        .pop(frame_out)
    );

    dtscnn_result_packer #(
        .BUS_BITS(BUS_BITS)
    ) result_packer (
        .clk(aclk),
        .rst(rst),
        .note_bad(note_bad),
        .note_ends_packet(note_ends_packet),
        .note_valid(note_valid),
        .note_pop(note_pop),
        .result_data(result_data),
        .result_last(result_last),
        .result_valid(result_valid),
        .result_ready(result_ready),
        .m_axis_tdata(m_axis_tdata),
        .m_axis_tkeep(m_axis_tkeep),
        .m_axis_tlast(m_axis_tlast),
        .m_axis_tvalid(m_axis_tvalid),
        .m_axis_tready(m_axis_tready),
        .frame_out(frame_out)
    );

    generate
        if ((BUS_BITS != 32 && BUS_BITS != 64) || CHANNELS < 1 || PIXELS < 1) begin : g_refused
            // Elaboration stops here.
            dtscnn_shell_takes_32_or_64_bits_and_pixels_of_a_channel_or_more refused ();
        end
    endgenerate
endmodule
`default_nettype wire
