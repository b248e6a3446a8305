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
    localparam integer OUT_WIDTH = WIDTH / POOL;
    localparam integer ROW_BITS = $clog2(HEIGHT + 1);
    localparam integer COLUMN_BITS = $clog2(WIDTH + 1);
    localparam integer PHASE_BITS = $clog2(POOL + 1);
    localparam integer ADDRESS_BITS = OUT_WIDTH > 1 ? $clog2(OUT_WIDTH) : 1;

    logic [ROW_BITS-1:0] row;
    logic [COLUMN_BITS-1:0] column;
    logic [PHASE_BITS-1:0] row_phase, column_phase;
    logic [ADDRESS_BITS-1:0] address;
    logic last_column, first_of_row, last_of_row, covered;
    assign last_column = column == COLUMN_BITS'(WIDTH - 1);
    assign first_of_row = column_phase == '0;
    assign last_of_row = column_phase == PHASE_BITS'(POOL - 1);
    assign covered = column < COLUMN_BITS'(OUT_WIDTH * POOL) && row < ROW_BITS'(HEIGHT / POOL * POOL);

    (* ram_style = "distributed" *) logic [BITS-1:0] rows[0:OUT_WIDTH-1];
    logic [BITS-1:0] previous, across, above;
    assign across = first_of_row ? in_data : in_data | previous;
    assign above = row_phase == '0 ? across : across | rows[address];

    always_ff @(posedge clk) if (in_valid && covered && last_of_row) rows[address] <= above;
    always_ff @(posedge clk) if (in_valid) previous <= across;
    always_ff @(posedge clk) if (in_valid) out_data <= above;
    always_ff @(posedge clk) begin
        if (rst) begin
            row <= '0;
            column <= '0;
            row_phase <= '0;
            column_phase <= '0;
            address <= '0;
            out_valid <= 1'b0;
        end else begin
            out_valid <= in_valid && covered && last_of_row && row_phase == PHASE_BITS'(POOL - 1);
            if (in_valid) begin
                column <= last_column ? '0 : column + 1'b1;
                column_phase <= last_column || last_of_row ? '0 : column_phase + 1'b1;
                address <= last_column ? '0 : covered && last_of_row ? address + 1'b1 : address;
                if (last_column) begin
                    row <= row == ROW_BITS'(HEIGHT - 1) ? '0 : row + 1'b1;
                    row_phase <= row == ROW_BITS'(HEIGHT - 1) || row_phase == PHASE_BITS'(POOL - 1)
                        ? '0 : row_phase + 1'b1;
                end
            end
        end
    end
endmodule
`default_nettype wire
