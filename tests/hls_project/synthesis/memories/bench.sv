// The memories as they are written beside what yosys maps them to, on the same random reads and writes.
`default_nettype none
module benches (
    input wire logic clk,
    input wire logic rst
);
    localparam integer CYCLES = 20_000;
    logic write;
    logic [15:0] write_address, address;
    logic [71:0] in;
    logic [326:0] expected, found;

    memories as_written (.clk, .write, .write_address, .address, .in, .data(expected));
    mapped as_mapped (.clk, .write, .write_address, .address, .in, .data(found));

    // A third of the reads are at the address that is being written.
    always_ff @(negedge clk) begin
        write <= $urandom() % 2 == 0;
        write_address <= 16'($urandom());
        address <= 16'($urandom());
        if ($urandom() % 3 == 0) address <= write_address;
        in <= 72'({$urandom(), $urandom(), $urandom()});
    end

    integer cycle;
    always_ff @(posedge clk) begin
        cycle <= rst ? 0 : cycle + 1;
        if (!rst && cycle > 4 && expected !== found) begin
            $display("cycle %0d: they differ in bits %h", cycle, expected ^ found);
            $finish;
        end else if (!rst && cycle == CYCLES) begin
            $display("equal for %0d cycles", CYCLES);
            $finish;
        end
    end
endmodule
`default_nettype wire
