// A flag and its data, CYCLES later.
`default_nettype none
module dt_delay #(
    parameter integer BITS = 1,
    parameter integer CYCLES = 1
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [BITS-1:0] in_data,
    input  wire logic in_valid,
    output logic [BITS-1:0] out_data,
    output logic out_valid
);
    logic [(CYCLES+1)*BITS-1:0] data;
    logic [CYCLES:0] valid;
    assign data[BITS-1:0] = in_data;
    assign valid[0] = in_valid;
    assign out_data = data[CYCLES*BITS +: BITS];
    assign out_valid = valid[CYCLES];
    generate
        for (genvar i = 0; i < CYCLES; i = i + 1) begin : g_stage
            always_ff @(posedge clk) begin
                data[(i+1)*BITS +: BITS] <= data[i*BITS +: BITS];
                valid[i+1] <= rst ? 1'b0 : valid[i];
            end
        end
    endgenerate
endmodule
`default_nettype wire
