// First-in first-out buffer in distributed RAM; DEPTH is a power of two.
module dt_fifo #(parameter int WIDTH = 8, parameter int DEPTH = 16) (
  input  logic clk, input logic rst,
  input  logic [WIDTH-1:0] in_data, input logic in_valid, output logic in_ready,
  output logic [WIDTH-1:0] out_data, output logic out_valid, input logic out_ready
);
  localparam int ADDRESS = $clog2(DEPTH);
  logic [ADDRESS:0] head, tail;
  logic [WIDTH-1:0] memory [DEPTH];

  assign out_valid = head != tail;
  assign in_ready  = head - tail != (ADDRESS + 1)'(DEPTH);
  assign out_data  = memory[tail[ADDRESS-1:0]];

  always_ff @(posedge clk) if (in_valid && in_ready) memory[head[ADDRESS-1:0]] <= in_data;
  always_ff @(posedge clk)
    if (rst) begin
      head <= '0;
      tail <= '0;
    end else begin
      if (in_valid && in_ready) head <= head + 1'b1;
      if (out_valid && out_ready) tail <= tail + 1'b1;
    end
endmodule
