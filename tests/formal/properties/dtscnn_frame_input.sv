// Spliced into dtscnn_frame_input: beside it the place in the frame, by what passes alone.
logic reset_once = 1'b0;
always_ff @(posedge clk) reset_once <= 1'b1;
always_comb if (!reset_once) assume (rst);

logic [COUNT_BITS:0] place;  // of the word that is waited for
logic ended, bad, comes, passes, last, lacking;
assign last = place == (COUNT_BITS + 1)'(FRAME_WORDS - 1);
assign comes = s_axis_tvalid && s_axis_tready;
assign passes = word_valid && word_ready;
logic [WORD_BYTES-1:0] lacks;
for (genvar b = 0; b < WORD_BYTES; b = b + 1)
    assign lacks[b] = !s_axis_tkeep[b] && 32'(place) * WORD_BYTES + b < FRAME_BYTES;
assign lacking = |lacks;
always_ff @(posedge clk)
    if (rst) begin
        place <= '0;
        {ended, bad} <= '0;
    end else if (passes) begin
        place <= last ? '0 : place + 1'b1;
        ended <= !last && (ended || s_axis_tlast);
        bad <= !last && (bad || (!ended && (lacking || s_axis_tlast)));
    end

always_ff @(posedge clk)
    if (reset_once) begin
        within: assert (32'(place) < FRAME_WORDS && 32'(words_after) == FRAME_WORDS - 1 - 32'(place));
        held: assert (filling == ended && spoilt == bad && receiving == (place != '0));
        ready: assert (s_axis_tready == (word_ready && !ended && (frame_room || !last)));
        offered: assert (word_valid == ((ended || s_axis_tvalid) && (frame_room || !last)));
        as_it_came: assert (word_data == (ended ? '0 : s_axis_tdata) && word_last == last);
        begins: assert (frame_begins == (passes && place == '0));
        done: assert (frame_done == (passes && last));
        if (passes && last) judged: assert (frame_bad == (bad || (!ended && lacking)) && frame_ends_packet == (ended || s_axis_tlast));
        ended_inside: assert (error_ended == (comes && s_axis_tlast && !last));
        missing_byte: assert (error_missing == (comes && lacking));
    end
always_ff @(posedge clk) begin
    whole: cover (reset_once && frame_done && !frame_bad);
    spoiled: cover (reset_once && frame_done && frame_bad && (ended || FRAME_WORDS == 1));
end
