// ${name}: ${summary}
`default_nettype none
module dtscnn_${name} (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [${in_bits}-1:0] in_data,
    input  wire logic in_valid,
    output logic in_ready,
    output logic [${out_bits}-1:0] out_data,
    output logic out_valid,
    input  wire logic out_ready
);
    logic [${out_bits}-1:0] beat;
    logic beat_valid, room;

${body}

    dt_fifo #(
        .BITS(${out_bits}),
        .DEPTH(${depth}),
        .RESERVE(${reserve})
    ) fifo (
        .clk(clk),
        .rst(rst),
        .in_data(beat),
        .in_valid(beat_valid),
        .room(room),
        .out_data(out_data),
        .out_valid(out_valid),
        .out_ready(out_ready)
    );
endmodule
`default_nettype wire
