// 1x3 convolution and dual-threshold firing: four spikes a pixel, thresholds in block order.
module dtscnn_conv0 (
  input  logic clk, input logic rst,
  input  logic [7:0] in_data, input logic in_valid, output logic in_ready,
  output logic [3:0] out_data, output logic out_valid, input logic out_ready
);
  logic [23:0] window;
  logic [25:0] vm, vm_q;
  logic window_valid, vm_valid, step;

  assign step = !out_valid || out_ready;
  assign in_ready = step;
  dtscnn_conv0_kernel kernel (.window(window), .vm(vm));

  always_ff @(posedge clk) if (step) begin
    window <= {in_data, window[23:8]};
    vm_q   <= vm;
    out_data <= {$signed(vm_q[25:13]) >= 13'sd200, $signed(vm_q[12:0]) >= 13'sd150,
                 $signed(vm_q[25:13]) >= -13'sd20, $signed(vm_q[12:0]) >= 13'sd40};
  end
  always_ff @(posedge clk)
    if (rst) {window_valid, vm_valid, out_valid} <= '0;
    else if (step) {window_valid, vm_valid, out_valid} <= {in_valid, window_valid, vm_valid};
endmodule
