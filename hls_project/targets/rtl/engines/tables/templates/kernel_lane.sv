    logic [${groups}*${sum_bits}-1:0] sums${lane};
${tables}
    dt_adder_tree #(
        .TERMS(${groups}),
        .IN_BITS(${sum_bits}),
        .OUT_BITS(${vm_bits})
    ) tree${lane} (
        .clk(clk),
        .terms(sums${lane}),
        .sum(vm[${lane}*${vm_bits} +: ${vm_bits}])
    );
