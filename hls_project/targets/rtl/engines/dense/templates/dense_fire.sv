${dense}

    assign vm_free = room;
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
        .spikes(beat),
        .spikes_valid(beat_valid)
    );
