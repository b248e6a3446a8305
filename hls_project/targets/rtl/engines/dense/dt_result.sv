// The network's result, one 32-bit word a beat: CLASSES scores, then the label, the first maximum, with `last`.
`default_nettype none
module dt_result #(
    parameter integer CLASSES = 10,
    parameter integer SCORE_BITS = 12
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [CLASSES*SCORE_BITS-1:0] scores,
    input  wire logic scores_valid,
    output logic scores_free,
    output logic [31:0] result_data,
    output logic result_last,
    output logic result_valid,
    input  wire logic result_ready
);
    localparam integer COUNT_BITS = $clog2(CLASSES + 1);
    logic [CLASSES*SCORE_BITS-1:0] waiting;
    logic [COUNT_BITS-1:0] count, label;
    logic signed [SCORE_BITS-1:0] score, best;
    assign score = waiting[SCORE_BITS-1:0];
    assign scores_free = !result_valid;
    assign result_last = count == COUNT_BITS'(CLASSES);
    assign result_data = result_last ? 32'(label) : 32'(score);

    always_ff @(posedge clk) begin
        if (rst) begin
            result_valid <= 1'b0;
        end else if (scores_valid) begin
            result_valid <= 1'b1;
            count <= '0;
            waiting <= scores;
        end else if (result_valid && result_ready) begin
            result_valid <= !result_last;
            count <= count + 1'b1;
            waiting <= waiting >> SCORE_BITS;
            if (count == '0 || score > best) begin
                best <= score;
                label <= count;
            end
        end
    end

`ifdef SIMULATION
    logic tracing;
    initial tracing = $test$plusargs("trace") != 0;
    always_ff @(posedge clk) if (tracing && scores_valid && !rst) $display("dtscnn scores %m %h", scores);
    final $display("dtscnn result %m valid %0d ready %0d word %0d", result_valid, result_ready, count);
`endif
endmodule
`default_nettype wire
