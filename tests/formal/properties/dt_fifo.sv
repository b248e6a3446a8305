// Spliced into dt_fifo. Its writer: pipelines that start a beat while there is room, with at most RESERVE started before it.
logic reset_once = 1'b0;
always_ff @(posedge clk) reset_once <= 1'b1;
always_comb if (!reset_once) assume (rst);

(* anyseq *) logic start;
logic [SPACE_BITS:0] under_way, fill, free;
assign fill = {1'b0, SPACE_BITS'(EMPTY - space)};
assign free = (SPACE_BITS + 1)'(DEPTH) - fill;
always_ff @(posedge clk)
    if (rst) under_way <= '0;
    else under_way <= under_way + (SPACE_BITS + 1)'(start) - (SPACE_BITS + 1)'(in_valid);
always_comb begin
    if (start) assume (room && under_way <= (SPACE_BITS + 1)'(RESERVE));
    if (in_valid) assume (under_way != '0);
end

// Any one beat, followed from its write to its read.
(* anyconst *) logic [ADDRESS_BITS-1:0] place;
(* anyseq *) logic follow;
logic followed, goes;
assign goes = out_valid && out_ready;
logic [BITS-1:0] beat;
logic [ADDRESS_BITS-1:0] before;
assign before = place - read_address;
always_ff @(posedge clk)
    if (rst) followed <= 1'b0;
    else if (in_valid && write_address == place && !followed && follow) begin
        followed <= 1'b1;
        beat <= in_data;
    end else if (goes && read_address == place) followed <= 1'b0;

always_ff @(posedge clk)
    if (reset_once) begin
        no_overflow: assert (!in_valid || fill < (SPACE_BITS + 1)'(DEPTH));
        place_for_all: assert (free >= under_way && under_way <= (SPACE_BITS + 1)'(RESERVE + 1));
        none_lost_or_doubled: assert (fill <= (SPACE_BITS + 1)'(DEPTH) && fill[ADDRESS_BITS-1:0] == ADDRESS_BITS'(write_address - read_address));
        valid_while_filled: assert (out_valid == (fill != '0));
        if (followed) begin
            kept: assert (memory[place] == beat && (SPACE_BITS + 1)'(before) < fill);
            if (read_address == place) as_written: assert (out_valid && out_data == beat);
        end
    end
// A beat that is offered stays until it is taken.
always_ff @(posedge clk)
    if (reset_once && $past(reset_once) && !$past(rst) && $past(out_valid && !out_ready))
        offered: assert (out_valid && out_data == $past(out_data));
always_ff @(posedge clk) begin
    filled: cover (reset_once && fill == (SPACE_BITS + 1)'(DEPTH));
    ends_empty: cover (reset_once && !rst && goes && fill == (SPACE_BITS + 1)'(1) && write_address == '0);
end
