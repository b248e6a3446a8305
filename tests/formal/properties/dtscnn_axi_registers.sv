// Spliced into dtscnn_axi_registers: what its head says, by the handshakes alone.
logic reset_once = 1'b0;
always_ff @(posedge aclk) reset_once <= 1'b1;
always_comb if (!reset_once) assume (!aresetn);

// A write is what its two channels brought; it takes effect once both did and no answer is open.
logic came_address, came_data, came_strobe, effect, came_read, answer;
logic [9:0] to, from;
logic [1:0] bits;
assign effect = came_address && came_data && !s_axi_lite_bvalid;
assign answer = came_read && !s_axi_lite_rvalid;
always_ff @(posedge aclk)
    if (!aresetn) {came_address, came_data, came_read} <= '0;
    else begin
        if (s_axi_lite_awvalid && s_axi_lite_awready) {came_address, to} <= {1'b1, s_axi_lite_awaddr[11:2]};
        else if (effect) came_address <= 1'b0;
        if (s_axi_lite_wvalid && s_axi_lite_wready) {came_data, came_strobe, bits} <= {1'b1, s_axi_lite_wstrb[0], s_axi_lite_wdata[1:0]};
        else if (effect) came_data <= 1'b0;
        if (s_axi_lite_arvalid && s_axi_lite_arready) {came_read, from} <= {1'b1, s_axi_lite_araddr[11:2]};
        else if (answer) came_read <= 1'b0;
    end
// What the counters are to be, and the high half of the cycles as it was when the low one was read.
logic cleared;
logic [31:0] high, in, out, last_latency, in_flight_cycles, bad;
assign cleared = effect && came_strobe && to == 10'h04 && bits[1];
always_ff @(posedge aclk) begin
    if (answer && from == 10'h09) high <= cycles[63:32];
    if (!aresetn || cleared) {in, out, last_latency, in_flight_cycles, bad} <= '0;
    else begin
        in <= in + 32'(frame_in);
        out <= out + 32'(frame_out);
        last_latency <= frame_out ? cycles[31:0] - frame_out_start : last_latency;
        in_flight_cycles <= in_flight_cycles + 32'(busy);
        bad <= bad + 32'(frame_in && frame_in_bad);
    end
end
logic latched = 1'b0;
always_ff @(posedge aclk) if (reset_once && answer && from == 10'h09) latched <= 1'b1;
logic [31:0] expected;
always_comb
    case (from)
        10'h00: expected = 32'h4E535444;
        10'h01: expected = 32'd1;
        10'h02: expected = BUILD_ID[31:0];
        10'h03: expected = BUILD_ID[63:32];
        10'h04: expected = {31'd0, resetting};
        10'h05: expected = {31'd0, busy};
        10'h06: expected = {30'd0, errors};
        10'h07: expected = in;
        10'h08: expected = out;
        10'h09: expected = cycles[31:0];
        10'h0A: expected = high;
        10'h0B: expected = last_latency;
        10'h0C: expected = FRAME_BYTES;
        10'h0D: expected = RESULT_WORDS;
        10'h0E: expected = in_flight_cycles;
        10'h0F: expected = bad;
        default: expected = '0;
    endcase

always_ff @(posedge aclk)
    if (reset_once) begin
        one_write_at_a_time: assert (s_axi_lite_awready == !came_address && s_axi_lite_wready == !came_data);
        one_read_at_a_time: assert (s_axi_lite_arready == !came_read);
        held_as_written: assert ((!came_address || write_address == to) && (!came_data || {write_strobe, write_bits} == {came_strobe, bits}));
        held_as_asked: assert (!came_read || read_address == from);
        resets_when_told: assert (soft_reset == (effect && came_strobe && to == 10'h04 && bits[0]));
        counters: assert ({frames_in, frames_out, latency, busy_cycles, bad_frames} == {in, out, last_latency, in_flight_cycles, bad});
        if (latched) latched_by_the_low_half: assert (cycles_high == high);
        okay: assert (s_axi_lite_bresp == '0 && s_axi_lite_rresp == '0 && now == cycles[31:0]);
    end
always_ff @(posedge aclk)
    if (reset_once && $past(reset_once) && $past(aresetn)) begin
        if ($past(effect)) answered: assert (s_axi_lite_bvalid);
        else written_once: assert (s_axi_lite_bvalid == $past(s_axi_lite_bvalid && !s_axi_lite_bready));
        if ($past(answer) && ($past(from) != 10'h0A || $past(latched))) read_value: assert (s_axi_lite_rvalid && s_axi_lite_rdata == $past(expected));
        if ($past(s_axi_lite_rvalid && !s_axi_lite_rready)) offered: assert (s_axi_lite_rvalid && s_axi_lite_rdata == $past(s_axi_lite_rdata));
        if (!$past(answer)) read_once: assert (s_axi_lite_rvalid == $past(s_axi_lite_rvalid && !s_axi_lite_rready));
        errors_stay_until_cleared: assert (errors == (($past(errors) & ~($past(effect && came_strobe && to == 10'h06) ? $past(bits) : 2'b00)) | $past({error_missing, error_ended})));
        counts: assert (cycles == $past(cycles) + 1'b1);
    end
always_ff @(posedge aclk)
    if (reset_once && $past(reset_once) && !$past(aresetn))
        closed_by_reset: assert (!s_axi_lite_bvalid && !s_axi_lite_rvalid && errors == '0 && cycles == '0);
always_ff @(posedge aclk) begin
    clears_what_counted: cover (reset_once && cleared && frames_in != '0);
    second_write_waits: cover (reset_once && came_address && came_data && s_axi_lite_bvalid);
end
