// Clocks the benches, all registers at random values before their reset, until they finish.
#include "Vbenches.h"
#include "verilated.h"
#include <cstdlib>
#include <memory>

int main(int argc, char **argv) {
    VerilatedContext context;
    context.commandArgs(argc, argv);
    context.randReset(2);
    context.randSeed(argc > 1 ? std::atoi(argv[1]) : 1);
    Vbenches top(&context);
    for (unsigned half = 0; !context.gotFinish(); half++) {
        top.clk = half & 1;
        top.rst = half < 16;
        top.eval();
    }
    top.final();
    return 0;
}
