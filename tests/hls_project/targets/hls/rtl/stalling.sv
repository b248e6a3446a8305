// Stands in for an IP of Vitis HLS as the tool makes its dataflow by default: two processes, each a loop whose pipeline
// stalls and rewinds. A process that has begun its next call, and finds its input empty, freezes every iteration before it.
// The second process is started by tokens that the first leaves as it begins, as the tool's start_for_* buffers do.
//
// Result: CLASSES sums and a label. Word k is the sum over the pixels p of (byte + 1) * (p + k + 1); the label is 7.
// With the argument +flushing the pipelines flush instead (style=flp).
`default_nettype none
module dtscnn #(
    parameter integer FRAME = 6,
    parameter integer CLASSES = 2
) (
    input  wire logic ap_clk,
    input  wire logic ap_rst_n,
    input  wire logic ap_start,
    output logic ap_done,
    output logic ap_idle,
    output logic ap_ready,
    input  wire logic [7:0] image_TDATA,
    input  wire logic image_TVALID,
    output logic image_TREADY,
    output logic [32*(CLASSES+1)-1:0] result_TDATA,
    output logic result_TVALID,
    input  wire logic result_TREADY
);
    logic [7:0] between_data;
    logic between_valid, between_ready, second_ready, begins;
    logic [7:0] tokens;
    logic [32*(CLASSES+1)-1:0] sums;

    assign ap_done = result_TVALID && result_TREADY;
    assign ap_idle = 1'b0;

    stalling_process #(.FRAME(FRAME)) first (
        .clk(ap_clk), .rst(!ap_rst_n), .start(ap_start), .ready(ap_ready), .begins(begins),
        .in_data(image_TDATA), .in_valid(image_TVALID), .in_ready(image_TREADY),
        .out_data(between_data), .out_last(), .out_valid(between_valid), .out_ready(between_ready)
    );

    logic [7:0] fifo[0:1];
    logic [1:0] filled;
    assign between_ready = filled != 2'd2;
    logic second_take;
    always_ff @(posedge ap_clk)
        if (!ap_rst_n) begin
            filled <= 2'd0;
            tokens <= 8'd0;
        end else begin
            tokens <= tokens + 8'(begins) - 8'(second_ready);
            if (second_take) fifo[0] <= fifo[1];
            if (between_valid && between_ready) fifo[filled[0] ^ second_take] <= between_data;
            filled <= filled + 2'(between_valid && between_ready) - 2'(second_take);
        end

    logic [7:0] last_data;
    logic last_last, last_valid, last_ready, fifo_ready;
    assign second_take = filled != 2'd0 && fifo_ready;
    stalling_process #(.FRAME(FRAME)) second (
        .clk(ap_clk), .rst(!ap_rst_n), .start(tokens != 8'd0), .ready(second_ready), .begins(),
        .in_data(fifo[0]), .in_valid(filled != 2'd0), .in_ready(fifo_ready),
        .out_data(last_data), .out_last(last_last), .out_valid(last_valid), .out_ready(last_ready)
    );

    logic [31:0] position;
    assign last_ready = !(result_TVALID && !result_TREADY);
    always_comb begin
        for (int k = 0; k < CLASSES; k++)
            sums[32*k+:32] = (position == 0 ? 32'd0 : result_TDATA[32*k+:32]) + (32'(last_data) + 1) * (position + k + 1);
        sums[32*CLASSES+:32] = 32'd7;
    end
    always_ff @(posedge ap_clk)
        if (!ap_rst_n) begin
            result_TVALID <= 1'b0;
            position <= 32'd0;
        end else begin
            if (result_TREADY) result_TVALID <= 1'b0;
            if (last_valid && last_ready) begin
                result_TDATA <= sums;
                result_TVALID <= last_last;
                position <= last_last ? 32'd0 : position + 32'd1;
            end
        end
endmodule

// One loop of FRAME iterations, five stages deep. ready: the last iteration of a call is issued; the next call begins with
// the next cycle if start is there. begins: a call begins.
module stalling_process #(
    parameter integer FRAME = 6
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic start,
    output logic ready,
    output logic begins,
    input  wire logic [7:0] in_data,
    input  wire logic in_valid,
    output logic in_ready,
    output logic [7:0] out_data,
    output logic out_last,
    output logic out_valid,
    input  wire logic out_ready
);
    localparam integer DEPTH = 5;
    logic [7:0] data[0:DEPTH-1];
    logic [DEPTH-1:0] valid, last;
    logic running, starved, moves, issues;
    logic [31:0] iteration;

    logic flushing;
    initial flushing = $test$plusargs("flushing") != 0;

    assign starved = running && !in_valid;
    assign moves = !(valid[DEPTH-1] && !out_ready) && (flushing || !starved);
    assign issues = running && in_valid && moves;
    assign in_ready = running && moves;
    assign ready = issues && iteration == FRAME - 1;
    assign begins = start && !running;
    assign out_data = data[DEPTH-1];
    assign out_last = last[DEPTH-1];
    assign out_valid = valid[DEPTH-1] && (flushing || !starved);

    always_ff @(posedge clk)
        if (rst) begin
            valid <= '0;
            running <= 1'b0;
            iteration <= 32'd0;
        end else begin
            if (begins) running <= 1'b1;
            else if (ready) running <= 1'b0;
            if (issues) iteration <= ready ? 32'd0 : iteration + 32'd1;
            if (moves) begin
                valid <= {valid[DEPTH-2:0], issues};
                last <= {last[DEPTH-2:0], ready};
                for (int i = 1; i < DEPTH; i++) data[i] <= data[i-1];
                data[0] <= in_data;
            end
        end
endmodule
`default_nettype wire
