// Dual-threshold firing of a folded convolution: PE kernels of MMV pixels at a time, one pixel a cycle; a tie fires.
//
// `vm_valid` brings a kernel fold's potentials (pixel m, kernel k in bits VM_BITS * (PE * m + k)), at least MMV cycles apart,
// kernel folds in order, then the next group of the row. Spikes of the folds before the last wait in a small memory; with the
// last fold's, each pixel of the group that lies in the row becomes a beat: [Vth1 x KERNELS | Vth2 x KERNELS], 3 cycles after
// its potential. Kernels beyond KERNELS are dropped. Word f of the memory file THRESHOLDS: of map j, kernel k in bits
// (VM_BITS + 1) * (PE * j + k), signed.
`default_nettype none
module dt_fold_fire #(
    parameter integer PE = 4,
    parameter integer MMV = 1,
    parameter integer FOLDS = 4,
    parameter integer MAPS = 2,
    parameter integer KERNELS = 16,
    parameter integer WIDTH = 16,
    parameter integer VM_BITS = 12,
    parameter THRESHOLDS = ""
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [MMV*PE*VM_BITS-1:0] vm,
    input  wire logic vm_valid,
    output logic [MAPS*KERNELS-1:0] spikes,
    output logic spikes_valid
);
    localparam integer BITS = VM_BITS + 1;
    localparam integer PART = MAPS * PE;
    localparam integer FOLD_BITS = FOLDS > 1 ? $clog2(FOLDS) : 1;
    localparam integer PIXEL_BITS = MMV > 1 ? $clog2(MMV) : 1;
    localparam integer COLUMN_BITS = $clog2(WIDTH + MMV + 1);

    logic [PART*BITS-1:0] rom[0:FOLDS-1];
    generate
        if (THRESHOLDS != "") begin : g_rom
            initial $readmemh(THRESHOLDS, rom);
        end
    endgenerate

    // The fold and pixel whose potentials are selected, and what is left of the row. In each stage: a flag, fold, pixel.
    logic [FOLD_BITS-1:0] fold, fold_1, fold_2;
    logic [PIXEL_BITS-1:0] pixel, pixel_1, pixel_2;
    logic [COLUMN_BITS-1:0] column;
    logic busy, work, last_pixel, last_fold, in_row, row_ends, valid_1, valid_2, ends_1, ends_2;
    assign work = vm_valid || busy;
    assign last_pixel = MMV == 1 || pixel == PIXEL_BITS'(MMV - 1);
    assign last_fold = FOLDS == 1 || fold == FOLD_BITS'(FOLDS - 1);
    assign in_row = column < COLUMN_BITS'(WIDTH);
    generate
        if (WIDTH == 1) begin : g_one
            assign row_ends = 1'b1;
        end else begin : g_row
            assign row_ends = column >= COLUMN_BITS'(WIDTH - 1);
        end
    endgenerate
    always_ff @(posedge clk) begin
        if (rst) begin
            fold <= '0;
            pixel <= '0;
            column <= '0;
            busy <= 1'b0;
            valid_1 <= 1'b0;
            valid_2 <= 1'b0;
        end else begin
            busy <= work && !last_pixel;
            valid_1 <= work;
            valid_2 <= valid_1;
            if (work) begin
                pixel <= last_pixel ? '0 : pixel + 1'b1;
                if (last_pixel) fold <= last_fold ? '0 : fold + 1'b1;
                if (last_fold) column <= last_pixel && row_ends ? '0 : column + 1'b1;
            end
        end
        fold_1 <= fold;
        fold_2 <= fold_1;
        pixel_1 <= pixel;
        pixel_2 <= pixel_1;
        ends_1 <= last_fold && in_row;
        ends_2 <= ends_1;
    end

    // Stage 1: the pixel's potentials and the fold's thresholds.
    logic [PE*VM_BITS-1:0] pixels[0:MMV-1];
    logic [PE*VM_BITS-1:0] potentials;
    logic [PART*BITS-1:0] thresholds;
    generate
        for (genvar m = 0; m < MMV; m = m + 1) begin : g_pixel
            assign pixels[m] = vm[m*PE*VM_BITS +: PE*VM_BITS];
        end
    endgenerate
    always_ff @(posedge clk) begin
        potentials <= pixels[pixel];
        thresholds <= rom[fold];
    end

    // Stage 2: firing.
    logic [PART-1:0] fired, part;
    generate
        for (genvar k = 0; k < PE; k = k + 1) begin : g_kernel
            logic signed [BITS-1:0] value;
            assign value = BITS'($signed(potentials[k*VM_BITS +: VM_BITS]));
            for (genvar j = 0; j < MAPS; j = j + 1) begin : g_map
                logic signed [BITS-1:0] threshold;
                assign threshold = thresholds[(j*PE+k)*BITS +: BITS];
                assign fired[j*PE+k] = value >= threshold;
            end
        end
    endgenerate
    always_ff @(posedge clk) part <= fired;

    // Stage 3: the beat, of this fold and those before it.
    logic [FOLDS*PART-1:0] parts;
    assign parts[(FOLDS-1)*PART +: PART] = part;
    generate
        if (FOLDS == 1) begin : g_no_fold
            logic unused;
            assign unused = &{valid_2, fold_2, pixel_2};
        end
        for (genvar f = 0; f < FOLDS - 1; f = f + 1) begin : g_fold
            (* ram_style = "distributed" *) logic [PART-1:0] waiting[0:MMV-1];
            always_ff @(posedge clk) if (valid_2 && fold_2 == FOLD_BITS'(f)) waiting[pixel_2] <= part;
            assign parts[f*PART +: PART] = waiting[pixel_2];
        end
        for (genvar j = 0; j < MAPS; j = j + 1) begin : g_beat_map
            for (genvar k = 0; k < KERNELS; k = k + 1) begin : g_beat
                always_ff @(posedge clk) spikes[j*KERNELS+k] <= parts[(k/PE)*PART+j*PE+k%PE];
            end
        end
    endgenerate
    always_ff @(posedge clk) spikes_valid <= valid_2 && ends_2 && !rst;

`ifdef SIMULATION
    logic tracing;
    logic was_reset;  // before its first reset everything is random
    initial begin
        tracing = $test$plusargs("trace") != 0;
        was_reset = 1'b0;
    end
    always_ff @(posedge clk) begin
        if (rst) was_reset <= 1'b1;
        if (tracing && valid_1 && !rst && was_reset) $display("dtscnn fire %m %h %h", potentials, fired);
        if (!rst && was_reset && vm_valid && busy) begin
            $display("dtscnn overrun %m");
            $finish;
        end
    end
`endif
endmodule
`default_nettype wire
