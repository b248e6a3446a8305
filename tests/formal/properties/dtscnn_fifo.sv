// Spliced into dtscnn_fifo, whose users push only while there is room and pop only what is there.
logic reset_once = 1'b0;
always_ff @(posedge clk) reset_once <= 1'b1;
always_comb begin
    if (!reset_once) assume (rst);
    if (push) assume (room);
    if (pop) assume (out_valid);
end
logic [ADDRESS_BITS:0] fill;
assign fill = written - taken;

// Any one note, followed from its write to its read.
(* anyconst *) logic [ADDRESS_BITS:0] place;
logic followed;
logic [BITS-1:0] note;
always_ff @(posedge clk)
    if (rst) followed <= 1'b0;
    else if (push && written == place) begin
        followed <= 1'b1;
        note <= in_data;
    end else if (pop && taken == place) followed <= 1'b0;

always_ff @(posedge clk)
    if (reset_once) begin
        none_lost_or_doubled: assert (fill <= (ADDRESS_BITS + 1)'(DEPTH));
        room_until_full: assert (room == (fill != (ADDRESS_BITS + 1)'(DEPTH)));
        valid_while_filled: assert (out_valid == (fill != '0));
        if (followed) begin
            kept: assert (memory[place[ADDRESS_BITS-1:0]] == note && (ADDRESS_BITS + 1)'(place - taken) < fill);
            if (taken == place) as_written: assert (out_valid && out_data == note);
        end
    end
always_ff @(posedge clk)
    if (reset_once && $past(reset_once) && !$past(rst) && $past(out_valid && !pop))
        offered: assert (out_valid && out_data == $past(out_data));
always_ff @(posedge clk) filled: cover (reset_once && !room);
