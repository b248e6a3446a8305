// Sliding window over a stream of pixels: zero padding, any kernel and stride, a line buffer of KERNEL_HEIGHT - 1 rows.
//
// PIXELS pixels (all channels) of one row a beat in raster order, pixel i in bits BITS * i; a row that they don't fill
// ends in a beat of which only the first pixels count. A step takes a beat and completes up to WINDOWS windows that lie
// beside each other in a row: PIXELS / STRIDE_WIDTH, or one every STRIDE_WIDTH / PIXELS steps. The windows over a beat are
// complete when the beat under their last taps arrives, so a frame takes as many steps as it has beats: the windows that
// reach into the padding below and to the right of a frame are made while the first beats of the next frame come in, or,
// if none come, in steps of their own. Taps outside the frame read 0, whatever the line buffer holds. Windows stay for
// FOLDS cycles, counted by `fold`; nothing stalls them then. A step starts only while `room` says that what it makes has
// a place downstream.
//
// taps: of window w, tap (row, column) in bits BITS * (KERNEL_HEIGHT * KERNEL_WIDTH * w + KERNEL_WIDTH * row + column).
// Windows beyond a row's last hold anything.
`default_nettype none
module dt_window #(
    parameter integer HEIGHT = 28,
    parameter integer WIDTH = 28,
    parameter integer BITS = 8,
    parameter integer PIXELS = 1,
    parameter integer KERNEL_HEIGHT = 3,
    parameter integer KERNEL_WIDTH = 3,
    parameter integer STRIDE_HEIGHT = 1,
    parameter integer STRIDE_WIDTH = 1,
    parameter integer PAD_TOP = 1,
    parameter integer PAD_BOTTOM = 1,
    parameter integer PAD_LEFT = 1,
    parameter integer PAD_RIGHT = 1,
    parameter integer FOLDS = 1,
    parameter integer FOLD_BITS = 1,
    parameter integer WINDOWS = PIXELS > STRIDE_WIDTH ? PIXELS / STRIDE_WIDTH : 1
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [PIXELS*BITS-1:0] pixel,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    input  wire logic room,
    output logic [WINDOWS*KERNEL_HEIGHT*KERNEL_WIDTH*BITS-1:0] taps,
    output logic [FOLD_BITS-1:0] fold,
    output logic taps_valid
);
    // Beats of a row; columns from a beat's first to its windows' last tap, and the beats to wait until that one comes.
    localparam integer ROW = (WIDTH + PIXELS - 1) / PIXELS;
    localparam integer SPAN = (WINDOWS - 1) * STRIDE_WIDTH + KERNEL_WIDTH - PAD_LEFT;
    localparam integer AHEAD = SPAN > PIXELS ? (SPAN - 1) / PIXELS : 0;
    // Raster positions count over whole rows of beats; window rows and columns start in the padding.
    localparam integer BEATS = HEIGHT * ROW;
    localparam integer FIRST = (KERNEL_HEIGHT - 1 - PAD_TOP) * ROW + AHEAD;
    localparam integer LAST_ROW = HEIGHT + PAD_TOP + PAD_BOTTOM - KERNEL_HEIGHT;
    localparam integer LAST_COLUMN = (WIDTH + PAD_LEFT + PAD_RIGHT - KERNEL_WIDTH) / PIXELS;
    localparam integer TAIL = (PAD_BOTTOM - 1) * ROW + LAST_COLUMN + AHEAD + 1;
    // A kernel taller than its map has its first window in the padding below: such frames don't overlap.
    localparam bit OVERLAP = FIRST < BEATS;
    localparam integer STEPS = OVERLAP ? BEATS : BEATS + TAIL;
    localparam integer STEP_BITS = $clog2(STEPS + 1);
    localparam integer ROW_BITS = $clog2(LAST_ROW + 2);
    localparam integer COLUMN_BITS = ROW > 1 ? $clog2(ROW) : 1;
    localparam integer PHASES = STRIDE_WIDTH > PIXELS ? STRIDE_WIDTH / PIXELS : 1;
    localparam integer STRIDE_ROW_BITS = $clog2(STRIDE_HEIGHT + 1);
    localparam integer STRIDE_COLUMN_BITS = $clog2(PHASES + 1);

    // Steps of the frame that comes in, and the windows that the step completes: their row, and their column in beats.
    logic [STEP_BITS-1:0] head;
    logic [ROW_BITS-1:0] row;
    logic [COLUMN_BITS-1:0] column, address;
    logic [STRIDE_ROW_BITS-1:0] row_phase;
    logic [STRIDE_COLUMN_BITS-1:0] column_phase;
    logic open;

    logic free, wants, idle, step, active, final_column, final_window, emit;
    assign free = room && (!taps_valid || fold == FOLD_BITS'(FOLDS - 1));
    assign wants = OVERLAP || head < STEP_BITS'(BEATS);
    assign idle = OVERLAP ? (head == '0 && open) : !wants;
    assign step = free && (pixel_valid || idle);
    assign pixel_ready = free && wants;
    assign active = open || head == STEP_BITS'(FIRST);
    assign final_column = column == COLUMN_BITS'(ROW - 1);
    assign final_window = row == ROW_BITS'(LAST_ROW) && column == COLUMN_BITS'(LAST_COLUMN);
    // What is always true costs nothing: a row's last windows may be its last column, and a stride of 1 skips none.
    // verilator lint_off CMPCONST
    assign emit = active && (LAST_COLUMN == ROW - 1 || column <= COLUMN_BITS'(LAST_COLUMN))
        && (STRIDE_HEIGHT == 1 || row_phase == '0) && (PHASES == 1 || column_phase == '0);
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
                address <= address == COLUMN_BITS'(ROW - 1) ? '0 : address + 1'b1;
                if (!OVERLAP || pixel_valid)
                    head <= head == STEP_BITS'(STEPS - 1) ? '0 : head + 1'b1;
                open <= active && !final_window;
                if (active && final_window) begin
                    row <= '0;
                    column <= '0;
                    row_phase <= '0;
                    column_phase <= '0;
                end else if (active) begin
                    column <= final_column ? '0 : column + 1'b1;
                    column_phase <= final_column || column_phase == STRIDE_COLUMN_BITS'(PHASES - 1)
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

    // What comes in under each row of the windows, column by column: `past` of the rows above, from the line buffer, and
    // the new pixels. `previous` columns reach back to the first window's first tap.
    localparam integer COLUMN = KERNEL_HEIGHT * BITS;
    localparam integer COLUMNS = (AHEAD + 1) * PIXELS + PAD_LEFT;
    logic [COLUMNS*COLUMN-1:0] columns;
    logic [PIXELS*COLUMN-1:0] newest;
    assign columns[(COLUMNS-PIXELS)*COLUMN +: PIXELS*COLUMN] = newest;
    // A kernel narrower than its stride leaves some out.
    logic unused;
    assign unused = &columns;
    generate
        if (KERNEL_HEIGHT > 1) begin : g_rows
            localparam integer PAST = COLUMN - BITS;
            (* ram_style = "distributed" *) logic [PIXELS*PAST-1:0] rows[0:ROW-1];
            logic [PIXELS*PAST-1:0] past, next;
            assign past = rows[address];
            for (genvar i = 0; i < PIXELS; i = i + 1) begin : g_pixel
                assign newest[i*COLUMN +: COLUMN] = {pixel[i*BITS +: BITS], past[i*PAST +: PAST]};
                assign next[i*PAST +: PAST] = newest[i*COLUMN+BITS +: PAST];
            end
            always_ff @(posedge clk) if (step) rows[address] <= next;
        end else begin : g_row
            assign newest = pixel;
        end
        if (COLUMNS > PIXELS) begin : g_columns
            logic [(COLUMNS-PIXELS)*COLUMN-1:0] previous;
            assign columns[(COLUMNS-PIXELS)*COLUMN-1:0] = previous;
            always_ff @(posedge clk) if (step) previous <= columns[COLUMNS*COLUMN-1:PIXELS*COLUMN];
        end
    endgenerate

    // Some taps are always or never inside the frame: the guards say so, for bounds that the counters cannot hold.
    // verilator lint_off UNSIGNED
    generate
        for (genvar r = 0; r < KERNEL_HEIGHT; r = r + 1) begin : g_tap_row
            localparam integer LOWEST_ROW = PAD_TOP > r ? PAD_TOP - r : 0;
            localparam integer BELOW_ROW = HEIGHT + PAD_TOP - r;
            logic row_inside;
            assign row_inside = LOWEST_ROW <= LAST_ROW && BELOW_ROW > 0
                && (LOWEST_ROW == 0 || row >= ROW_BITS'(LOWEST_ROW))
                && (BELOW_ROW > LAST_ROW || row < ROW_BITS'(BELOW_ROW));
            for (genvar t = 0; t < WINDOWS * KERNEL_WIDTH; t = t + 1) begin : g_tap
                localparam integer WINDOW = t / KERNEL_WIDTH;
                // The tap's place among `columns`, and from which to below which beat that lies inside the frame.
                localparam integer PLACE = WINDOW * STRIDE_WIDTH + t % KERNEL_WIDTH;
                localparam integer LOWEST_COLUMN = PAD_LEFT > PLACE ? (PAD_LEFT - PLACE + PIXELS - 1) / PIXELS : 0;
                localparam integer BELOW_COLUMN =
                    WIDTH + PAD_LEFT > PLACE ? (WIDTH + PAD_LEFT - PLACE + PIXELS - 1) / PIXELS : 0;
                logic covered;
                assign covered = row_inside && LOWEST_COLUMN <= LAST_COLUMN && BELOW_COLUMN > 0
                    && (LOWEST_COLUMN == 0 || column >= COLUMN_BITS'(LOWEST_COLUMN))
                    && (BELOW_COLUMN > LAST_COLUMN || column < COLUMN_BITS'(BELOW_COLUMN));
                always_ff @(posedge clk)
                    if (step)
                        taps[((WINDOW*KERNEL_HEIGHT+r)*KERNEL_WIDTH+t%KERNEL_WIDTH)*BITS +: BITS] <=
                            covered ? columns[(PLACE*KERNEL_HEIGHT+r)*BITS +: BITS] : '0;
            end
        end
        // Elaboration stops here, with the instance's name.
        if (STRIDE_WIDTH % PIXELS != 0 && PIXELS % STRIDE_WIDTH != 0) begin : g_stride_refused
            dt_window_stride_must_divide_the_pixels_of_a_beat_or_be_a_multiple_of_them refused ();
        end
        if (PAD_TOP + PAD_BOTTOM >= KERNEL_HEIGHT || PAD_LEFT + PAD_RIGHT >= KERNEL_WIDTH
                || LAST_ROW < 0 || WIDTH + PAD_LEFT + PAD_RIGHT < KERNEL_WIDTH) begin : g_pads_refused
            dt_window_pads_must_add_up_to_less_than_the_kernel_and_the_kernel_must_fit refused ();
        end
        if (WINDOWS != (PIXELS > STRIDE_WIDTH ? PIXELS / STRIDE_WIDTH : 1) || FOLDS > (1 << FOLD_BITS)) begin : g_refused
            dt_window_windows_follow_from_pixels_and_stride_and_fold_bits_must_hold_the_folds refused ();
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
