// Beats of IN pixels of a row become beats of OUT pixels of it: one of the two divides the other.
//
// Pixel i of a beat in bits BITS * i. A row of WIDTH pixels begins with a beat of its own on both sides and ends in one of
// which only the first pixels count, where its width is no multiple; the others hold anything.
// No delay: a beat is shown in parts until all that count are taken, or its parts are kept until the last one comes.
`default_nettype none
module dt_pixels #(
    parameter integer WIDTH = 28,
    parameter integer BITS = 16,
    parameter integer IN = 2,
    parameter integer OUT = 1
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [IN*BITS-1:0] in_data,
    input  wire logic in_valid,
    output logic in_ready,
    output logic [OUT*BITS-1:0] out_data,
    output logic out_valid,
    input  wire logic out_ready
);
    // The narrow side's beats in a beat of the wide side, and in a row's last one.
    localparam integer NARROW = IN < OUT ? IN : OUT;
    localparam integer PARTS = (IN < OUT ? OUT : IN) / NARROW;
    localparam integer NARROW_ROW = (WIDTH + NARROW - 1) / NARROW;
    localparam integer WIDE_ROW = (NARROW_ROW + PARTS - 1) / PARTS;
    localparam integer LAST_PARTS = NARROW_ROW - (WIDE_ROW - 1) * PARTS;
    localparam integer PART_BITS = PARTS > 1 ? $clog2(PARTS) : 1;
    localparam integer COLUMN_BITS = WIDE_ROW > 1 ? $clog2(WIDE_ROW) : 1;

    logic moved, last_part;  // of the narrow side
    logic [PART_BITS-1:0] part;
    assign moved = IN < OUT ? in_valid && in_ready : out_valid && out_ready;
    always_ff @(posedge clk)
        if (rst) part <= '0;
        else if (moved) part <= last_part ? '0 : part + 1'b1;

    generate
        if (LAST_PARTS == PARTS) begin : g_whole
            assign last_part = part == PART_BITS'(PARTS - 1);
        end else begin : g_row
            logic [COLUMN_BITS-1:0] column;
            logic last_column;
            assign last_column = column == COLUMN_BITS'(WIDE_ROW - 1);
            assign last_part = part == (last_column ? PART_BITS'(LAST_PARTS - 1) : PART_BITS'(PARTS - 1));
            always_ff @(posedge clk)
                if (rst) column <= '0;
                else if (moved && last_part) column <= last_column ? '0 : column + 1'b1;
        end

        if (IN < OUT) begin : g_gather
            // Each part but the last is kept; the last to come, which may be any at a row's end, goes straight through.
            logic [(PARTS-1)*NARROW*BITS-1:0] kept;
            assign in_ready = out_ready || !last_part;
            assign out_valid = in_valid && last_part;
            assign out_data[(PARTS-1)*NARROW*BITS +: NARROW*BITS] = in_data;
            for (genvar p = 0; p < PARTS - 1; p = p + 1) begin : g_part
                always_ff @(posedge clk)
                    if (moved && part == PART_BITS'(p)) kept[p*NARROW*BITS +: NARROW*BITS] <= in_data;
                if (p == LAST_PARTS - 1) begin : g_any
                    assign out_data[p*NARROW*BITS +: NARROW*BITS] =
                        part == PART_BITS'(p) ? in_data : kept[p*NARROW*BITS +: NARROW*BITS];
                end else begin : g_kept
                    assign out_data[p*NARROW*BITS +: NARROW*BITS] = kept[p*NARROW*BITS +: NARROW*BITS];
                end
            end
        end else begin : g_share
            assign in_ready = out_ready && last_part;
            assign out_valid = in_valid;
            if (PARTS > 1) begin : g_parts
                logic [NARROW*BITS-1:0] shares[0:PARTS-1];
                for (genvar p = 0; p < PARTS; p = p + 1) begin : g_share_of
                    assign shares[p] = in_data[p*NARROW*BITS +: NARROW*BITS];
                end
                assign out_data = shares[part];
            end else begin : g_same
                assign out_data = in_data;
            end
        end
        // Elaboration stops here, with the instance's name.
        if (IN % OUT != 0 && OUT % IN != 0) begin : g_refused
            dt_pixels_in_must_divide_out_or_out_in refused ();
        end
    endgenerate
endmodule
`default_nettype wire
