    logic [${windows}*${taps_bits}-1:0] taps;
    logic [${fold_bits}-1:0] taps_fold, vm_fold;
    logic taps_valid, vm_valid;
    dt_window #(
        .HEIGHT(${height}),
        .WIDTH(${width}),
        .BITS(${pixel_bits}),
        .PIXELS(${takes}),
        .KERNEL_HEIGHT(${kernel_height}),
        .KERNEL_WIDTH(${kernel_width}),
        .STRIDE_HEIGHT(${stride_height}),
        .STRIDE_WIDTH(${stride_width}),
        .PAD_TOP(${pad_top}),
        .PAD_BOTTOM(${pad_bottom}),
        .PAD_LEFT(${pad_left}),
        .PAD_RIGHT(${pad_right}),
        .FOLDS(${folds}),
        .FOLD_BITS(${fold_bits})
    ) window (
        .clk(clk),
        .rst(rst),
        .pixel(in_data),
        .pixel_valid(in_valid),
        .pixel_ready(in_ready),
        .room(room),
        .taps(taps),
        .fold(taps_fold),
        .taps_valid(taps_valid)
    );

    logic [${windows}*${lanes}*${vm_bits}-1:0] vm;
    generate
        for (genvar w = 0; w < ${windows}; w = w + 1) begin : g_window
            dtscnn_${name}_kernel kernel (
                .clk(clk),
                .taps(taps[w*${taps_bits} +: ${taps_bits}]),
                .fold(taps_fold),
                .vm(vm[w*${lanes}*${vm_bits} +: ${lanes}*${vm_bits}])
            );
        end
    endgenerate
    dt_delay #(
        .BITS(${fold_bits}),
        .CYCLES(${kernel_latency})
    ) kernel_delay (
        .clk(clk),
        .rst(rst),
        .in_data(taps_fold),
        .in_valid(taps_valid),
        .out_data(vm_fold),
        .out_valid(vm_valid)
    );

    logic [${windows}*${maps}*${kernels}-1:0] spikes;
    logic spikes_valid;
    dt_fire #(
        .LANES(${lanes}),
        .FOLDS(${folds}),
        .FOLD_BITS(${fold_bits}),
        .MAPS(${maps}),
        .VM_BITS(${vm_bits}),
        .PIXELS(${windows}),
        .THRESHOLDS(${thresholds})
    ) fire (
        .clk(clk),
        .rst(rst),
        .vm(vm),
        .fold(vm_fold),
        .vm_valid(vm_valid),
        .spikes(spikes),
        .spikes_valid(spikes_valid)
    );

${pool}
