// Convolution and dual-threshold firing, folded: PE kernels, OPERANDS inputs of one tap and MMV pixels of a row in each cycle.
//
// An input is a channel, or the pair of channels of one kernel of a dual-threshold layer (PAIRED: of CHANNELS spikes in block
// order, c and CHANNELS / 2 + c). A beat brings all channels of a pixel; a beat of spikes leaves for each output pixel, in raster
// order. `room` is looked at before each group of MMV pixels. Steps: rows x groups x kernel folds x tap rows x tap columns x
// slices of the channels. Memory files, a word a line: WEIGHTS of kernel fold, tap row, tap column, slice (as `dt_fold_array`
// takes it), THRESHOLDS of a kernel fold (as `dt_fold_fire`).
`default_nettype none
module dt_fold_conv #(
    parameter integer HEIGHT = 16,
    parameter integer WIDTH = 16,
    parameter integer CHANNELS = 32,
    parameter integer INPUT_BITS = 1,
    parameter integer PAIRED = 1,
    parameter integer OUT_HEIGHT = 16,
    parameter integer OUT_WIDTH = 16,
    parameter integer KERNEL_HEIGHT = 3,
    parameter integer KERNEL_WIDTH = 3,
    parameter integer STRIDE_HEIGHT = 1,
    parameter integer STRIDE_WIDTH = 1,
    parameter integer PAD_TOP = 1,
    parameter integer PAD_LEFT = 1,
    parameter integer KERNELS = 16,
    parameter integer MAPS = 2,
    parameter integer PE = 4,
    parameter integer OPERANDS = 8,
    parameter integer MMV = 1,
    parameter integer CHAIN = 4,
    parameter integer ROWS = 4,
    parameter integer BLOCK_ROWS = 0,
    parameter integer BLOCK_WEIGHTS = 1,
    parameter integer WEIGHT_BITS = 4,
    parameter integer VM_BITS = 12,
    parameter WEIGHTS = "",
    parameter THRESHOLDS = ""
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [CHANNELS*INPUT_BITS-1:0] pixel,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    input  wire logic room,
    output logic [MAPS*KERNELS-1:0] spikes,
    output logic spikes_valid
);
    localparam integer INPUTS = PAIRED != 0 ? CHANNELS / 2 : CHANNELS;
    localparam integer IN_BITS = PAIRED != 0 ? 2 : INPUT_BITS;
    localparam integer WORD_BITS = PAIRED != 0 ? 2 * WEIGHT_BITS + 1 : WEIGHT_BITS;
    localparam integer SLICES = (INPUTS + OPERANDS - 1) / OPERANDS;
    localparam integer SLICE_BITS = OPERANDS * IN_BITS;
    localparam integer KERNEL_FOLDS = (KERNELS + PE - 1) / PE;
    localparam integer STEPS = KERNEL_HEIGHT * KERNEL_WIDTH * SLICES;
    localparam integer WORDS = KERNEL_FOLDS * STEPS;
    localparam integer ADDRESS_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
    localparam integer TAP_BITS = KERNEL_WIDTH > 1 ? $clog2(KERNEL_WIDTH) : 1;
    // Places of the ring of rows.
    localparam integer STORED_GROUPS = ((WIDTH + STRIDE_WIDTH - 1) / STRIDE_WIDTH + MMV - 1) / MMV;
    localparam integer PHASE_BITS = $clog2(STRIDE_WIDTH);
    localparam integer GROUP_BITS = $clog2(STORED_GROUPS);
    localparam integer INDEX_BITS = $clog2(SLICES);
    localparam integer SLOT_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
    localparam integer LEFT_BITS = $clog2(ROWS + 1);
    localparam integer PLACE_BITS = SLOT_BITS + PHASE_BITS + GROUP_BITS + INDEX_BITS;
    // Lanes: their latency, and the sum of their operands' offsets.
    localparam integer OPERAND_BITS =
        PAIRED != 0 ? WEIGHT_BITS + 1 : INPUT_BITS > 1 ? WEIGHT_BITS + INPUT_BITS : WEIGHT_BITS;
    localparam integer LONGEST = OPERANDS < CHAIN ? OPERANDS : CHAIN;
    localparam integer LATENCY = (LONGEST > 2 ? LONGEST - 1 : 1) + $clog2((OPERANDS + CHAIN - 1) / CHAIN)
        + (INPUT_BITS > 1 ? 1 : 0);
    localparam integer OFFSETS = STEPS * OPERANDS * (1 << (OPERAND_BITS - 1));

    generate
        if (STEPS < MMV) begin : g_refused
            // Elaboration stops here, with the instance's name: firing takes a cycle for each pixel of a group.
            dt_fold_conv_fires_slower_than_it_adds refused ();
        end
    endgenerate

    // The pixel as slices of operands; inputs beyond the last are 0.
    logic [SLICES*SLICE_BITS-1:0] sliced;
    generate
        for (genvar i = 0; i < SLICES * OPERANDS; i = i + 1) begin : g_input
            if (i >= INPUTS) begin : g_none
                assign sliced[i*IN_BITS +: IN_BITS] = '0;
            end else if (PAIRED != 0) begin : g_pair
                assign sliced[i*IN_BITS +: IN_BITS] = {pixel[INPUTS+i], pixel[i]};
            end else begin : g_single
                assign sliced[i*IN_BITS +: IN_BITS] = pixel[i*IN_BITS +: IN_BITS];
            end
        end
    endgenerate

    logic arrived, valid, last;
    logic [LEFT_BITS-1:0] left;
    logic [MMV*PLACE_BITS-1:0] addresses;
    logic [MMV*SLICE_BITS-1:0] data;
    logic [TAP_BITS-1:0] tap_column;
    logic [MMV-1:0] covered;
    logic [ADDRESS_BITS-1:0] word;
    dt_fold_rows #(
        .WIDTH(WIDTH),
        .SLICES(SLICES),
        .SLICE_BITS(SLICE_BITS),
        .STRIDE(STRIDE_WIDTH),
        .MMV(MMV),
        .ROWS(ROWS),
        .PHASE_BITS(PHASE_BITS),
        .GROUP_BITS(GROUP_BITS),
        .INDEX_BITS(INDEX_BITS),
        .SLOT_BITS(SLOT_BITS),
        .LEFT_BITS(LEFT_BITS),
        .BLOCK_RAM(BLOCK_ROWS)
    ) rows (
        .clk(clk),
        .rst(rst),
        .pixel(sliced),
        .pixel_valid(pixel_valid),
        .pixel_ready(pixel_ready),
        .arrived(arrived),
        .left(left),
        .addresses(addresses),
        .data(data)
    );
    dt_fold_steps #(
        .HEIGHT(HEIGHT),
        .WIDTH(WIDTH),
        .OUT_HEIGHT(OUT_HEIGHT),
        .OUT_GROUPS((OUT_WIDTH + MMV - 1) / MMV),
        .KERNEL_HEIGHT(KERNEL_HEIGHT),
        .KERNEL_WIDTH(KERNEL_WIDTH),
        .STRIDE_HEIGHT(STRIDE_HEIGHT),
        .STRIDE_WIDTH(STRIDE_WIDTH),
        .PAD_TOP(PAD_TOP),
        .PAD_LEFT(PAD_LEFT),
        .SLICES(SLICES),
        .KERNEL_FOLDS(KERNEL_FOLDS),
        .MMV(MMV),
        .ROWS(ROWS),
        .PHASE_BITS(PHASE_BITS),
        .GROUP_BITS(GROUP_BITS),
        .INDEX_BITS(INDEX_BITS),
        .SLOT_BITS(SLOT_BITS),
        .LEFT_BITS(LEFT_BITS),
        .WORD_BITS(ADDRESS_BITS),
        .TAP_BITS(TAP_BITS)
    ) steps (
        .clk(clk),
        .rst(rst),
        .arrived(arrived),
        .room(room),
        .left(left),
        .addresses(addresses),
        .tap_column(tap_column),
        .covered(covered),
        .word(word),
        .valid(valid),
        .last(last)
    );

    // Stage 2: the memories answer. Stage 3: each pixel's inputs from the bank that holds them, none outside the map.
    logic [PE*OPERANDS*WORD_BITS-1:0] weights;
    dt_fold_weights #(
        .WORDS(WORDS),
        .BITS(PE * OPERANDS * WORD_BITS),
        .ADDRESS_BITS(ADDRESS_BITS),
        .BLOCK_RAM(BLOCK_WEIGHTS),
        .FILE(WEIGHTS)
    ) rom (
        .clk(clk),
        .rst(rst),
        .word(word),
        .weights(weights)
    );
    logic [TAP_BITS-1:0] tap_column_2;
    logic [MMV-1:0] covered_2;
    logic valid_2, valid_3, last_2, last_3;
    logic [MMV*SLICE_BITS-1:0] inputs;
    always_ff @(posedge clk) begin
        tap_column_2 <= tap_column;
        covered_2 <= covered;
        valid_2 <= valid && !rst;
        valid_3 <= valid_2 && !rst;
        last_2 <= last;
        last_3 <= last_2;
    end
    generate
        for (genvar m = 0; m < MMV; m = m + 1) begin : g_pixel
            logic [SLICE_BITS-1:0] turned[0:KERNEL_WIDTH-1];
            for (genvar c = 0; c < KERNEL_WIDTH; c = c + 1) begin : g_column
                localparam integer SHIFT = (c - PAD_LEFT + PAD_LEFT * STRIDE_WIDTH) / STRIDE_WIDTH - PAD_LEFT;
                localparam integer BANK = (SHIFT + PAD_LEFT * MMV + m) % MMV;
                assign turned[c] = data[BANK*SLICE_BITS +: SLICE_BITS];
            end
            always_ff @(posedge clk)
                inputs[m*SLICE_BITS +: SLICE_BITS] <= covered_2[m] ? turned[tap_column_2] : '0;
        end
    endgenerate

    logic [MMV*PE*VM_BITS-1:0] vm;
    logic vm_valid;
    dt_fold_array #(
        .PE(PE),
        .MMV(MMV),
        .OPERANDS(OPERANDS),
        .PAIRED(PAIRED),
        .INPUT_BITS(INPUT_BITS),
        .WEIGHT_BITS(WEIGHT_BITS),
        .CHAIN(CHAIN),
        .VM_BITS(VM_BITS),
        .START(VM_BITS'(-OFFSETS)),
        .LATENCY(LATENCY)
    ) lanes (
        .clk(clk),
        .rst(rst),
        .weights(weights),
        .inputs(inputs),
        .valid(valid_3),
        .last(last_3),
        .vm(vm),
        .vm_valid(vm_valid)
    );
    dt_fold_fire #(
        .PE(PE),
        .MMV(MMV),
        .FOLDS(KERNEL_FOLDS),
        .MAPS(MAPS),
        .KERNELS(KERNELS),
        .WIDTH(OUT_WIDTH),
        .VM_BITS(VM_BITS),
        .THRESHOLDS(THRESHOLDS)
    ) fire (
        .clk(clk),
        .rst(rst),
        .vm(vm),
        .vm_valid(vm_valid),
        .spikes(spikes),
        .spikes_valid(spikes_valid)
    );

`ifdef SIMULATION
    longint busy;
    initial busy = 0;
    always_ff @(posedge clk) if (!rst && valid) busy <= busy + 1;
    final $display("dtscnn work %m busy %0d", busy);
`endif
endmodule
`default_nettype wire
