    logic [${kernels}*${vm_bits}-1:0] vm;
    logic vm_valid, vm_free;
    dt_dense #(
        .BEATS(${beats}),
        .CHANNELS(${beat_inputs}),
        .FOLDS(${folds}),
        .IN_BITS(${input_bits}),
        .OUTPUTS(${kernels}),
        .WEIGHT_BITS(${weight_bits}),
        .VM_BITS(${vm_bits}),
        .BLOCK_RAM(${block_ram}),
        .WEIGHTS("dtscnn_${name}.mem")
    ) dense (
        .clk(clk),
        .rst(rst),
        .in_data(in_data),
        .in_valid(in_valid),
        .in_ready(in_ready),
        .vm(vm),
        .vm_valid(vm_valid),
        .vm_free(vm_free)
    );
