// OR of the spikes of each POOL x POOL window of a HEIGHT x WIDTH map, one cycle after its last pixel.
//
// Rows and columns that fill no window are dropped.
`default_nettype none
module dt_pool #(
    parameter integer HEIGHT = 28,
    parameter integer WIDTH = 28,
    parameter integer POOL = 2,
    parameter integer BITS = 16
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BITS-1:0] in_data,
    input  wire logic in_valid,
    output logic [BITS-1:0] out_data,
    output logic out_valid
);
    localparam integer OUT_HEIGHT = HEIGHT / POOL;
    localparam integer OUT_WIDTH = WIDTH / POOL;
    localparam integer ROW_BITS = $clog2(HEIGHT + 1);
    localparam integer COLUMN_BITS = $clog2(WIDTH + 1);
    localparam integer PHASE_BITS = $clog2(POOL + 1);
    localparam integer ADDRESS_BITS = OUT_WIDTH > 1 ? $clog2(OUT_WIDTH) : 1;

    logic [PHASE_BITS-1:0] row_phase, column_phase;
    logic [ADDRESS_BITS-1:0] address;
    logic last_column, last_row, last_of_columns, last_of_rows, covered, done;
    assign last_of_columns = column_phase == PHASE_BITS'(POOL - 1);
    assign last_of_rows = row_phase == PHASE_BITS'(POOL - 1);
    assign done = in_valid && covered && last_of_columns;

    // Whole windows alone tell the end of a row and need no count of rows; what is left over has to be counted.
    logic column_covered, row_covered;
    assign covered = column_covered && row_covered;
    generate
        if (WIDTH % POOL == 0) begin : g_whole_columns
            assign column_covered = 1'b1;
            assign last_column = last_of_columns && address == ADDRESS_BITS'(OUT_WIDTH - 1);
        end else begin : g_columns
            logic [COLUMN_BITS-1:0] column;
            assign column_covered = column < COLUMN_BITS'(OUT_WIDTH * POOL);
            assign last_column = column == COLUMN_BITS'(WIDTH - 1);
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

    (* ram_style = "distributed" *) logic [BITS-1:0] rows[0:OUT_WIDTH-1];
    logic [BITS-1:0] across, above;
    assign above = across | (row_phase == '0 ? '0 : rows[address]);
    generate
        if (POOL == 1) begin : g_single
            assign across = in_data;
        end else begin : g_across
            // The window's columns so far; of two there is only one.
            logic [BITS-1:0] previous;
            assign across = in_data | previous;
            always_ff @(posedge clk)
                if (in_valid) previous <= POOL == 2 || column_phase == '0 ? in_data : across;
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
