// Spliced into dt_result, whose writer waits until it is free: beside it the scores as they came.
logic reset_once = 1'b0;
always_ff @(posedge clk) reset_once <= 1'b1;
always_comb begin
    if (!reset_once) assume (rst);
    if (scores_valid) assume (scores_free);
end

logic [CLASSES*SCORE_BITS-1:0] came;
always_ff @(posedge clk) if (scores_valid) came <= scores;
(* anyconst *) logic [COUNT_BITS-1:0] any;  // a class
logic signed [SCORE_BITS-1:0] any_score, label_score, now_score;
assign any_score = came[any*SCORE_BITS+:SCORE_BITS];
assign label_score = came[label*SCORE_BITS+:SCORE_BITS];
assign now_score = came[count*SCORE_BITS+:SCORE_BITS];
always_comb assume (any < COUNT_BITS'(CLASSES));

always_ff @(posedge clk)
    if (reset_once && result_valid) begin
        words_of_a_result: assert (count <= COUNT_BITS'(CLASSES) && result_last == (count == COUNT_BITS'(CLASSES)));
        what_waits: assert (waiting == came >> (count * SCORE_BITS));
        if (!result_last) score_in_its_place: assert ($signed(result_data) == 32'(now_score));
        if (count != '0) begin
            best_so_far: assert (label < count && best == label_score);
            if (any < count) first_maximum: assert (any_score < best || (any_score == best && any >= label));
        end
        if (result_last) the_label: assert (result_data == 32'(label));
    end
always_ff @(posedge clk)
    if (reset_once && $past(reset_once) && !$past(rst)) begin
        if ($past(result_valid && !result_ready)) offered: assert (result_valid && result_data == $past(result_data) && result_last == $past(result_last));
        if ($past(scores_valid)) starts: assert (result_valid && count == '0);
        if ($past(result_valid && result_ready && result_last)) free_after_the_last: assert (scores_free);
        if ($past(result_valid && result_ready && !result_last)) next_word: assert (result_valid && count == $past(count) + 1'b1);
    end
always_ff @(posedge clk) ends: cover (reset_once && result_valid && result_last && label == COUNT_BITS'(CLASSES - 1));
