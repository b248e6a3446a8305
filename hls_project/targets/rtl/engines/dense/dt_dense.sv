// Dense layer over a frame of BEATS beats of CHANNELS inputs: adds each input's weights to all OUTPUTS membrane potentials.
//
// CHANNELS / FOLDS inputs a cycle, so FOLDS cycles a beat; frames follow each other without a gap. A beat may hold several
// pixels of a row; those of a row's last beat that don't count have weights of 0. The weights are in a ROM with a
// registered read: word beat * FOLDS + fold; in it, input p's weight of output o in bits WEIGHT_BITS * (OUTPUTS * p + o).
// `vm_valid` marks the one cycle in which `vm` holds a frame's result; a frame's last word waits until `vm_free` says that
// the reader can take one.
`default_nettype none
module dt_dense #(
    parameter integer BEATS = 49,
    parameter integer CHANNELS = 32,
    parameter integer FOLDS = 16,
    parameter integer IN_BITS = 1,
    parameter integer OUTPUTS = 10,
    parameter integer WEIGHT_BITS = 4,
    parameter integer VM_BITS = 12,
    parameter integer BLOCK_RAM = 1,
    parameter WEIGHTS = ""
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [CHANNELS*IN_BITS-1:0] in_data,
    input  wire logic in_valid,
    output logic in_ready,
    output logic [OUTPUTS*VM_BITS-1:0] vm,
    output logic vm_valid,
    input  wire logic vm_free
);
    localparam integer INPUTS = CHANNELS / FOLDS;
    localparam integer WORDS = BEATS * FOLDS;
    localparam integer WORD_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
    localparam integer FOLD_BITS = FOLDS > 1 ? $clog2(FOLDS) : 1;
    localparam integer TERM_BITS = IN_BITS == 1 ? WEIGHT_BITS : WEIGHT_BITS + IN_BITS;
    localparam integer LEVELS = $clog2(INPUTS);
    localparam integer ROM_WIDTH = INPUTS * OUTPUTS * WEIGHT_BITS;

    logic [WORD_BITS-1:0] word;
    logic [ROM_WIDTH-1:0] weights;
    generate
        if (BLOCK_RAM != 0) begin : g_block
            (* rom_style = "block", ram_style = "block" *) logic [ROM_WIDTH-1:0] rom[0:WORDS-1];
            if (WEIGHTS != "") begin : g_file
                initial $readmemh(WEIGHTS, rom);
            end
            always_ff @(posedge clk) weights <= rom[word];
        end else begin : g_distributed
            // yosys knows "distributed" for memories that are written alone.
`ifdef YOSYS
            (* logic_block = 1 *) logic [ROM_WIDTH-1:0] rom[0:WORDS-1];
`else
            (* rom_style = "distributed" *) logic [ROM_WIDTH-1:0] rom[0:WORDS-1];
`endif
            if (WEIGHTS != "") begin : g_file
                initial $readmemh(WEIGHTS, rom);
            end
            always_ff @(posedge clk) weights <= rom[word];
        end
    endgenerate

    logic [FOLD_BITS-1:0] fold;
    logic last_word, take, pending;
    assign last_word = word == WORD_BITS'(WORDS - 1);
    assign take = in_valid && !(last_word && (pending || !vm_free));
    assign in_ready = take && fold == FOLD_BITS'(FOLDS - 1);

    // Flags of the word in each stage: ROM, terms, adder tree, accumulator.
    localparam integer STAGES = LEVELS + 3;
    logic [STAGES-1:0] valid, first, last;
    always_ff @(posedge clk) begin
        if (rst) begin
            word <= '0;
            fold <= '0;
            valid <= '0;
            pending <= 1'b0;
        end else begin
            valid <= {valid[STAGES-2:0], take};
            if (take) begin
                word <= last_word ? '0 : word + 1'b1;
                fold <= fold == FOLD_BITS'(FOLDS - 1) ? '0 : fold + 1'b1;
            end
            if (take && last_word) pending <= 1'b1;
            else if (vm_valid) pending <= 1'b0;
        end
        first <= {first[STAGES-2:0], word == '0};
        last <= {last[STAGES-2:0], last_word};
    end
    assign vm_valid = valid[STAGES-1] && last[STAGES-1];

    logic [INPUTS*IN_BITS-1:0] slice, inputs;
    generate
        if (FOLDS > 1) begin : g_slice
            logic [INPUTS*IN_BITS-1:0] slices[0:FOLDS-1];
            for (genvar f = 0; f < FOLDS; f = f + 1) begin : g_fold
                assign slices[f] = in_data[f*INPUTS*IN_BITS +: INPUTS*IN_BITS];
            end
            assign slice = slices[fold];
        end else begin : g_whole
            assign slice = in_data;
        end
    endgenerate
    always_ff @(posedge clk) inputs <= slice;

    generate
        for (genvar o = 0; o < OUTPUTS; o = o + 1) begin : g_output
            logic [INPUTS*TERM_BITS-1:0] terms;
            for (genvar p = 0; p < INPUTS; p = p + 1) begin : g_input
                logic signed [WEIGHT_BITS-1:0] weight;
                assign weight = weights[(p*OUTPUTS+o)*WEIGHT_BITS +: WEIGHT_BITS];
                if (IN_BITS == 1) begin : g_spike
                    always_ff @(posedge clk) terms[p*TERM_BITS +: TERM_BITS] <= inputs[p] ? weight : '0;
                end else begin : g_pixel
                    logic signed [IN_BITS:0] pixel;
                    assign pixel = {1'b0, inputs[p*IN_BITS +: IN_BITS]};
                    always_ff @(posedge clk)
                        terms[p*TERM_BITS +: TERM_BITS] <= TERM_BITS'(TERM_BITS'(weight) * TERM_BITS'(pixel));
                end
            end
            logic signed [VM_BITS-1:0] sum, accumulator;
            dt_adder_tree #(
                .TERMS(INPUTS),
                .IN_BITS(TERM_BITS),
                .OUT_BITS(VM_BITS)
            ) tree (
                .clk(clk),
                .terms(terms),
                .sum(sum)
            );
            always_ff @(posedge clk)
                if (valid[STAGES-2]) accumulator <= (first[STAGES-2] ? '0 : accumulator) + sum;
            assign vm[o*VM_BITS +: VM_BITS] = accumulator;
        end
    endgenerate

    generate
        if (FOLDS < 1 || CHANNELS % FOLDS != 0) begin : g_refused
            // Elaboration stops here, with the instance's name.
            dt_dense_folds_must_divide_the_channels_of_a_beat refused ();
        end
    endgenerate

`ifdef SIMULATION
    longint busy;
    initial busy = 0;
    always_ff @(posedge clk) if (!rst && take) busy <= busy + 1;
    final begin
        $display("dtscnn work %m busy %0d", busy);
        $display("dtscnn dense %m valid %0d ready %0d free %0d pending %0d word %0d", in_valid, in_ready, vm_free, pending,
            word);
    end
`endif
endmodule
`default_nettype wire
