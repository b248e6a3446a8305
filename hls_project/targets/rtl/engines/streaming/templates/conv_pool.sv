    dt_pool #(
        .HEIGHT(${vm_height}),
        .WIDTH(${vm_width}),
        .POOL(${pool_factor}),
        .BITS(${map_bits}),
        .PIXELS(${windows})
    ) pool (
        .clk(clk),
        .rst(rst),
        .in_data(spikes),
        .in_valid(spikes_valid),
        .out_data(beat),
        .out_valid(beat_valid)
    );
