// Sliding window over a stream of pixels: zero padding, any kernel and stride, a line buffer of KERNEL_HEIGHT - 1 rows.
//
// One pixel (all channels) a beat in raster order. The window over position p is complete when the pixel under its last
// tap arrives, so a frame takes as many steps as it has pixels: the windows that reach into the padding below and to
// the right of a frame are made while the first pixels of the next frame come in, or, if none come, in steps of their
// own. Taps outside the frame read 0, whatever the line buffer holds. Each window stays for FOLDS cycles, counted by
// `fold`; nothing stalls it then. A step starts only while `room` says that what it makes has a place downstream.
//
// taps: tap (row, column) in bits BITS * (KERNEL_WIDTH * row + column).
`default_nettype none
module dt_window #(
    parameter integer HEIGHT = 28,
    parameter integer WIDTH = 28,
    parameter integer BITS = 8,
    parameter integer KERNEL_HEIGHT = 3,
    parameter integer KERNEL_WIDTH = 3,
    parameter integer STRIDE_HEIGHT = 1,
    parameter integer STRIDE_WIDTH = 1,
    parameter integer PAD_TOP = 1,
    parameter integer PAD_BOTTOM = 1,
    parameter integer PAD_LEFT = 1,
    parameter integer PAD_RIGHT = 1,
    parameter integer FOLDS = 1,
    parameter integer FOLD_BITS = 1
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BITS-1:0] pixel,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    input  wire logic room,
    output logic [KERNEL_HEIGHT*KERNEL_WIDTH*BITS-1:0] taps,
    output logic [FOLD_BITS-1:0] fold,
    output logic taps_valid
);
    // Raster positions count over whole rows of WIDTH; window rows and columns start in the padding.
    localparam integer PIXELS = HEIGHT * WIDTH;
    localparam integer FIRST = (KERNEL_HEIGHT - 1 - PAD_TOP) * WIDTH + KERNEL_WIDTH - 1 - PAD_LEFT;
    localparam integer TAIL = PAD_BOTTOM * WIDTH + PAD_RIGHT;
    localparam integer LAST_ROW = HEIGHT + PAD_TOP + PAD_BOTTOM - KERNEL_HEIGHT;
    localparam integer LAST_COLUMN = WIDTH + PAD_LEFT + PAD_RIGHT - KERNEL_WIDTH;
    // A kernel taller than its map has its first window in the padding below: such frames don't overlap.
    localparam bit OVERLAP = FIRST < PIXELS;
    localparam integer STEPS = OVERLAP ? PIXELS : PIXELS + TAIL;
    localparam integer STEP_BITS = $clog2(STEPS + 1);
    localparam integer ROW_BITS = $clog2(LAST_ROW + 2);
    localparam integer COLUMN_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;
    localparam integer STRIDE_ROW_BITS = $clog2(STRIDE_HEIGHT + 1);
    localparam integer STRIDE_COLUMN_BITS = $clog2(STRIDE_WIDTH + 1);

    // Steps of the frame that comes in, and the window that the step completes.
    logic [STEP_BITS-1:0] head;
    logic [ROW_BITS-1:0] row;
    logic [COLUMN_BITS-1:0] column, address;
    logic [STRIDE_ROW_BITS-1:0] row_phase;
    logic [STRIDE_COLUMN_BITS-1:0] column_phase;
    logic open;

    logic free, wants, idle, step, active, final_column, final_window, emit;
    assign free = room && (!taps_valid || fold == FOLD_BITS'(FOLDS - 1));
    assign wants = OVERLAP || head < STEP_BITS'(PIXELS);
    assign idle = OVERLAP ? (head == '0 && open) : !wants;
    assign step = free && ((wants && pixel_valid) || idle);
    assign pixel_ready = free && wants;
    assign active = open || head == STEP_BITS'(FIRST);
    assign final_column = column == COLUMN_BITS'(WIDTH - 1);
    assign final_window = row == ROW_BITS'(LAST_ROW) && column == COLUMN_BITS'(LAST_COLUMN);
    // What is always true costs nothing: a row's last window may be its last column, and a stride of 1 skips none.
    // verilator lint_off CMPCONST
    assign emit = active && (LAST_COLUMN == WIDTH - 1 || column <= COLUMN_BITS'(LAST_COLUMN))
        && (STRIDE_HEIGHT == 1 || row_phase == '0) && (STRIDE_WIDTH == 1 || column_phase == '0);
    // verilator lint_on CMPCONST

    always_ff @(posedge clk) begin
        if (rst) begin
            head <= '0;
            address <= '0;
            open <= 1'b0;
            row <= '0;
            column <= '0;
            row_phase <= '0;
            column_phase <= '0;
            taps_valid <= 1'b0;
            fold <= '0;
        end else begin
            if (step) begin
                address <= address == COLUMN_BITS'(WIDTH - 1) ? '0 : address + 1'b1;
                if (!OVERLAP || (wants && pixel_valid))
                    head <= head == STEP_BITS'(STEPS - 1) ? '0 : head + 1'b1;
                open <= active && !final_window;
                if (active && final_window) begin
                    row <= '0;
                    column <= '0;
                    row_phase <= '0;
                    column_phase <= '0;
                end else if (active) begin
                    column <= final_column ? '0 : column + 1'b1;
                    column_phase <= final_column || column_phase == STRIDE_COLUMN_BITS'(STRIDE_WIDTH - 1)
                        ? '0 : column_phase + 1'b1;
                    if (final_column) begin
                        row <= row + 1'b1;
                        row_phase <= row_phase == STRIDE_ROW_BITS'(STRIDE_HEIGHT - 1) ? '0 : row_phase + 1'b1;
                    end
                end
                taps_valid <= emit;
                fold <= '0;
            end else if (taps_valid) begin
                fold <= fold == FOLD_BITS'(FOLDS - 1) ? '0 : fold + 1'b1;
                taps_valid <= fold != FOLD_BITS'(FOLDS - 1);
            end
        end
    end

    // The pixels under the window's last column: `past` of the rows above, from the line buffer, and the new one.
    logic [KERNEL_HEIGHT*BITS-1:0] newest;
    generate
        if (KERNEL_HEIGHT > 1) begin : g_rows
            (* ram_style = "distributed" *) logic [(KERNEL_HEIGHT-1)*BITS-1:0] rows[0:WIDTH-1];
            logic [(KERNEL_HEIGHT-1)*BITS-1:0] past;
            assign past = rows[address];
            assign newest = {pixel, past};
            always_ff @(posedge clk) if (step) rows[address] <= newest[KERNEL_HEIGHT*BITS-1:BITS];
        end else begin : g_row
            assign newest = pixel;
        end
    endgenerate

    logic [KERNEL_WIDTH*KERNEL_HEIGHT*BITS-1:0] columns;
    assign columns[(KERNEL_WIDTH-1)*KERNEL_HEIGHT*BITS +: KERNEL_HEIGHT*BITS] = newest;
    // Some taps are always or never inside the frame: the guards say so, for bounds that the counters cannot hold.
    // verilator lint_off UNSIGNED
    generate
        if (KERNEL_WIDTH > 1) begin : g_columns
            logic [(KERNEL_WIDTH-1)*KERNEL_HEIGHT*BITS-1:0] previous;
            assign columns[(KERNEL_WIDTH-1)*KERNEL_HEIGHT*BITS-1:0] = previous;
            always_ff @(posedge clk) if (step) previous <= columns[KERNEL_WIDTH*KERNEL_HEIGHT*BITS-1:KERNEL_HEIGHT*BITS];
        end
        for (genvar r = 0; r < KERNEL_HEIGHT; r = r + 1) begin : g_tap_row
            localparam integer LOWEST_ROW = PAD_TOP > r ? PAD_TOP - r : 0;
            localparam integer BELOW_ROW = HEIGHT + PAD_TOP - r;
            logic row_inside;
            assign row_inside = LOWEST_ROW <= LAST_ROW && BELOW_ROW > 0
                && (LOWEST_ROW == 0 || row >= ROW_BITS'(LOWEST_ROW))
                && (BELOW_ROW > LAST_ROW || row < ROW_BITS'(BELOW_ROW));
            for (genvar c = 0; c < KERNEL_WIDTH; c = c + 1) begin : g_tap
                localparam integer LOWEST_COLUMN = PAD_LEFT > c ? PAD_LEFT - c : 0;
                localparam integer BELOW_COLUMN = WIDTH + PAD_LEFT - c;
                logic covered;
                assign covered = row_inside && LOWEST_COLUMN <= LAST_COLUMN && BELOW_COLUMN > 0
                    && (LOWEST_COLUMN == 0 || column >= COLUMN_BITS'(LOWEST_COLUMN))
                    && (BELOW_COLUMN > LAST_COLUMN || column < COLUMN_BITS'(BELOW_COLUMN));
                always_ff @(posedge clk)
                    if (step)
                        taps[(r*KERNEL_WIDTH+c)*BITS +: BITS] <=
                            covered ? columns[(c*KERNEL_HEIGHT+r)*BITS +: BITS] : '0;
            end
        end
    endgenerate
    // verilator lint_on UNSIGNED

`ifdef SIMULATION
    longint busy;
    initial busy = 0;
    always_ff @(posedge clk) if (!rst && (step || (taps_valid && fold != FOLD_BITS'(FOLDS - 1)))) busy <= busy + 1;
    final begin
        $display("dtscnn work %m busy %0d", busy);
        $display("dtscnn window %m valid %0d ready %0d room %0d pixel %0d row %0d column %0d", pixel_valid, pixel_ready,
            room, head, row, column);
    end
`endif
endmodule
`default_nettype wire
