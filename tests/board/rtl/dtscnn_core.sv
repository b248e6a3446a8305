// Stand-in for a generated core: its scores are sums of the frame's bytes, each weighted by its position and class.
//
// Score k = sum over byte positions p of (byte + 1) * ((p + 1) * 2654435761 + (k + 1) * (p + 3) * 40503), modulo 2^32:
// a byte lost, doubled or swapped changes every score. Label: the first maximum, signed. Up to 32 results wait inside.
// CORE_PIXELS pixels of a row come in a beat; of a row's last one those that the row has. Sizes come as macros, as a generated core has none to set. `input_stalls` and `output_stalls` are the chances, in
// 256, that a beat is held back for a cycle; the bench sets them and `seed`.
`default_nettype none
module dtscnn_core (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [8*`CORE_CHANNELS*`CORE_PIXELS-1:0] pixel_data,
    input  wire logic pixel_valid,
    output logic pixel_ready,
    output logic [31:0] result_data,
    output logic result_last,
    output logic result_valid,
    input  wire logic result_ready
);
    localparam integer PIXELS = `CORE_PIXELS;
    localparam integer WIDTH = `CORE_WIDTH;
    localparam integer ROW = (WIDTH + PIXELS - 1) / PIXELS;
    localparam integer BEATS = `CORE_HEIGHT * ROW;
    localparam integer CHANNELS = `CORE_CHANNELS;
    localparam integer CLASSES = `CORE_CLASSES;

    logic [7:0] input_stalls = 8'd0, output_stalls = 8'd0;
    logic [31:0] seed = 32'd1;
    logic [31:0] early = 32'd0;  // beats before the frame's last with which the scores are done
    logic [31:0] random, beat, word, position, first;
    logic [5:0] waiting;
    logic [4:0] newest, oldest;
    logic [31:0] sums[0:CLASSES-1];
    logic [31:0] scores[0:32*CLASSES-1];
    logic [31:0] label, best;
    logic hold_input, hold_output, take, give, frame_ends, scored, result_ends;

    assign pixel_ready = !hold_input && waiting != 6'd32;
    assign result_valid = !hold_output && waiting != 6'd0;
    assign take = pixel_valid && pixel_ready;
    assign give = result_valid && result_ready;
    assign frame_ends = take && beat == BEATS - 1;
    assign scored = take && beat == BEATS - 1 - early;
    assign result_last = word == CLASSES;
    assign result_ends = give && result_last;

    always_comb begin
        label = 32'd0;
        best = scores[32'(oldest) * CLASSES];
        for (int k = 1; k < CLASSES; k = k + 1)
            if ($signed(scores[32'(oldest) * CLASSES + k]) > $signed(best)) begin
                best = scores[32'(oldest) * CLASSES + k];
                label = k;
            end
        result_data = result_last ? label : scores[32'(oldest) * CLASSES + word];
    end

    // The sums with this beat, for the frame's last goes straight into the scores.
    logic [31:0] next_sums[0:CLASSES-1];
    always_comb begin
        position = 32'd0;
        first = (beat / ROW * WIDTH + beat % ROW * PIXELS) * CHANNELS;
        for (int k = 0; k < CLASSES; k = k + 1) begin
            next_sums[k] = beat == 32'd0 ? 32'd0 : sums[k];
            for (int c = 0; c < CHANNELS * PIXELS; c = c + 1) begin
                position = first + c;
                if (beat % ROW * PIXELS + c / CHANNELS < WIDTH)
                    next_sums[k] = next_sums[k] + (32'(pixel_data[8*c+:8]) + 32'd1)
                        * ((position + 32'd1) * 32'd2654435761 + (k + 32'd1) * (position + 32'd3) * 32'd40503);
            end
        end
    end

    always_ff @(posedge clk)
        if (rst) begin
            random <= seed;
            beat <= 32'd0;
            word <= 32'd0;
            waiting <= 6'd0;
            newest <= 5'd0;
            oldest <= 5'd0;
            hold_input <= 1'b0;
            hold_output <= 1'b0;
        end else begin
            random <= random * 32'd1664525 + 32'd1013904223;
            // A beat on offer is not taken back: a new hold starts after a beat went, or while there is none.
            hold_input <= random[31:24] < input_stalls;
            if (give || !result_valid) hold_output <= random[23:16] < output_stalls;
            if (take) begin
                beat <= frame_ends ? 32'd0 : beat + 32'd1;
                for (int k = 0; k < CLASSES; k = k + 1) begin
                    sums[k] <= next_sums[k];
                    if (scored) scores[32'(newest)*CLASSES+k] <= next_sums[k];
                end
            end
            if (scored) newest <= newest + 5'd1;
            if (give) word <= result_last ? 32'd0 : word + 32'd1;
            if (result_ends) oldest <= oldest + 5'd1;
            waiting <= waiting + 6'(scored) - 6'(result_ends);
        end
endmodule
`default_nettype wire
