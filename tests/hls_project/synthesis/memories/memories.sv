// Memories of every width that yosys maps to block RAM: ROMs, and memories of one writer and one reader.
`default_nettype none
module rom #(
    parameter integer BITS = 8,
    parameter integer WORDS = 1024
) (
    input  wire logic clk,
    input  wire logic [15:0] address,
    output logic [BITS-1:0] data
);
    (* rom_style = "block", ram_style = "block" *) logic [BITS-1:0] memory[0:WORDS-1];
    initial for (int i = 0; i < WORDS; i = i + 1) memory[i] = BITS'({9{32'(i) * 32'h9E3779B1 ^ 32'h5bd1e995}});
    always_ff @(posedge clk) data <= memory[$clog2(WORDS)'(address)];
endmodule

module ram #(
    parameter integer BITS = 8,
    parameter integer WORDS = 1024
) (
    input  wire logic clk,
    input  wire logic write,
    input  wire logic [15:0] write_address,
    input  wire logic [15:0] address,
    input  wire logic [71:0] in,
    output logic [BITS-1:0] data
);
    (* ram_style = "block" *) logic [BITS-1:0] memory[0:WORDS-1];
    initial for (int i = 0; i < WORDS; i = i + 1) memory[i] = BITS'({9{32'(i) * 32'h85EBCA6B}});
    always_ff @(posedge clk) if (write) memory[$clog2(WORDS)'(write_address)] <= BITS'(in);
    always_ff @(posedge clk) data <= memory[$clog2(WORDS)'(address)];
endmodule

module memories (
    input  wire logic clk,
    input  wire logic write,
    input  wire logic [15:0] write_address,
    input  wire logic [15:0] address,
    input  wire logic [71:0] in,
    output logic [326:0] data
);
    rom #(.BITS(72), .WORDS(512)) rom72 (.clk(clk), .address(address), .data(data[71:0]));
    rom #(.BITS(36), .WORDS(512)) rom36 (.clk(clk), .address(address), .data(data[107:72]));
    rom #(.BITS(17), .WORDS(1000)) rom18 (.clk(clk), .address(address % 16'd1000), .data(data[124:108]));
    rom #(.BITS(9), .WORDS(2048)) rom9 (.clk(clk), .address(address), .data(data[133:125]));
    rom #(.BITS(4), .WORDS(4096)) rom4 (.clk(clk), .address(address), .data(data[137:134]));
    ram #(.BITS(72), .WORDS(512)) ram72 (
        .clk(clk), .write(write), .write_address(write_address), .address(address), .in(in), .data(data[209:138])
    );
    ram #(.BITS(64), .WORDS(512)) ram64 (
        .clk(clk), .write(write), .write_address(write_address), .address(address), .in(in), .data(data[273:210])
    );
    ram #(.BITS(36), .WORDS(512)) ram36 (
        .clk(clk), .write(write), .write_address(write_address), .address(address), .in(in), .data(data[309:274])
    );
    ram #(.BITS(9), .WORDS(2048)) ram9 (
        .clk(clk), .write(write), .write_address(write_address), .address(address), .in(in), .data(data[318:310])
    );
    ram #(.BITS(2), .WORDS(8192)) ram2 (
        .clk(clk), .write(write), .write_address(write_address), .address(address), .in(in), .data(data[320:319])
    );
    ram #(.BITS(6), .WORDS(2048)) ram6 (
        .clk(clk), .write(write), .write_address(write_address), .address(address), .in(in), .data(data[326:321])
    );
endmodule
`default_nettype wire
