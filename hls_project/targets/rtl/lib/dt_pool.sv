// OR of the spikes of each POOL x POOL window of a HEIGHT x WIDTH map, one cycle after the beat with its last pixel.
//
// PIXELS pixels of one row a beat, and as many windows as they fill: PIXELS / POOL, or one every POOL / PIXELS beats. Rows
// and columns that fill no window are dropped; windows beyond a row's last hold anything.
`default_nettype none
module dt_pool #(
    parameter integer HEIGHT = 28,
    parameter integer WIDTH = 28,
    parameter integer POOL = 2,
    parameter integer BITS = 16,
    parameter integer PIXELS = 1,
    parameter integer WINDOWS = PIXELS > POOL ? PIXELS / POOL : 1
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [PIXELS*BITS-1:0] in_data,
    input  wire logic in_valid,
    output logic [WINDOWS*BITS-1:0] out_data,
    output logic out_valid
);
    // Beats of a row, and of them those that make up a window's columns.
    localparam integer ROW = (WIDTH + PIXELS - 1) / PIXELS;
    localparam integer PHASES = POOL > PIXELS ? POOL / PIXELS : 1;
    localparam integer OUT_HEIGHT = HEIGHT / POOL;
    localparam integer OUT_ROW = (WIDTH / POOL + WINDOWS - 1) / WINDOWS;
    localparam integer ROW_BITS = $clog2(HEIGHT + 1);
    localparam integer COLUMN_BITS = $clog2(ROW + 1);
    localparam integer PHASE_BITS = $clog2(POOL + 1);
    localparam integer ADDRESS_BITS = OUT_ROW > 1 ? $clog2(OUT_ROW) : 1;

    logic [PHASE_BITS-1:0] row_phase, column_phase;
    logic [ADDRESS_BITS-1:0] address;
    logic last_column, last_row, last_of_columns, last_of_rows, covered, done;
    assign last_of_columns = column_phase == PHASE_BITS'(PHASES - 1);
    assign last_of_rows = row_phase == PHASE_BITS'(POOL - 1);
    assign done = in_valid && covered && last_of_columns;

    // Whole windows alone tell the end of a row and need no count of rows; what is left over has to be counted.
    logic column_covered, row_covered;
    assign covered = column_covered && row_covered;
    generate
        if (ROW == OUT_ROW * PHASES) begin : g_whole_columns
            assign column_covered = 1'b1;
            assign last_column = last_of_columns && address == ADDRESS_BITS'(OUT_ROW - 1);
        end else begin : g_columns
            logic [COLUMN_BITS-1:0] column;
            assign column_covered = column < COLUMN_BITS'(OUT_ROW * PHASES);
            assign last_column = column == COLUMN_BITS'(ROW - 1);
            always_ff @(posedge clk)
                if (rst) column <= '0;
                else if (in_valid) column <= last_column ? '0 : column + 1'b1;
        end
        if (HEIGHT % POOL == 0) begin : g_whole_rows
            assign row_covered = 1'b1;
            assign last_row = last_of_rows;
        end else begin : g_rows
            logic [ROW_BITS-1:0] row;
            assign row_covered = row < ROW_BITS'(OUT_HEIGHT * POOL);
            assign last_row = row == ROW_BITS'(HEIGHT - 1) || last_of_rows;
            always_ff @(posedge clk)
                if (rst) row <= '0;
                else if (in_valid && last_column) row <= row == ROW_BITS'(HEIGHT - 1) ? '0 : row + 1'b1;
        end
    endgenerate

    // Each window's pixels of this beat, of its columns so far, and of its rows so far.
    (* ram_style = "distributed" *) logic [WINDOWS*BITS-1:0] rows[0:OUT_ROW-1];
    logic [WINDOWS*BITS-1:0] here, across, above;
    assign above = across | (row_phase == '0 ? '0 : rows[address]);
    generate
        for (genvar w = 0; w < WINDOWS; w = w + 1) begin : g_window
            localparam integer SHARE = PIXELS / WINDOWS;
            for (genvar i = 0; i < SHARE; i = i + 1) begin : g_pixel
                logic [BITS-1:0] so_far;
                if (i == 0) begin : g_first
                    assign so_far = in_data[w*SHARE*BITS +: BITS];
                end else begin : g_more
                    assign so_far = g_pixel[i-1].so_far | in_data[(w*SHARE+i)*BITS +: BITS];
                end
            end
            assign here[w*BITS +: BITS] = g_pixel[SHARE-1].so_far;
        end
        if (PHASES == 1) begin : g_single
            assign across = here;
        end else begin : g_across
            // Of two beats there is only one before.
            logic [BITS-1:0] previous;
            assign across = here | previous;
            always_ff @(posedge clk)
                if (in_valid) previous <= PHASES == 2 || column_phase == '0 ? here : across;
        end
        // Elaboration stops here, with the instance's name.
        if (PIXELS % POOL != 0 && POOL % PIXELS != 0) begin : g_refused
            dt_pool_takes_pixels_that_the_pool_divides_or_that_divide_the_pool refused ();
        end
        if (WINDOWS != (PIXELS > POOL ? PIXELS / POOL : 1) || HEIGHT < POOL || WIDTH < POOL) begin : g_no_window
            dt_pool_has_a_whole_window_and_as_many_beside_each_other_as_its_pixels_fill refused ();
        end
    endgenerate

    always_ff @(posedge clk) if (done) rows[address] <= above;
    always_ff @(posedge clk) out_data <= above;
    always_ff @(posedge clk) begin
        if (rst) begin
            row_phase <= '0;
            column_phase <= '0;
            address <= '0;
            out_valid <= 1'b0;
        end else begin
            out_valid <= done && last_of_rows;
            if (in_valid) begin
                column_phase <= last_column || last_of_columns ? '0 : column_phase + 1'b1;
                if (last_column) address <= '0;
                else if (column_covered && last_of_columns) address <= address + 1'b1;
                if (last_column) row_phase <= last_row ? '0 : row_phase + 1'b1;
            end
        end
    end
endmodule
`default_nettype wire
