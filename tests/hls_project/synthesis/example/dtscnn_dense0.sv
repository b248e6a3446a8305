// Three scores over 512 pixels of four spikes; 4-bit weights in block RAM.
module dtscnn_dense0 (
  input  logic clk, input logic rst,
  input  logic [3:0] in_data, input logic in_valid, output logic in_ready,
  output logic [47:0] out_data, output logic out_valid, input logic out_ready
);
  (* rom_style = "block" *) logic [47:0] weights [512];
  initial $readmemh("dtscnn_dense0.mem", weights);

  logic [8:0] pixel;
  logic [47:0] word, sum, next_sum;
  logic [3:0] spikes;
  logic word_valid, word_first, word_last, step;

  assign step = !out_valid || out_ready;
  assign in_ready = step;

  always_comb
    for (int score = 0; score < 3; score++) begin
      next_sum[16*score+:16] = word_first ? 16'd0 : sum[16*score+:16];
      for (int spike = 0; spike < 4; spike++)
        if (spikes[spike])
          next_sum[16*score+:16] = next_sum[16*score+:16] + 16'($signed(word[4*(4*score+spike)+:4]));
    end

  always_ff @(posedge clk) if (step) begin
    word <= weights[pixel];
    spikes <= in_data;
    word_first <= pixel == 9'd0;
    word_last  <= pixel == 9'd511;
    if (word_valid) sum <= next_sum;
  end
  assign out_data = sum;
  always_ff @(posedge clk)
    if (rst) begin
      pixel <= '0;
      word_valid <= 1'b0;
      out_valid <= 1'b0;
    end else if (step) begin
      if (in_valid) pixel <= pixel + 1'b1;
      word_valid <= in_valid;
      out_valid <= word_valid && word_last;
    end
endmodule
