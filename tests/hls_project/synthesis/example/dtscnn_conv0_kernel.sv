// Two kernels over three neighbouring pixels: 3a - 2b + c and -a + 5b - 3c.
module dtscnn_conv0_kernel (input logic [23:0] window, output logic [25:0] vm);
  logic signed [12:0] a, b, c;
  assign a = {5'b0, window[7:0]};
  assign b = {5'b0, window[15:8]};
  assign c = {5'b0, window[23:16]};
  assign vm[12:0]  = (a <<< 1) + a - (b <<< 1) + c;
  assign vm[25:13] = (b <<< 2) + b - a - (c <<< 1) - c;
endmodule
