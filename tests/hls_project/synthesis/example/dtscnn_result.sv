// Three 16-bit scores in, three 32-bit words and the label of the first maximum out.
module dtscnn_result (
  input  logic clk, input logic rst,
  input  logic [47:0] in_data, input logic in_valid, output logic in_ready,
  output logic [31:0] out_data, output logic out_last, output logic out_valid, input logic out_ready
);
  logic [47:0] scores;
  logic [1:0] beat, label;
  logic signed [15:0] best;
  logic busy;
  logic signed [15:0] score;

  assign in_ready  = !busy;
  assign out_valid = busy;
  assign out_last  = beat == 2'd3;
  assign score     = scores[15:0];
  assign out_data  = out_last ? {30'b0, label} : 32'(score);

  always_ff @(posedge clk)
    if (rst) busy <= 1'b0;
    else if (!busy) begin
      busy   <= in_valid;
      scores <= in_data;
      beat   <= '0;
    end else if (out_ready) begin
      beat   <= beat + 1'b1;
      scores <= scores >> 16;
      if (beat == 2'd0 || score > best) begin
        best  <= score;
        label <= beat;
      end
      if (out_last) busy <= 1'b0;
    end
endmodule
