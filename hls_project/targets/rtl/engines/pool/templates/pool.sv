    assign in_ready = room;
    dt_pool #(
        .HEIGHT(${height}),
        .WIDTH(${width}),
        .POOL(${pool_factor}),
        .BITS(${map_bits}),
        .PIXELS(${windows})
    ) pool (
        .clk(clk),
        .rst(rst),
        .in_data(in_data),
        .in_valid(in_valid && in_ready),
        .out_data(beat),
        .out_valid(beat_valid)
    );
