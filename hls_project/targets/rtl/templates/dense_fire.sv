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
    logic [${kernels}*${vm_bits}-1:0] vm;
    logic vm_valid, room;
    dt_dense #(
        .BEATS(${beats}),
        .CHANNELS(${channels}),
        .FOLDS(${folds}),
        .IN_BITS(${input_bits}),
        .OUTPUTS(${kernels}),
        .WEIGHT_BITS(${weight_bits}),
        .VM_BITS(${vm_bits}),
        .WEIGHTS("dtscnn_${name}.mem")
    ) dense (
        .clk(clk),
        .rst(rst),
        .in_data(in_data),
        .in_valid(in_valid),
        .in_ready(in_ready),
        .vm(vm),
        .vm_valid(vm_valid),
        .vm_free(room)
    );

    logic [${out_bits}-1:0] spikes;
    logic spikes_valid;
    dt_fire #(
        .LANES(${kernels}),
        .MAPS(${maps}),
        .VM_BITS(${vm_bits}),
        .THRESHOLDS(${thresholds})
    ) fire (
        .clk(clk),
        .rst(rst),
        .vm(vm),
        .fold(1'b0),
        .vm_valid(vm_valid),
        .spikes(spikes),
        .spikes_valid(spikes_valid)
    );
    dt_fifo #(
        .BITS(${out_bits}),
        .DEPTH(${depth}),
        .RESERVE(${reserve})
    ) fifo (
        .clk(clk),
        .rst(rst),
        .in_data(spikes),
        .in_valid(spikes_valid),
        .room(room),
        .out_data(out_data),
        .out_valid(out_valid),
        .out_ready(out_ready)
    );
endmodule
`default_nettype wire
