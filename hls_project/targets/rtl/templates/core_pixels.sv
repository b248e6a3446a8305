    logic [${takes}*${pixel_bits}-1:0] ${name}_in_data;
    logic ${name}_in_valid, ${name}_in_ready;
    dt_pixels #(
        .WIDTH(${width}),
        .BITS(${pixel_bits}),
        .IN(${gives}),
        .OUT(${takes})
    ) ${name}_in (
        .clk(clk),
        .rst(rst),
        .in_data(${from}_data),
        .in_valid(${from}_valid),
        .in_ready(${from}_ready),
        .out_data(${name}_in_data),
        .out_valid(${name}_in_valid),
        .out_ready(${name}_in_ready)
    );
