    dt_spike_tables #(
        .TAPS(${run_taps}),
        .GROUP(${group}),
        .FOLDS(${folds}),
        .FOLD_BITS(${fold_bits}),
        .SUM_BITS(${sum_bits}),
        .TABLES(${literal})
    ) tables${lane}_${first_group} (
        .clk(clk),
        .taps(taps[${first_tap} +: ${run_taps}]),
        .fold(fold),
        .sums(sums${lane}[${first_group}*${sum_bits} +: ${run_groups}*${sum_bits}])
    );
