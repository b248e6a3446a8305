    dt_spike_lane #(
        .TAPS(${taps}),
        .GROUP(${group}),
        .FOLDS(${folds}),
        .FOLD_BITS(${fold_bits}),
        .SUM_BITS(${sum_bits}),
        .VM_BITS(${vm_bits}),
        .TABLES(${tables})
    ) lane${lane} (
        .clk(clk),
        .taps(taps),
        .fold(fold),
        .vm(vm[${lane}*${vm_bits} +: ${vm_bits}])
    );
