// base + operand, both unsigned, in one carry chain; the operand may be gated in the same look-up tables.
//
// Written as a difference so that `base` always is the operand that the carry chain takes directly: tools may swap the operands
// of a sum, and then the gates need look-up tables of their own. The low bit makes the carry in 0.
`default_nettype none
module dt_gated_add #(
    parameter integer BASE_BITS = 5,
    parameter integer OPERAND_BITS = 5,
    parameter integer SUM_BITS = 6
) (
    input  wire logic [BASE_BITS-1:0] base,
    input  wire logic [OPERAND_BITS-1:0] operand,
    output logic [SUM_BITS-1:0] sum
);
    logic [SUM_BITS-1:0] left, right;
    logic [SUM_BITS:0] difference;
    assign left = SUM_BITS'(base);
    assign right = SUM_BITS'(operand);
    assign difference = {left, 1'b0} - {~right, 1'b1};
    assign sum = difference[SUM_BITS:1];
    logic unused;
    assign unused = difference[0];
endmodule
`default_nettype wire
