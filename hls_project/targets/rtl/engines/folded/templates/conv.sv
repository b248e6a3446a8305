    logic [${maps}*${kernels}-1:0] spikes;
    logic spikes_valid;
    dt_fold_conv #(
        .HEIGHT(${height}),
        .WIDTH(${width}),
        .CHANNELS(${channels}),
        .INPUT_BITS(${input_bits}),
        .PAIRED(${paired}),
        .OUT_HEIGHT(${vm_height}),
        .OUT_WIDTH(${vm_width}),
        .KERNEL_HEIGHT(${kernel_height}),
        .KERNEL_WIDTH(${kernel_width}),
        .STRIDE_HEIGHT(${stride_height}),
        .STRIDE_WIDTH(${stride_width}),
        .PAD_TOP(${pad_top}),
        .PAD_LEFT(${pad_left}),
        .KERNELS(${kernels}),
        .MAPS(${maps}),
        .PE(${pe}),
        .OPERANDS(${operands}),
        .MMV(${mmv}),
        .CHAIN(${chain}),
        .ROWS(${rows}),
        .BLOCK_ROWS(${block_rows}),
        .BLOCK_WEIGHTS(${block_weights}),
        .WEIGHT_BITS(${weight_bits}),
        .VM_BITS(${vm_bits}),
        .WEIGHTS("dtscnn_${name}_weights.mem"),
        .THRESHOLDS("dtscnn_${name}_thresholds.mem")
    ) conv (
        .clk(clk),
        .rst(rst),
        .pixel(in_data),
        .pixel_valid(in_valid),
        .pixel_ready(in_ready),
        .room(room),
        .spikes(spikes),
        .spikes_valid(spikes_valid)
    );

${pool}
