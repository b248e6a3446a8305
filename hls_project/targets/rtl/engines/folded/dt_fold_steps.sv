// Order of a folded convolution's steps: for each output row, group of MMV pixels, kernel fold, tap row, tap column and slice,
// one step a cycle without a gap.
//
// A group starts when the row's pixels have arrived and its results have room; then its steps follow to the end. One cycle
// later: `addresses` of the banks of `dt_fold_rows`, `tap_column`, and `covered`, which says of each of the MMV pixels whether
// its tap lies in the map; `valid`, and `last` on the last step of a kernel fold; `word`, the number of the step's weights.
// `left`: rows of the ring that no later step reads, when their last read is under way.
`default_nettype none
module dt_fold_steps #(
    parameter integer HEIGHT = 16,
    parameter integer WIDTH = 16,
    parameter integer OUT_HEIGHT = 16,
    parameter integer OUT_GROUPS = 4,
    parameter integer KERNEL_HEIGHT = 3,
    parameter integer KERNEL_WIDTH = 3,
    parameter integer STRIDE_HEIGHT = 1,
    parameter integer STRIDE_WIDTH = 1,
    parameter integer PAD_TOP = 1,
    parameter integer PAD_LEFT = 1,
    parameter integer SLICES = 4,
    parameter integer KERNEL_FOLDS = 4,
    parameter integer MMV = 4,
    parameter integer ROWS = 4,
    parameter integer PHASE_BITS = 0,
    parameter integer GROUP_BITS = 2,
    parameter integer INDEX_BITS = 2,
    parameter integer SLOT_BITS = 2,
    parameter integer LEFT_BITS = 3,
    parameter integer WORD_BITS = 8,
    parameter integer TAP_BITS = 2,
    parameter integer ADDRESS_BITS = SLOT_BITS + PHASE_BITS + GROUP_BITS + INDEX_BITS
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic arrived,
    input  wire logic room,
    output logic [LEFT_BITS-1:0] left,
    output logic [MMV*ADDRESS_BITS-1:0] addresses,
    output logic [TAP_BITS-1:0] tap_column,
    output logic [MMV-1:0] covered,
    output logic [WORD_BITS-1:0] word,
    output logic valid,
    output logic last
);
    // Rows and columns of the map are signed: windows begin in the padding.
    localparam integer ROW_BITS = $clog2(HEIGHT + ROWS + KERNEL_HEIGHT + STRIDE_HEIGHT + 1) + 1;
    localparam integer COLUMN_BITS = $clog2(WIDTH + KERNEL_WIDTH + (OUT_GROUPS + 1) * MMV * STRIDE_WIDTH + 1) + 1;
    localparam integer OUT_ROW_BITS = OUT_HEIGHT > 1 ? $clog2(OUT_HEIGHT) : 1;
    localparam integer OUT_GROUP_BITS = OUT_GROUPS > 1 ? $clog2(OUT_GROUPS) : 1;
    localparam integer FOLD_BITS = KERNEL_FOLDS > 1 ? $clog2(KERNEL_FOLDS) : 1;
    localparam integer SLICE_COUNT_BITS = INDEX_BITS > 0 ? INDEX_BITS : 1;
    // Rows of a frame that its last output row is the last to need, or that nothing needs.
    localparam integer LAST_TOP = (OUT_HEIGHT - 1) * STRIDE_HEIGHT - PAD_TOP;
    localparam integer LAST_LEFT = HEIGHT - (LAST_TOP > 0 ? LAST_TOP : 0);
    localparam integer BANK_BITS = MMV > 1 ? $clog2(MMV) : 1;

    // The next step. top: first row of the window; row, column: of the tap under the group's first pixel.
    logic [OUT_ROW_BITS-1:0] out_row;
    logic [OUT_GROUP_BITS-1:0] group;
    logic [FOLD_BITS-1:0] kernel_fold;
    logic [SLICE_COUNT_BITS-1:0] slice;
    logic [TAP_BITS-1:0] kernel_column;
    logic signed [ROW_BITS-1:0] top, row, next_top;
    logic signed [COLUMN_BITS-1:0] first_column, column;
    logic [SLOT_BITS-1:0] head, slot;  // of the ring: the first row that the frame still needs, and the tap's
    logic signed [ROW_BITS-1:0] present;  // rows of the frame that have arrived
    logic [WORD_BITS-1:0] next_word;
    logic at_start;

    logic enough, step, last_slice, last_tap_column, last_tap_row, last_fold, last_group, last_row;
    logic end_of_columns, end_of_taps, end_of_folds, end_of_row, row_covered;
    assign last_row = OUT_HEIGHT == 1 || out_row == OUT_ROW_BITS'(OUT_HEIGHT - 1);
    assign last_group = OUT_GROUPS == 1 || group == OUT_GROUP_BITS'(OUT_GROUPS - 1);
    assign last_fold = KERNEL_FOLDS == 1 || kernel_fold == FOLD_BITS'(KERNEL_FOLDS - 1);
    assign last_slice = SLICES == 1 || slice == SLICE_COUNT_BITS'(SLICES - 1);
    assign last_tap_column = KERNEL_WIDTH == 1 || kernel_column == TAP_BITS'(KERNEL_WIDTH - 1);
    assign last_tap_row = KERNEL_HEIGHT == 1 || row == top + ROW_BITS'(KERNEL_HEIGHT - 1);
    assign end_of_columns = last_slice && last_tap_column;
    assign end_of_taps = end_of_columns && last_tap_row;
    assign end_of_folds = end_of_taps && last_fold;
    assign end_of_row = end_of_folds && last_group;
    assign row_covered = row >= 0 && row < ROW_BITS'(HEIGHT);
    // The last output row waits for the rest of the frame, so that it can leave all of it.
    assign enough = present >= ROW_BITS'(HEIGHT) || (!last_row && present >= top + ROW_BITS'(KERNEL_HEIGHT));
    assign step = !at_start || (enough && room);
    assign next_top = top + ROW_BITS'(STRIDE_HEIGHT);

    // What the end of a row leaves.
    logic [LEFT_BITS-1:0] leaves;
    always_comb begin
        if (last_row) leaves = LEFT_BITS'(LAST_LEFT);
        else if (top >= 0) leaves = LEFT_BITS'(STRIDE_HEIGHT);
        else if (next_top >= 0) leaves = LEFT_BITS'(next_top);
        else leaves = '0;
    end
    logic [SLOT_BITS:0] moved;
    assign moved = (SLOT_BITS + 1)'(head) + (SLOT_BITS + 1)'(leaves);
    logic [SLOT_BITS-1:0] next_head, next_slot;
    assign next_head = moved >= (SLOT_BITS + 1)'(ROWS) ? SLOT_BITS'(moved - (SLOT_BITS + 1)'(ROWS)) : SLOT_BITS'(moved);
    assign next_slot = slot == SLOT_BITS'(ROWS - 1) ? '0 : slot + 1'b1;

    logic [LEFT_BITS-1:0] left_soon, left_sooner;
    always_ff @(posedge clk) begin
        if (rst) begin
            out_row <= '0;
            group <= '0;
            kernel_fold <= '0;
            slice <= '0;
            kernel_column <= '0;
            top <= -ROW_BITS'(PAD_TOP);
            row <= -ROW_BITS'(PAD_TOP);
            first_column <= -COLUMN_BITS'(PAD_LEFT);
            column <= -COLUMN_BITS'(PAD_LEFT);
            head <= '0;
            slot <= '0;
            present <= '0;
            next_word <= '0;
            at_start <= 1'b1;
            left_sooner <= '0;
            left_soon <= '0;
            left <= '0;
        end else begin
            present <= present + ROW_BITS'(arrived) - (step && end_of_row && last_row ? ROW_BITS'(HEIGHT) : '0);
            // The read of the last step is two cycles away.
            left_sooner <= step && end_of_row ? leaves : '0;
            left_soon <= left_sooner;
            left <= left_soon;
            if (step) begin
                at_start <= end_of_folds;
                next_word <= end_of_folds ? '0 : next_word + 1'b1;
                slice <= last_slice ? '0 : slice + 1'b1;
                if (last_slice) begin
                    kernel_column <= last_tap_column ? '0 : kernel_column + 1'b1;
                    column <= last_tap_column ? first_column : column + 1'b1;
                end
                if (end_of_columns) begin
                    row <= last_tap_row ? top : row + 1'b1;
                    slot <= last_tap_row ? head : row_covered ? next_slot : slot;
                end
                if (end_of_taps) kernel_fold <= last_fold ? '0 : kernel_fold + 1'b1;
                if (end_of_folds) begin
                    group <= last_group ? '0 : group + 1'b1;
                    first_column <= last_group ? -COLUMN_BITS'(PAD_LEFT) : first_column + COLUMN_BITS'(MMV * STRIDE_WIDTH);
                    column <= last_group ? -COLUMN_BITS'(PAD_LEFT) : first_column + COLUMN_BITS'(MMV * STRIDE_WIDTH);
                end
                if (end_of_row) begin
                    out_row <= last_row ? '0 : out_row + 1'b1;
                    top <= last_row ? -ROW_BITS'(PAD_TOP) : next_top;
                    row <= last_row ? -ROW_BITS'(PAD_TOP) : next_top;
                    head <= next_head;
                    slot <= next_head;
                end
            end
        end
    end

    always_ff @(posedge clk) begin
        valid <= step && !rst;
        last <= end_of_taps;
        word <= next_word;
        tap_column <= kernel_column;
    end

    // Tap column c of pixel m is column STRIDE * (MMV * group + m + SHIFT) + PHASE of the map, SHIFT and PHASE known for each c.
    generate
        logic [GROUP_BITS:0] shifts[0:KERNEL_WIDTH-1];
        logic [PHASE_BITS:0] phases[0:KERNEL_WIDTH-1];
        logic [BANK_BITS:0] firsts[0:KERNEL_WIDTH-1];
        for (genvar c = 0; c < KERNEL_WIDTH; c = c + 1) begin : g_column
            // Rounded down, also below zero.
            localparam integer SHIFT = (c - PAD_LEFT + PAD_LEFT * STRIDE_WIDTH) / STRIDE_WIDTH - PAD_LEFT;
            localparam integer GROUPS = (SHIFT + PAD_LEFT * MMV) / MMV - PAD_LEFT;
            assign shifts[c] = (GROUP_BITS + 1)'(GROUPS);
            assign phases[c] = (PHASE_BITS + 1)'(c - PAD_LEFT - SHIFT * STRIDE_WIDTH);
            assign firsts[c] = (BANK_BITS + 1)'(SHIFT - GROUPS * MMV);
        end
        logic [ADDRESS_BITS-1:0] place;
        logic [GROUP_BITS:0] place_group;
        assign place_group = (GROUP_BITS + 1)'(group) + shifts[kernel_column];
        assign place = (ADDRESS_BITS'(slot) << (PHASE_BITS + GROUP_BITS + INDEX_BITS))
            | (ADDRESS_BITS'(phases[kernel_column]) << (GROUP_BITS + INDEX_BITS)) | ADDRESS_BITS'(slice);
        for (genvar m = 0; m < MMV; m = m + 1) begin : g_pixel
            // Banks below the one that holds the first pixel hold pixels of the next group.
            logic [GROUP_BITS:0] bank_group;
            logic signed [COLUMN_BITS-1:0] at;
            assign bank_group = place_group + (GROUP_BITS + 1)'((BANK_BITS + 1)'(m) < firsts[kernel_column]);
            assign at = column + COLUMN_BITS'(m * STRIDE_WIDTH);
            always_ff @(posedge clk) begin
                addresses[m*ADDRESS_BITS +: ADDRESS_BITS] <=
                    place | (ADDRESS_BITS'(bank_group & ((1 << GROUP_BITS) - 1)) << INDEX_BITS);
                covered[m] <= row_covered && at >= 0 && at < COLUMN_BITS'(WIDTH);
            end
        end
    endgenerate

`ifdef SIMULATION
    final
        $display("dtscnn steps %m enough %0d room %0d present %0d row %0d group %0d", enough, room, present, out_row, group);
`endif
endmodule
`default_nettype wire
