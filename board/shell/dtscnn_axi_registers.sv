// AXI4-Lite registers of the shell: who it is, what it did, and a way to reset it.
//
//   address  name             access  meaning
//   0x00     MAGIC            RO      0x4E535444, "DTSN" in little-endian bytes
//   0x04     VERSION          RO      1: version of this map
//   0x08     BUILD_ID_LOW     RO      low 32 bits of the build ID
//   0x0C     BUILD_ID_HIGH    RO      high 32 bits of the build ID
//   0x10     CONTROL          RW      bit 0: soft reset, reads 1 while it lasts; bit 1: clear the counters, reads 0
//   0x14     STATUS           RO      bit 0: a frame is in flight
//   0x18     ERRORS           W1C     bit 0: a packet ended inside a frame; bit 1: TKEEP lacked a needed byte
//   0x1C     FRAMES_IN        RO      frames received in full, bad ones included
//   0x20     FRAMES_OUT       RO      results delivered in full
//   0x24     CYCLES_LOW       RO      clock cycles since aresetn; reading it latches CYCLES_HIGH
//   0x28     CYCLES_HIGH      RO      high 32 bits of the cycles when CYCLES_LOW was last read
//   0x2C     LATENCY          RO      cycles from a frame's first word to its last result word, last frame delivered
//   0x30     FRAME_BYTES      RO      bytes of a frame, without the padding to whole bus words
//   0x34     RESULT_WORDS     RO      32-bit words of a result: one score a class, and the label
//   0x38     BUSY_CYCLES      RO      cycles in which a frame was in flight
//   0x3C     BAD_FRAMES       RO      bad ones among FRAMES_IN
//
// FRAMES_IN, FRAMES_OUT, LATENCY, BUSY_CYCLES and BAD_FRAMES are the counters: CONTROL bit 1 and aresetn clear them, a
// soft reset leaves them and ERRORS to be read afterwards. They wrap at 2^32. CYCLES counts on through both.
// Other addresses read 0, writes to them and to read-only registers change nothing; every answer is OKAY.
//
// Timing: two cycles from the later of address and data to bvalid, two from the read address to rvalid; one write and
// one read at a time. Contract: address and data of a write come in any order; only byte 0 of a write has any effect,
// and only with its WSTRB. An error that comes in the cycle it is cleared stays. All outputs come of registers alone.
`default_nettype none
module dtscnn_axi_registers #(
    parameter integer FRAME_BYTES = 784,
    parameter integer RESULT_WORDS = 11,
    parameter logic [63:0] BUILD_ID = 64'd0
) (
    input  wire logic aclk,
    input  wire logic aresetn,
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
    input  wire logic s_axi_lite_rready,
    output logic soft_reset,
    input  wire logic resetting,
    input  wire logic busy,
    input  wire logic frame_in,
    input  wire logic frame_in_bad,
    input  wire logic frame_out,
    input  wire logic [31:0] frame_out_start,
    input  wire logic error_ended,
    input  wire logic error_missing,
    output logic [31:0] now
);
    localparam logic [9:0] CONTROL = 10'h04;  // word addresses
    localparam logic [9:0] ERRORS = 10'h06;
    localparam logic [9:0] CYCLES_LOW = 10'h09;

    logic [9:0] write_address, read_address;
    logic [1:0] write_bits;
    logic write_strobe, address_held, data_held, write, read_held, read, clear;
    logic [63:0] cycles;
    logic [31:0] cycles_high, frames_in, frames_out, latency, busy_cycles, bad_frames, value;
    logic [1:0] errors, errors_cleared;

    // Only byte 0 of a write has bits that do anything, and a byte address within a word is none.
    /* verilator lint_off UNUSEDSIGNAL */
    logic unused;
    /* verilator lint_on UNUSEDSIGNAL */
    assign unused = ^{s_axi_lite_wdata[31:2], s_axi_lite_wstrb[3:1], s_axi_lite_awaddr[1:0], s_axi_lite_araddr[1:0]};

    assign s_axi_lite_awready = !address_held;
    assign s_axi_lite_wready = !data_held;
    assign s_axi_lite_arready = !read_held;
    assign s_axi_lite_bresp = 2'b00;
    assign s_axi_lite_rresp = 2'b00;
    assign now = cycles[31:0];

    assign write = address_held && data_held && !s_axi_lite_bvalid;
    assign read = read_held && !s_axi_lite_rvalid;
    assign soft_reset = write && write_strobe && write_address == CONTROL && write_bits[0];
    assign clear = write && write_strobe && write_address == CONTROL && write_bits[1];
    assign errors_cleared = (write && write_strobe && write_address == ERRORS) ? write_bits : 2'b00;

    always_comb
        case (read_address)
            10'h00: value = 32'h4E535444;
            10'h01: value = 32'd1;
            10'h02: value = BUILD_ID[31:0];
            10'h03: value = BUILD_ID[63:32];
            CONTROL: value = {31'd0, resetting};
            10'h05: value = {31'd0, busy};
            ERRORS: value = {30'd0, errors};
            10'h07: value = frames_in;
            10'h08: value = frames_out;
            CYCLES_LOW: value = cycles[31:0];
            10'h0A: value = cycles_high;
            10'h0B: value = latency;
            10'h0C: value = FRAME_BYTES;
            10'h0D: value = RESULT_WORDS;
            10'h0E: value = busy_cycles;
            10'h0F: value = bad_frames;
            default: value = 32'd0;
        endcase

    always_ff @(posedge aclk) begin
        if (s_axi_lite_awready) write_address <= s_axi_lite_awaddr[11:2];
        if (s_axi_lite_wready) {write_strobe, write_bits} <= {s_axi_lite_wstrb[0], s_axi_lite_wdata[1:0]};
        if (s_axi_lite_arready) read_address <= s_axi_lite_araddr[11:2];
        if (read) s_axi_lite_rdata <= value;
        if (read && read_address == CYCLES_LOW) cycles_high <= cycles[63:32];
    end
    always_ff @(posedge aclk)
        if (!aresetn) begin
            address_held <= 1'b0;
            data_held <= 1'b0;
            read_held <= 1'b0;
            s_axi_lite_bvalid <= 1'b0;
            s_axi_lite_rvalid <= 1'b0;
            errors <= 2'b00;
            cycles <= 64'd0;
        end else begin
            address_held <= address_held ? !write : s_axi_lite_awvalid;
            data_held <= data_held ? !write : s_axi_lite_wvalid;
            read_held <= read_held ? !read : s_axi_lite_arvalid;
            s_axi_lite_bvalid <= write || (s_axi_lite_bvalid && !s_axi_lite_bready);
            s_axi_lite_rvalid <= read || (s_axi_lite_rvalid && !s_axi_lite_rready);
            errors <= (errors & ~errors_cleared) | {error_missing, error_ended};
            cycles <= cycles + 1'b1;
        end
    always_ff @(posedge aclk)
        if (!aresetn || clear) begin
            frames_in <= 32'd0;
            frames_out <= 32'd0;
            latency <= 32'd0;
            busy_cycles <= 32'd0;
            bad_frames <= 32'd0;
        end else begin
            if (frame_in) frames_in <= frames_in + 1'b1;
            if (frame_out) frames_out <= frames_out + 1'b1;
            if (frame_out) latency <= now - frame_out_start;
            if (busy) busy_cycles <= busy_cycles + 1'b1;
            if (frame_in && frame_in_bad) bad_frames <= bad_frames + 1'b1;
        end
endmodule
`default_nettype wire
