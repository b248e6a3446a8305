// Sum of TERMS signed numbers, modulo 2^OUT_BITS, $clog2(TERMS) cycles later: one adder between two registers.
//
// Level l is IN_BITS + l bits wide, which no sum of 2^l terms exceeds, and never wider than the result.
`default_nettype none
module dt_adder_tree #(
    parameter integer TERMS = 4,
    parameter integer IN_BITS = 4,
    parameter integer OUT_BITS = 8
) (
    input  wire logic clk,
    input  wire logic [TERMS*IN_BITS-1:0] terms,
    output logic signed [OUT_BITS-1:0] sum
);
    localparam integer LEVELS = $clog2(TERMS);
    generate
        for (genvar l = 0; l <= LEVELS; l = l + 1) begin : g_level
            localparam integer COUNT = (TERMS + (1 << l) - 1) >> l;
            localparam integer WIDTH = IN_BITS + l < OUT_BITS ? IN_BITS + l : OUT_BITS;
            logic [COUNT*WIDTH-1:0] sums;
            if (l == 0) begin : g_terms
                for (genvar i = 0; i < COUNT; i = i + 1) begin : g_term
                    assign sums[i*WIDTH +: WIDTH] = terms[i*IN_BITS +: WIDTH];
                end
            end else begin : g_sums
                localparam integer ABOVE = (TERMS + (1 << (l - 1)) - 1) >> (l - 1);
                localparam integer NARROW = IN_BITS + l - 1 < OUT_BITS ? IN_BITS + l - 1 : OUT_BITS;
                for (genvar i = 0; i < COUNT; i = i + 1) begin : g_sum
                    logic signed [NARROW-1:0] left, right;
                    assign left = g_level[l-1].sums[2*i*NARROW +: NARROW];
                    if (2 * i + 1 < ABOVE) begin : g_pair
                        assign right = g_level[l-1].sums[(2*i+1)*NARROW +: NARROW];
                    end else begin : g_single
                        assign right = '0;
                    end
                    always_ff @(posedge clk) sums[i*WIDTH +: WIDTH] <= WIDTH'(left) + WIDTH'(right);
                end
            end
        end
    endgenerate
    // A single term needs no clock, and a narrow result not all bits of its terms.
    logic unused;
    assign unused = &{clk, terms};
    assign sum = OUT_BITS'($signed(g_level[LEVELS].sums));
endmodule
`default_nettype wire
