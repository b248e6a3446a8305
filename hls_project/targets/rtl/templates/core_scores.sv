    dtscnn_${name} ${name} (
        .clk(clk),
        .rst(rst),
        .in_data(${from}_data),
        .in_valid(${from}_valid),
        .in_ready(${from}_ready),
        .result_data(result_data),
        .result_last(result_last),
        .result_valid(result_valid),
        .result_ready(result_ready)
    );
