// Pixels to scores: convolution, buffer, dense layer, result.
module dtscnn_core (
  input  logic clk, input logic rst,
  input  logic [7:0] pixel_data, input logic pixel_valid, output logic pixel_ready,
  output logic [31:0] result_data, output logic result_last, output logic result_valid, input logic result_ready
);
  logic [3:0] spikes, buffered;
  logic spikes_valid, spikes_ready, buffered_valid, buffered_ready;
  logic [47:0] scores;
  logic scores_valid, scores_ready;

  dtscnn_conv0 conv0 (
    .clk, .rst, .in_data(pixel_data), .in_valid(pixel_valid), .in_ready(pixel_ready),
    .out_data(spikes), .out_valid(spikes_valid), .out_ready(spikes_ready));
  dt_fifo #(.WIDTH(4), .DEPTH(16)) fifo0 (
    .clk, .rst, .in_data(spikes), .in_valid(spikes_valid), .in_ready(spikes_ready),
    .out_data(buffered), .out_valid(buffered_valid), .out_ready(buffered_ready));
  dtscnn_dense0 dense0 (
    .clk, .rst, .in_data(buffered), .in_valid(buffered_valid), .in_ready(buffered_ready),
    .out_data(scores), .out_valid(scores_valid), .out_ready(scores_ready));
  dtscnn_result result (
    .clk, .rst, .in_data(scores), .in_valid(scores_valid), .in_ready(scores_ready),
    .out_data(result_data), .out_last(result_last), .out_valid(result_valid), .out_ready(result_ready));
endmodule
