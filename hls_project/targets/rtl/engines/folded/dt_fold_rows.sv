// Ring of the last ROWS rows of a map: a pixel is written slice by slice, MMV columns of a row are read in the same cycle.
//
// A pixel has SLICES slices of SLICE_BITS, slice 0 in its lowest bits. Column x = STRIDE * q + phase is in bank q % MMV, at
// address {row of the ring, phase, q / MMV, slice}, so MMV columns that are a stride apart lie in different banks. Each bank
// has an address of its own and answers a cycle later. `arrived` marks the cycle after a row is whole; `left` says how many
// rows the reader needs no longer, and may say so once their last read is under way.
`default_nettype none
module dt_fold_rows #(
    parameter integer WIDTH = 16,
    parameter integer SLICES = 4,
    parameter integer SLICE_BITS = 16,
    parameter integer STRIDE = 1,
    parameter integer MMV = 1,
    parameter integer ROWS = 4,
    parameter integer PHASE_BITS = 0,
    parameter integer GROUP_BITS = 4,
    parameter integer INDEX_BITS = 2,
    parameter integer SLOT_BITS = 2,
    parameter integer LEFT_BITS = $clog2(ROWS + 1),
    parameter integer BLOCK_RAM = 0,
    parameter integer ADDRESS_BITS = SLOT_BITS + PHASE_BITS + GROUP_BITS + INDEX_BITS
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [SLICES*SLICE_BITS-1:0] pixel,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    output logic arrived,
    input  wire logic [LEFT_BITS-1:0] left,
    input  wire logic [MMV*ADDRESS_BITS-1:0] addresses,
    output logic [MMV*SLICE_BITS-1:0] data
);
    localparam integer WORDS = ROWS << (PHASE_BITS + GROUP_BITS + INDEX_BITS);
    localparam integer BANK_BITS = MMV > 1 ? $clog2(MMV) : 1;
    localparam integer COLUMN_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;
    localparam integer SLICE_COUNT_BITS = INDEX_BITS > 0 ? INDEX_BITS : 1;

    // Place of the pixel that is written; `used`: rows that are whole and not yet left.
    logic [SLOT_BITS-1:0] slot;
    logic [PHASE_BITS:0] phase;
    logic [GROUP_BITS:0] group;
    logic [BANK_BITS-1:0] bank;
    logic [SLICE_COUNT_BITS-1:0] slice;
    logic [COLUMN_BITS-1:0] column;
    logic [LEFT_BITS-1:0] used;
    logic write, last_slice, last_column, last_phase, last_bank;

    assign write = pixel_valid && used != LEFT_BITS'(ROWS);
    assign last_slice = SLICES == 1 || slice == SLICE_COUNT_BITS'(SLICES - 1);
    assign last_column = WIDTH == 1 || column == COLUMN_BITS'(WIDTH - 1);
    assign last_phase = STRIDE == 1 || phase == (PHASE_BITS + 1)'(STRIDE - 1);
    assign last_bank = MMV == 1 || bank == BANK_BITS'(MMV - 1);
    assign pixel_ready = write && last_slice;

    always_ff @(posedge clk) begin
        if (rst) begin
            slot <= '0;
            phase <= '0;
            group <= '0;
            bank <= '0;
            slice <= '0;
            column <= '0;
            used <= '0;
            arrived <= 1'b0;
        end else begin
            arrived <= pixel_ready && last_column;
            used <= used + LEFT_BITS'(pixel_ready && last_column) - LEFT_BITS'(left);
            if (write) slice <= last_slice ? '0 : slice + 1'b1;
            if (pixel_ready) begin
                column <= last_column ? '0 : column + 1'b1;
                phase <= last_column || last_phase ? '0 : phase + 1'b1;
                if (last_column) begin
                    bank <= '0;
                    group <= '0;
                    slot <= slot == SLOT_BITS'(ROWS - 1) ? '0 : slot + 1'b1;
                end else if (last_phase) begin
                    bank <= last_bank ? '0 : bank + 1'b1;
                    if (last_bank) group <= group + 1'b1;
                end
            end
        end
    end

    logic [SLICE_BITS-1:0] slices[0:SLICES-1];
    logic [SLICE_BITS-1:0] word;
    logic [ADDRESS_BITS-1:0] write_address;
    assign word = slices[slice];
    // Counters that have but one value are zero, whatever their place.
    assign write_address = (ADDRESS_BITS'(slot) << (PHASE_BITS + GROUP_BITS + INDEX_BITS))
        | (ADDRESS_BITS'(phase) << (GROUP_BITS + INDEX_BITS)) | (ADDRESS_BITS'(group) << INDEX_BITS)
        | ADDRESS_BITS'(slice);
    generate
        for (genvar s = 0; s < SLICES; s = s + 1) begin : g_slice
            assign slices[s] = pixel[s*SLICE_BITS +: SLICE_BITS];
        end
        for (genvar m = 0; m < MMV; m = m + 1) begin : g_bank
            logic [ADDRESS_BITS-1:0] address;
            logic write_bank;
            assign address = addresses[m*ADDRESS_BITS +: ADDRESS_BITS];
            assign write_bank = write && bank == BANK_BITS'(m);
            if (BLOCK_RAM != 0) begin : g_block
                (* ram_style = "block" *) logic [SLICE_BITS-1:0] memory[0:WORDS-1];
                always_ff @(posedge clk) if (write_bank) memory[write_address] <= word;
                always_ff @(posedge clk) data[m*SLICE_BITS +: SLICE_BITS] <= memory[address];
            end else begin : g_distributed
                (* ram_style = "distributed" *) logic [SLICE_BITS-1:0] memory[0:WORDS-1];
                always_ff @(posedge clk) if (write_bank) memory[write_address] <= word;
                always_ff @(posedge clk) data[m*SLICE_BITS +: SLICE_BITS] <= memory[address];
            end
        end
    endgenerate
endmodule
`default_nettype wire
