// Spliced into dt_pool: beside it the whole map, and of any one window the OR of its pixels.
logic reset_once = 1'b0;
always_ff @(posedge clk) reset_once <= 1'b1;
always_comb if (!reset_once) assume (rst);

// Where the next beat belongs.
logic [7:0] y, x;
always_ff @(posedge clk)
    if (rst) begin
        y <= '0;
        x <= '0;
    end else if (in_valid) begin
        x <= x == 8'(ROW - 1) ? '0 : x + 1'b1;
        if (x == 8'(ROW - 1)) y <= y == 8'(HEIGHT - 1) ? '0 : y + 1'b1;
    end

// One output beat, `column` of the output's row, and what its windows hold so far.
(* anyconst *) logic [7:0] column;
always_comb assume (column < 8'(OUT_ROW));
logic inside, counts, ends;
assign inside = x >= column * 8'(PHASES) && x < (column + 1'b1) * 8'(PHASES);
assign counts = in_valid && inside && y < 8'(OUT_HEIGHT * POOL);
assign ends = counts && x == column * 8'(PHASES) + 8'(PHASES - 1) && y % 8'(POOL) == 8'(POOL - 1);
logic begins;
assign begins = x == column * 8'(PHASES) && y % 8'(POOL) == '0;
logic [WINDOWS*BITS-1:0] folded, gathered, expected;
for (genvar w = 0; w < WINDOWS; w = w + 1) begin : g_property
    for (genvar b = 0; b < BITS; b = b + 1) begin : g_bit
        logic [PIXELS/WINDOWS-1:0] pixels;
        for (genvar i = 0; i < PIXELS / WINDOWS; i = i + 1) assign pixels[i] = in_data[(w*(PIXELS/WINDOWS)+i)*BITS+b];
        assign folded[w*BITS+b] = |pixels;
    end
end
assign expected = (begins ? '0 : gathered) | folded;
always_ff @(posedge clk) if (counts) gathered <= expected;

// In rows of its window above this one, and in this row's beats before.
logic [WINDOWS*BITS-1:0] in_row, over;
always_ff @(posedge clk)
    if (counts) begin
        in_row <= (x == column * 8'(PHASES) ? '0 : in_row) | folded;
        if (x == column * 8'(PHASES) + 8'(PHASES - 1)) over <= expected;
    end

always_ff @(posedge clk)
    if (reset_once) begin
        counted: assert (y < 8'(HEIGHT) && x < 8'(ROW));
        row_phase_is: assert (8'(row_phase) == (y < 8'(OUT_HEIGHT * POOL) ? y % 8'(POOL) : y - 8'(OUT_HEIGHT * POOL)));
        if (column_covered) column_phase_is: assert (8'(column_phase) == x % 8'(PHASES));
        if (column_covered) address_is: assert (8'(address) == x / 8'(PHASES));
        if (!column_covered) beyond: assert (x >= 8'(OUT_ROW * PHASES));
        covered_is: assert (covered == (x < 8'(OUT_ROW * PHASES) && y < 8'(OUT_HEIGHT * POOL)));
        // What the memory and the register of the row hold.
        if (y < 8'(OUT_HEIGHT * POOL) && (x >= (column + 1'b1) * 8'(PHASES) || y % 8'(POOL) != '0))
            row_kept: assert (rows[column[ADDRESS_BITS-1:0]] == over);
        if (y < 8'(OUT_HEIGHT * POOL) && (x >= (column + 1'b1) * 8'(PHASES) || y % 8'(POOL) != '0 && x <= column * 8'(PHASES)))
            between_its_rows: assert (gathered == over);
        if (!begins && inside && y < 8'(OUT_HEIGHT * POOL)) gathered_is: assert (gathered == ((y % 8'(POOL) == '0 ? '0 : over) | (x == column * 8'(PHASES) ? '0 : in_row)));
    end
generate
    if (ROW != OUT_ROW * PHASES) always_ff @(posedge clk) if (reset_once) column_is: assert (8'(g_columns.column) == x);
    if (HEIGHT % POOL != 0) always_ff @(posedge clk) if (reset_once) row_is: assert (8'(g_rows.row) == y);
    if (PHASES > 1) begin : g_columns_before
        always_ff @(posedge clk)
            if (reset_once && inside && x != column * 8'(PHASES) && y < 8'(OUT_HEIGHT * POOL))
                previous_is: assert (g_across.previous == in_row);
    end
endgenerate
always_ff @(posedge clk)
    if (reset_once && $past(reset_once) && !$past(rst)) begin
        if ($past(ends)) each_window_once: assert (out_valid && out_data == $past(expected));
        else if ($past(!in_valid || inside)) no_other: assert (!out_valid);
    end
always_ff @(posedge clk) whole: cover (reset_once && ends && y == 8'(OUT_HEIGHT * POOL - 1) && column == 8'(OUT_ROW - 1));
