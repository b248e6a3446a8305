// What a window of spikes adds to one kernel (with FOLDS > 1: to one in each fold), in groups: a table's sum for each, a cycle
// later.
//
// GROUP taps and the fold address a table of the sums that they can add, one 6-input LUT for each bit where
// GROUP + FOLD_BITS is 6. TABLES: of group g, entry {fold, spikes}, signed, in SUM_BITS bits from bit
// 2^SHIFT * (entries * g + entry) on: a power of two apart, so that no product is needed to find a sum.
`default_nettype none
module dt_spike_tables #(
    parameter integer TAPS = 9,
    parameter integer GROUP = 6,
    parameter integer FOLDS = 1,
    parameter integer FOLD_BITS = 1,
    parameter integer SUM_BITS = 6,
    parameter integer SHIFT = SUM_BITS > 1 ? $clog2(SUM_BITS) : 1,
    parameter [((((TAPS+GROUP-1)/GROUP)*FOLDS*(1<<GROUP))<<SHIFT)-1:0] TABLES = '0
) (
    input  wire logic clk,
    input  wire logic [TAPS-1:0] taps,
    input  wire logic [FOLD_BITS-1:0] fold,
    output logic [((TAPS+GROUP-1)/GROUP)*SUM_BITS-1:0] sums
);
    localparam integer GROUPS = (TAPS + GROUP - 1) / GROUP;
    localparam integer ENTRIES = FOLDS * (1 << GROUP);
    localparam integer ADDRESS_BITS = FOLDS > 1 ? FOLD_BITS + GROUP : GROUP;

    logic [GROUPS*GROUP-1:0] spikes;
    assign spikes = (GROUPS * GROUP)'(taps);

    generate
        for (genvar g = 0; g < GROUPS; g = g + 1) begin : g_group
            logic [ADDRESS_BITS-1:0] address;
            if (FOLDS > 1) begin : g_folded
                assign address = {fold, spikes[g*GROUP +: GROUP]};
            end else begin : g_unfolded
                assign address = spikes[g*GROUP +: GROUP];
            end
            localparam [(ENTRIES<<SHIFT)-1:0] ENTRY = TABLES[(g*ENTRIES)<<SHIFT +: ENTRIES<<SHIFT];
            always_ff @(posedge clk) sums[g*SUM_BITS +: SUM_BITS] <= ENTRY[{address, {SHIFT{1'b0}}} +: SUM_BITS];
        end
    endgenerate

    generate
        if (FOLDS == 1) begin : g_no_fold
            logic unused;
            assign unused = &fold;
        end
    endgenerate
endmodule
`default_nettype wire
