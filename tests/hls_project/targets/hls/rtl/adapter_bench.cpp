// Sends FRAMES frames through the adapter and prints the words of each result, one frame a line.
//
// Arguments: seed; chance of a gap in the input and of one in the output, in 256; the pixel after which the input ends,
// -1 for never. The bench gives up after 5,000 cycles without a word.

#include "Vdtscnn_core.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int argc, char **argv) {
    Verilated::commandArgs(argc, argv);
    const int gaps = std::atoi(argv[2]), waits = std::atoi(argv[3]), ends = std::atoi(argv[4]);
    const int pixels = FRAMES * FRAME;
    uint32_t random = std::atoi(argv[1]) * 2654435761u + 1;
    auto chance = [&](int of) { return int((random = random * 1664525u + 1013904223u) >> 24) < of; };
    Vdtscnn_core top;
    top.rst = 1;
    top.pixel_valid = top.result_ready = 0;
    for (int i = 0; i < 8; i++)
        top.clk = 0, top.eval(), top.clk = 1, top.eval();
    top.rst = 0;
    int sent = 0, words = 0;
    bool offered = false;
    for (int quiet = 0; words < FRAMES * WORDS && quiet < 5000; quiet++) {
        offered = offered || (sent < pixels && sent != ends && !chance(gaps));
        top.pixel_valid = offered;
        top.pixel_data = (sent * 37 + 11) & 255;
        top.result_ready = !chance(waits);
        top.clk = 0, top.eval();
        const bool taken = top.pixel_valid && top.pixel_ready, given = top.result_valid && top.result_ready;
        const uint32_t word = top.result_data;
        const bool last = top.result_last;
        top.clk = 1, top.eval();
        if (taken)
            sent++, offered = false;
        if (given)
            std::printf("%u%c", word, last ? '\n' : ' '), words++, quiet = 0;
    }
    return 0;
}
