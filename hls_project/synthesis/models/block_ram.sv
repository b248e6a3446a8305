// Simulation models of the block RAM of 7-series parts: yosys' library has their ports alone. Where bits lie is as yosys'
// techlibs/xilinx/brams_xc6v_map.v has it; what a collision gives, as UG473 (v1.11, page 19).
//
// They are of what yosys 0.70 maps memories of one clock to: ROMs, and memories that one port writes and the other reads.
// Another use is refused: at elaboration, or where a reset of the output comes, by an error that ends the simulation.
//
// A word of 9 bits and more is bytes of 8 bits and one of parity each. ADDR counts single bits of data. Where a word is
// read that is being written, READ_FIRST of the port that writes gives what it held; otherwise hardware leaves it open,
// and here it is inverted, so that nobody can rely on it.
`default_nettype none
module dtscnn_block_ram #(
    parameter integer BLOCKS = 64,
    parameter integer HALF = 16,
    parameter [256*BLOCKS-1:0] CONTENT = '0,
    parameter [32*BLOCKS-1:0] PARITY = '0,
    parameter RAM_MODE = "TDP",
    parameter integer OUTPUT_REGISTERS = 0,
    parameter integer READ_WIDTH_A = 0,
    parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_A = 0,
    parameter integer WRITE_WIDTH_B = 0,
    parameter bit OLD_ON_COLLISION = 1'b1
) (
    input wire clk_a,
    input wire clk_b,
    input wire enable_a,
    input wire enable_b,
    input wire reset,
    input wire [$clog2(256*BLOCKS)-1:0] address_a,
    input wire [$clog2(256*BLOCKS)-1:0] address_b,
    input wire [HALF/8*9-1:0] write_a,
    input wire [HALF/8*9-1:0] write_b,
    input wire [HALF/8-1:0] bytes_a,
    input wire [HALF/4-1:0] bytes_b,
    output wire [HALF/8*9-1:0] read_a,
    output wire [HALF/8*9-1:0] read_b
);
    localparam integer BYTES = 32 * BLOCKS;
    localparam integer WHOLE = HALF / 4 * 9;
    localparam integer ADDRESS_BITS = $clog2(256 * BLOCKS);
    localparam bit A_WRITES = WRITE_WIDTH_A != 0;
    localparam integer WRITE_WIDTH = A_WRITES ? WRITE_WIDTH_A : WRITE_WIDTH_B;

    logic [8:0] memory[0:BYTES-1];
    initial for (int i = 0; i < BYTES; i = i + 1) memory[i] = {PARITY[i], CONTENT[8*i +: 8]};

    // The bits of data in a word, and the address of its first.
    function automatic integer bits(input integer width);
        return width < 9 ? width : width / 9 * 8;
    endfunction
    function automatic logic [ADDRESS_BITS-1:0] place(input logic [ADDRESS_BITS-1:0] address, input integer width);
        return address & ~ADDRESS_BITS'(bits(width) - 1);
    endfunction

    // The port that writes. A word as wide as both ports' data has its upper half in that of port B.
    wire clk_w = A_WRITES ? clk_a : clk_b;
    wire writes = A_WRITES ? enable_a : enable_b;
    wire [HALF/4-1:0] bytes = A_WRITES ? (HALF / 4)'(bytes_a) : bytes_b;
    wire [ADDRESS_BITS-1:0] address_w = place(A_WRITES ? address_a : address_b, WRITE_WIDTH);
    wire [HALF-1:0] low = A_WRITES || WRITE_WIDTH == WHOLE ? write_a[HALF-1:0] : write_b[HALF-1:0];
    wire [HALF/8-1:0] parity_low = A_WRITES || WRITE_WIDTH == WHOLE ? write_a[HALF +: HALF/8] : write_b[HALF +: HALF/8];
    wire [2*HALF-1:0] data_w = {write_b[HALF-1:0], low};
    wire [HALF/4-1:0] parity_w = {write_b[HALF +: HALF/8], parity_low};
    generate
        if (WRITE_WIDTH >= 9) begin : g_write
            for (genvar i = 0; i < WRITE_WIDTH / 9; i = i + 1) begin : g_byte
                always_ff @(posedge clk_w)
                    if (writes && bytes[i]) memory[(address_w >> 3) + i] <= {parity_w[i], data_w[8*i +: 8]};
            end
        end else if (WRITE_WIDTH > 0) begin : g_write
            always_ff @(posedge clk_w)
                if (writes && bytes[0]) memory[address_w>>3][address_w[2:0] +: WRITE_WIDTH] <= data_w[WRITE_WIDTH-1:0];
        end
    endgenerate

    // Both ports as readers: data below, parity above.
    logic [2*HALF-1:0] data[0:1];
    logic [HALF/4-1:0] parity[0:1];
    generate
        for (genvar side = 0; side < 2; side = side + 1) begin : g_read
            localparam integer WIDTH = side == 0 ? READ_WIDTH_A : READ_WIDTH_B;
            localparam integer WIDER = WIDTH > WRITE_WIDTH ? WIDTH : WRITE_WIDTH;
            wire clk = side == 0 ? clk_a : clk_b;
            wire reads = side == 0 ? enable_a : enable_b;
            wire [ADDRESS_BITS-1:0] address = place(side == 0 ? address_a : address_b, WIDTH);
            wire collides = !OLD_ON_COLLISION && WRITE_WIDTH != 0 && writes && |bytes
                && place(address, WIDER) == place(address_w, WIDER);
            if (WIDTH >= 9) begin : g_bytes
                for (genvar i = 0; i < WIDTH / 9; i = i + 1) begin : g_byte
                    always_ff @(posedge clk)
                        if (reads)
                            {parity[side][i], data[side][8*i +: 8]} <= memory[(address >> 3) + i] ^ {9{collides}};
                end
            end else if (WIDTH > 0) begin : g_bits
                always_ff @(posedge clk)
                    if (reads) data[side][WIDTH-1:0] <= memory[address>>3][address[2:0] +: WIDTH] ^ {WIDTH{collides}};
            end
        end
        if (OUTPUT_REGISTERS != 0 || (WRITE_WIDTH_A != 0 && (WRITE_WIDTH_B != 0 || READ_WIDTH_A != 0))
            || (WRITE_WIDTH_B != 0 && READ_WIDTH_B != 0) || (WRITE_WIDTH == WHOLE && RAM_MODE != "SDP")) begin : g_refused
            // Elaboration stops here, with the instance's name.
            dtscnn_block_ram_models_ports_that_read_or_write refused ();
        end
    endgenerate
    localparam bit WIDE_READ = RAM_MODE == "SDP" && READ_WIDTH_A == WHOLE;
    assign read_a = {parity[0][HALF/8-1:0], data[0][HALF-1:0]};
    assign read_b = WIDE_READ ? {parity[0][HALF/4-1:HALF/8], data[0][2*HALF-1:HALF]}
        : {parity[1][HALF/8-1:0], data[1][HALF-1:0]};

    always_ff @(posedge clk_a)
        if (reset) $fatal(1, "%m: the model of block RAM has no reset of its output");
endmodule

module RAMB18E1 #(
    parameter [255:0] INIT_00 = '0, INIT_01 = '0, INIT_02 = '0, INIT_03 = '0, INIT_04 = '0, INIT_05 = '0, INIT_06 = '0, INIT_07 = '0,
    parameter [255:0] INIT_08 = '0, INIT_09 = '0, INIT_0A = '0, INIT_0B = '0, INIT_0C = '0, INIT_0D = '0, INIT_0E = '0, INIT_0F = '0,
    parameter [255:0] INIT_10 = '0, INIT_11 = '0, INIT_12 = '0, INIT_13 = '0, INIT_14 = '0, INIT_15 = '0, INIT_16 = '0, INIT_17 = '0,
    parameter [255:0] INIT_18 = '0, INIT_19 = '0, INIT_1A = '0, INIT_1B = '0, INIT_1C = '0, INIT_1D = '0, INIT_1E = '0, INIT_1F = '0,
    parameter [255:0] INIT_20 = '0, INIT_21 = '0, INIT_22 = '0, INIT_23 = '0, INIT_24 = '0, INIT_25 = '0, INIT_26 = '0, INIT_27 = '0,
    parameter [255:0] INIT_28 = '0, INIT_29 = '0, INIT_2A = '0, INIT_2B = '0, INIT_2C = '0, INIT_2D = '0, INIT_2E = '0, INIT_2F = '0,
    parameter [255:0] INIT_30 = '0, INIT_31 = '0, INIT_32 = '0, INIT_33 = '0, INIT_34 = '0, INIT_35 = '0, INIT_36 = '0, INIT_37 = '0,
    parameter [255:0] INIT_38 = '0, INIT_39 = '0, INIT_3A = '0, INIT_3B = '0, INIT_3C = '0, INIT_3D = '0, INIT_3E = '0, INIT_3F = '0,
    parameter [255:0] INITP_00 = '0, INITP_01 = '0, INITP_02 = '0, INITP_03 = '0, INITP_04 = '0, INITP_05 = '0, INITP_06 = '0, INITP_07 = '0,
    parameter integer DOA_REG = 0,
    parameter integer DOB_REG = 0,
    parameter [71:0] INIT_A = '0,
    parameter [71:0] INIT_B = '0,
    parameter [71:0] SRVAL_A = '0,
    parameter [71:0] SRVAL_B = '0,
    parameter RAM_MODE = "TDP",
    parameter integer READ_WIDTH_A = 0,
    parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_A = 0,
    parameter integer WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST",
    parameter WRITE_MODE_B = "WRITE_FIRST"
) (
    input wire CLKARDCLK,
    input wire CLKBWRCLK,
    input wire ENARDEN,
    input wire ENBWREN,
    input wire REGCEAREGCE,
    input wire REGCEB,
    input wire RSTRAMARSTRAM,
    input wire RSTRAMB,
    input wire RSTREGARSTREG,
    input wire RSTREGB,
    input wire [13:0] ADDRARDADDR,
    input wire [13:0] ADDRBWRADDR,
    input wire [15:0] DIADI,
    input wire [15:0] DIBDI,
    input wire [1:0] DIPADIP,
    input wire [1:0] DIPBDIP,
    input wire [1:0] WEA,
    input wire [3:0] WEBWE,
    output wire [15:0] DOADO,
    output wire [15:0] DOBDO,
    output wire [1:0] DOPADOP,
    output wire [1:0] DOPBDOP
);
    dtscnn_block_ram #(
        .BLOCKS(64),
        .HALF(16),
        .CONTENT({
            INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39, INIT_38, INIT_37, INIT_36, INIT_35, INIT_34, INIT_33, INIT_32, INIT_31, INIT_30,
            INIT_2F, INIT_2E, INIT_2D, INIT_2C, INIT_2B, INIT_2A, INIT_29, INIT_28, INIT_27, INIT_26, INIT_25, INIT_24, INIT_23, INIT_22, INIT_21, INIT_20,
            INIT_1F, INIT_1E, INIT_1D, INIT_1C, INIT_1B, INIT_1A, INIT_19, INIT_18, INIT_17, INIT_16, INIT_15, INIT_14, INIT_13, INIT_12, INIT_11, INIT_10,
            INIT_0F, INIT_0E, INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08, INIT_07, INIT_06, INIT_05, INIT_04, INIT_03, INIT_02, INIT_01, INIT_00
        }),
        .PARITY({
            INITP_07, INITP_06, INITP_05, INITP_04, INITP_03, INITP_02, INITP_01, INITP_00
        }),
        .RAM_MODE(RAM_MODE),
        .OUTPUT_REGISTERS(DOA_REG + DOB_REG),
        .READ_WIDTH_A(READ_WIDTH_A),
        .READ_WIDTH_B(READ_WIDTH_B),
        .WRITE_WIDTH_A(WRITE_WIDTH_A),
        .WRITE_WIDTH_B(WRITE_WIDTH_B),
        .OLD_ON_COLLISION(WRITE_WIDTH_A != 0 ? WRITE_MODE_A == "READ_FIRST" : WRITE_MODE_B == "READ_FIRST")
    ) ram (
        .clk_a(CLKARDCLK),
        .clk_b(CLKBWRCLK),
        .enable_a(ENARDEN),
        .enable_b(ENBWREN),
        .reset(RSTRAMARSTRAM || RSTRAMB),
        .address_a(14'(ADDRARDADDR)),
        .address_b(14'(ADDRBWRADDR)),
        .write_a({DIPADIP, DIADI}),
        .write_b({DIPBDIP, DIBDI}),
        .bytes_a(2'(WEA)),
        .bytes_b(4'(WEBWE)),
        .read_a({DOPADOP, DOADO}),
        .read_b({DOPBDOP, DOBDO})
    );
endmodule

module RAMB36E1 #(
    parameter [255:0] INIT_00 = '0, INIT_01 = '0, INIT_02 = '0, INIT_03 = '0, INIT_04 = '0, INIT_05 = '0, INIT_06 = '0, INIT_07 = '0,
    parameter [255:0] INIT_08 = '0, INIT_09 = '0, INIT_0A = '0, INIT_0B = '0, INIT_0C = '0, INIT_0D = '0, INIT_0E = '0, INIT_0F = '0,
    parameter [255:0] INIT_10 = '0, INIT_11 = '0, INIT_12 = '0, INIT_13 = '0, INIT_14 = '0, INIT_15 = '0, INIT_16 = '0, INIT_17 = '0,
    parameter [255:0] INIT_18 = '0, INIT_19 = '0, INIT_1A = '0, INIT_1B = '0, INIT_1C = '0, INIT_1D = '0, INIT_1E = '0, INIT_1F = '0,
    parameter [255:0] INIT_20 = '0, INIT_21 = '0, INIT_22 = '0, INIT_23 = '0, INIT_24 = '0, INIT_25 = '0, INIT_26 = '0, INIT_27 = '0,
    parameter [255:0] INIT_28 = '0, INIT_29 = '0, INIT_2A = '0, INIT_2B = '0, INIT_2C = '0, INIT_2D = '0, INIT_2E = '0, INIT_2F = '0,
    parameter [255:0] INIT_30 = '0, INIT_31 = '0, INIT_32 = '0, INIT_33 = '0, INIT_34 = '0, INIT_35 = '0, INIT_36 = '0, INIT_37 = '0,
    parameter [255:0] INIT_38 = '0, INIT_39 = '0, INIT_3A = '0, INIT_3B = '0, INIT_3C = '0, INIT_3D = '0, INIT_3E = '0, INIT_3F = '0,
    parameter [255:0] INIT_40 = '0, INIT_41 = '0, INIT_42 = '0, INIT_43 = '0, INIT_44 = '0, INIT_45 = '0, INIT_46 = '0, INIT_47 = '0,
    parameter [255:0] INIT_48 = '0, INIT_49 = '0, INIT_4A = '0, INIT_4B = '0, INIT_4C = '0, INIT_4D = '0, INIT_4E = '0, INIT_4F = '0,
    parameter [255:0] INIT_50 = '0, INIT_51 = '0, INIT_52 = '0, INIT_53 = '0, INIT_54 = '0, INIT_55 = '0, INIT_56 = '0, INIT_57 = '0,
    parameter [255:0] INIT_58 = '0, INIT_59 = '0, INIT_5A = '0, INIT_5B = '0, INIT_5C = '0, INIT_5D = '0, INIT_5E = '0, INIT_5F = '0,
    parameter [255:0] INIT_60 = '0, INIT_61 = '0, INIT_62 = '0, INIT_63 = '0, INIT_64 = '0, INIT_65 = '0, INIT_66 = '0, INIT_67 = '0,
    parameter [255:0] INIT_68 = '0, INIT_69 = '0, INIT_6A = '0, INIT_6B = '0, INIT_6C = '0, INIT_6D = '0, INIT_6E = '0, INIT_6F = '0,
    parameter [255:0] INIT_70 = '0, INIT_71 = '0, INIT_72 = '0, INIT_73 = '0, INIT_74 = '0, INIT_75 = '0, INIT_76 = '0, INIT_77 = '0,
    parameter [255:0] INIT_78 = '0, INIT_79 = '0, INIT_7A = '0, INIT_7B = '0, INIT_7C = '0, INIT_7D = '0, INIT_7E = '0, INIT_7F = '0,
    parameter [255:0] INITP_00 = '0, INITP_01 = '0, INITP_02 = '0, INITP_03 = '0, INITP_04 = '0, INITP_05 = '0, INITP_06 = '0, INITP_07 = '0,
    parameter [255:0] INITP_08 = '0, INITP_09 = '0, INITP_0A = '0, INITP_0B = '0, INITP_0C = '0, INITP_0D = '0, INITP_0E = '0, INITP_0F = '0,
    parameter integer DOA_REG = 0,
    parameter integer DOB_REG = 0,
    parameter [71:0] INIT_A = '0,
    parameter [71:0] INIT_B = '0,
    parameter [71:0] SRVAL_A = '0,
    parameter [71:0] SRVAL_B = '0,
    parameter RAM_MODE = "TDP",
    parameter RAM_EXTENSION_A = "NONE",
    parameter RAM_EXTENSION_B = "NONE",
    parameter integer READ_WIDTH_A = 0,
    parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_A = 0,
    parameter integer WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST",
    parameter WRITE_MODE_B = "WRITE_FIRST"
) (
    input wire CLKARDCLK,
    input wire CLKBWRCLK,
    input wire ENARDEN,
    input wire ENBWREN,
    input wire REGCEAREGCE,
    input wire REGCEB,
    input wire RSTRAMARSTRAM,
    input wire RSTRAMB,
    input wire RSTREGARSTREG,
    input wire RSTREGB,
    input wire [15:0] ADDRARDADDR,
    input wire [15:0] ADDRBWRADDR,
    input wire [31:0] DIADI,
    input wire [31:0] DIBDI,
    input wire [3:0] DIPADIP,
    input wire [3:0] DIPBDIP,
    input wire [3:0] WEA,
    input wire [7:0] WEBWE,
    input wire CASCADEINA,
    input wire CASCADEINB,
    output wire CASCADEOUTA,
    output wire CASCADEOUTB,
    output wire [31:0] DOADO,
    output wire [31:0] DOBDO,
    output wire [3:0] DOPADOP,
    output wire [3:0] DOPBDOP
);
    dtscnn_block_ram #(
        .BLOCKS(128),
        .HALF(32),
        .CONTENT({
            INIT_7F, INIT_7E, INIT_7D, INIT_7C, INIT_7B, INIT_7A, INIT_79, INIT_78, INIT_77, INIT_76, INIT_75, INIT_74, INIT_73, INIT_72, INIT_71, INIT_70,
            INIT_6F, INIT_6E, INIT_6D, INIT_6C, INIT_6B, INIT_6A, INIT_69, INIT_68, INIT_67, INIT_66, INIT_65, INIT_64, INIT_63, INIT_62, INIT_61, INIT_60,
            INIT_5F, INIT_5E, INIT_5D, INIT_5C, INIT_5B, INIT_5A, INIT_59, INIT_58, INIT_57, INIT_56, INIT_55, INIT_54, INIT_53, INIT_52, INIT_51, INIT_50,
            INIT_4F, INIT_4E, INIT_4D, INIT_4C, INIT_4B, INIT_4A, INIT_49, INIT_48, INIT_47, INIT_46, INIT_45, INIT_44, INIT_43, INIT_42, INIT_41, INIT_40,
            INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39, INIT_38, INIT_37, INIT_36, INIT_35, INIT_34, INIT_33, INIT_32, INIT_31, INIT_30,
            INIT_2F, INIT_2E, INIT_2D, INIT_2C, INIT_2B, INIT_2A, INIT_29, INIT_28, INIT_27, INIT_26, INIT_25, INIT_24, INIT_23, INIT_22, INIT_21, INIT_20,
            INIT_1F, INIT_1E, INIT_1D, INIT_1C, INIT_1B, INIT_1A, INIT_19, INIT_18, INIT_17, INIT_16, INIT_15, INIT_14, INIT_13, INIT_12, INIT_11, INIT_10,
            INIT_0F, INIT_0E, INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08, INIT_07, INIT_06, INIT_05, INIT_04, INIT_03, INIT_02, INIT_01, INIT_00
        }),
        .PARITY({
            INITP_0F, INITP_0E, INITP_0D, INITP_0C, INITP_0B, INITP_0A, INITP_09, INITP_08, INITP_07, INITP_06, INITP_05, INITP_04, INITP_03, INITP_02, INITP_01, INITP_00
        }),
        .RAM_MODE(RAM_MODE),
        .OUTPUT_REGISTERS(DOA_REG + DOB_REG),
        .READ_WIDTH_A(READ_WIDTH_A),
        .READ_WIDTH_B(READ_WIDTH_B),
        .WRITE_WIDTH_A(WRITE_WIDTH_A),
        .WRITE_WIDTH_B(WRITE_WIDTH_B),
        .OLD_ON_COLLISION(WRITE_WIDTH_A != 0 ? WRITE_MODE_A == "READ_FIRST" : WRITE_MODE_B == "READ_FIRST")
    ) ram (
        .clk_a(CLKARDCLK),
        .clk_b(CLKBWRCLK),
        .enable_a(ENARDEN),
        .enable_b(ENBWREN),
        .reset(RSTRAMARSTRAM || RSTRAMB),
        .address_a(15'(ADDRARDADDR)),
        .address_b(15'(ADDRBWRADDR)),
        .write_a({DIPADIP, DIADI}),
        .write_b({DIPBDIP, DIBDI}),
        .bytes_a(4'(WEA)),
        .bytes_b(8'(WEBWE)),
        .read_a({DOPADOP, DOADO}),
        .read_b({DOPBDOP, DOBDO})
    );
endmodule
`default_nettype wire
