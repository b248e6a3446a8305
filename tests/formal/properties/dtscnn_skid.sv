// Spliced into dtscnn_skid: beside it a queue of what went in and has not come out.
logic reset_once = 1'b0;
always_ff @(posedge clk) reset_once <= 1'b1;
always_comb if (!reset_once) assume (rst);

logic [BITS-1:0] first, second;
logic [1:0] count;
logic comes, goes;
assign comes = in_valid && in_ready;
assign goes = out_valid && out_ready;
always_ff @(posedge clk)
    if (rst) count <= '0;
    else begin
        count <= count + 2'(comes) - 2'(goes);
        if (goes) first <= count == 2'd2 ? second : in_data;
        else if (count == '0) first <= in_data;
        if (comes) second <= in_data;
    end

always_ff @(posedge clk)
    if (reset_once) begin
        none_lost_or_doubled: assert (count == 2'(out_valid) + 2'(spare_valid));
        first_comes_first: assert (out_valid || !spare_valid);
        no_overflow: assert (!(in_ready && spare_valid));
        if (out_valid) as_written: assert (out_data == first);
        if (spare_valid) kept: assert (spare == second);
    end
always_ff @(posedge clk)
    if (reset_once && $past(reset_once)) begin
        if (!$past(rst) && $past(out_valid && !out_ready)) offered: assert (out_valid && out_data == $past(out_data));
        if ($past(rst)) closed_after_reset: assert (!in_ready && !out_valid);
        if (!$past(rst)) open_while_a_place_is_free: assert (in_ready == !spare_valid);
        // Ready again at the latest in the cycle after a beat has gone.
        if (!$past(rst) && $past(goes)) open_again: assert (in_ready);
    end
always_ff @(posedge clk) begin
    filled: cover (reset_once && spare_valid);
    stream: cover (reset_once && comes && goes && $past(comes && goes));
end
