    logic [${out_bits}-1:0] ${name}_data;
    logic ${name}_valid, ${name}_ready;
    dtscnn_${name} ${name} (
        .clk(clk),
        .rst(rst),
        .in_data(${from}_data),
        .in_valid(${from}_valid),
        .in_ready(${from}_ready),
        .out_data(${name}_data),
        .out_valid(${name}_valid),
        .out_ready(${name}_ready)
    );
