// Constant memory of WORDS words, 2 cycles from address to word: one to read, one in a register.
//
// The register has a reset so that it and what delays it stay registers: shift registers would take look-up tables.
`default_nettype none
module dt_fold_weights #(
    parameter integer WORDS = 64,
    parameter integer BITS = 36,
    parameter integer ADDRESS_BITS = 6,
    parameter integer BLOCK_RAM = 1,
    parameter FILE = ""
) (
    input  wire logic clk,
    input  wire logic rst,
    input  wire logic [ADDRESS_BITS-1:0] word,
    output logic [BITS-1:0] weights
);
    logic [BITS-1:0] read;
    always_ff @(posedge clk) weights <= rst ? BITS'(0) : read;
    generate
        if (BLOCK_RAM != 0) begin : g_block
            (* rom_style = "block", ram_style = "block" *) logic [BITS-1:0] memory[0:WORDS-1];
            if (FILE != "") begin : g_file
                initial $readmemh(FILE, memory);
            end
            always_ff @(posedge clk) read <= memory[word];
        end else begin : g_distributed
            // yosys knows "distributed" for memories that are written alone.
`ifdef YOSYS
            (* logic_block = 1 *) logic [BITS-1:0] memory[0:WORDS-1];
`else
            (* rom_style = "distributed" *) logic [BITS-1:0] memory[0:WORDS-1];
`endif
            if (FILE != "") begin : g_file
                initial $readmemh(FILE, memory);
            end
            always_ff @(posedge clk) read <= memory[word];
        end
    endgenerate
endmodule
`default_nettype wire
