// Co-simulation of the shell with its core: golden images in over AXI4-Stream, results out, every word checked.
//
// usage: cosim [--vectors FILE] [--first N] [--count N] [--seed N] [--input-rate %] [--output-rate %] [--stall CYCLES]
//              [--build-id HEX] [--results FILE] [--cycles FILE] [--waves FILE] [--period PS]
//
// Rates below 100 make random gaps between input words and random back-pressure, pauses included; packets then hold one
// to four frames each. Exit status 0: every score, label and packet end is right; 1: not; 2: wrong call; 3: no word
// went in or out for --stall cycles; 4: the hardware stopped itself. At its end the hardware prints every FIFO's
// highest fill.
// --results: int32, scores and label of each image. --cycles: uint64, for each image the cycle of its first word in and
// of its last word out. --waves: in the format that the program was built for, a clock cycle of --period picoseconds.

#include "golden_vectors.h"
#include "Vdtscnn_shell.h"
#include "verilated.h"
#if VM_TRACE_SAIF
#include "verilated_saif_c.h"
typedef VerilatedSaifC trace_file;
#elif VM_TRACE
#include "verilated_fst_c.h"
typedef VerilatedFstC trace_file;
#endif

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <sstream>

namespace {

const unsigned BUS_BYTES = BUS_BITS / 8;
// Cycles after which progress is told for a single image.
const uint64_t SILENT = 20000;

struct options {
    std::string vectors = "golden.bin", results, cycles, waves;
    size_t first = 0, count = static_cast<size_t>(-1);
    uint64_t seed = 1, stall = 100000, build_id = 0, period = 10;
    unsigned input_rate = 100, output_rate = 100;

    options(int argc, char **argv) {
        for (int i = 1; i < argc; i++) {
            const std::string name = argv[i];
            if (name[0] == '+') // for the simulator
                continue;
            if (++i == argc)
                throw std::runtime_error(name + " needs a value");
            const std::string value = argv[i];
            if (name == "--vectors")
                vectors = value;
            else if (name == "--results")
                results = value;
            else if (name == "--cycles")
                cycles = value;
            else if (name == "--waves")
                waves = value;
            else if (name == "--period")
                period = std::stoull(value);
            else if (name == "--first")
                first = std::stoull(value);
            else if (name == "--count")
                count = std::stoull(value);
            else if (name == "--seed")
                seed = std::stoull(value);
            else if (name == "--stall")
                stall = std::stoull(value);
            else if (name == "--build-id")
                build_id = std::stoull(value, nullptr, 16);
            else if (name == "--input-rate")
                input_rate = static_cast<unsigned>(std::stoul(value));
            else if (name == "--output-rate")
                output_rate = static_cast<unsigned>(std::stoul(value));
            else
                throw std::runtime_error("unknown option " + name);
        }
    }
};

// Says in which cycles one side of a stream is willing: by chance, with pauses long enough to fill or drain everything.
class willingness {
    uint64_t state;
    unsigned rate, pause = 0;

    uint64_t next() { // xorshift64*
        state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
        return (state * 2685821657736338717ull) >> 32;
    }

  public:
    willingness(uint64_t seed, unsigned percent) : state(seed * 0x9E3779B97F4A7C15ull + 1), rate(percent) {}
    uint64_t below(uint64_t limit) { return next() % limit; }
    bool random() const { return rate < 100; }
    bool now() {
        if (!random())
            return true;
        if (pause) {
            pause--;
            return false;
        }
        if (below(2048) == 0)
            pause = static_cast<unsigned>(below(1500));
        return below(100) < rate;
    }
};

class bench {
    const options &opt;
    const golden_vectors golden;
    VerilatedContext context;
    std::unique_ptr<Vdtscnn_shell> top;
#if VM_TRACE
    std::unique_ptr<trace_file> waves;
#endif
    uint64_t cycle = 0;
    size_t first, last;

  public:
    bench(const options &o, int argc, char **argv) : opt(o), golden(o.vectors) {
        first = std::min<size_t>(opt.first, golden.images);
        last = first + std::min<size_t>(opt.count, golden.images - first);
        if (first == last)
            throw std::runtime_error("there is no image to simulate");
        context.commandArgs(argc, argv);
        // Registers and memories start with random values: nothing may depend on them.
        context.randReset(2);
        context.randSeed(static_cast<int>(opt.seed & 0x7fffffff) + 1);
        top.reset(new Vdtscnn_shell(&context, "dtscnn_shell"));
        if (!opt.waves.empty()) {
#if VM_TRACE
            context.traceEverOn(true);
            waves.reset(new trace_file);
            top->trace(waves.get(), 99);
            waves->open(opt.waves.c_str());
#else
            throw std::runtime_error("built without waves");
#endif
        }
    }

    int run() {
        reset();
        check_register(0x00, 0x4E535444, "MAGIC");
        check_register(0x04, 1, "VERSION");
        check_register(0x08, static_cast<uint32_t>(opt.build_id), "BUILD_ID low");
        check_register(0x0C, static_cast<uint32_t>(opt.build_id >> 32), "BUILD_ID high");
        const int status = stream();
        if (status == 0) {
            const uint32_t frames = static_cast<uint32_t>(last - first);
            check_register(0x18, 0, "ERRORS");
            check_register(0x1C, frames, "FRAMES_IN");
            check_register(0x20, frames, "FRAMES_OUT");
        }
        top->final();
#if VM_TRACE
        if (waves)
            waves->close();
#endif
        return status;
    }

  private:
    void tick_low() {
        top->aclk = 0;
        top->eval();
        dump(0);
    }
    void tick_high() {
        top->aclk = 1;
        top->eval();
        dump(opt.period / 2);
        cycle++;
    }
    void dump(uint64_t phase) {
#if VM_TRACE
        if (waves)
            waves->dump(cycle * opt.period + phase);
#endif
        (void)phase;
    }

    void reset() {
        top->s_axis_tvalid = 0;
        top->s_axis_tdata = 0;
        top->s_axis_tkeep = 0;
        top->s_axis_tlast = 0;
        top->m_axis_tready = 0;
        top->s_axi_lite_awvalid = 0;
        top->s_axi_lite_wvalid = 0;
        top->s_axi_lite_wstrb = 0;
        top->s_axi_lite_bready = 0;
        top->s_axi_lite_arvalid = 0;
        top->s_axi_lite_araddr = 0;
        top->s_axi_lite_rready = 0;
        top->aresetn = 0;
        for (int i = 0; i < 16; i++)
            tick_low(), tick_high();
        top->aresetn = 1;
        for (int i = 0; i < 16; i++)
            tick_low(), tick_high();
        cycle = 0;
    }

    void check_register(uint32_t address, uint32_t expected, const char *name) {
        top->s_axi_lite_araddr = address;
        top->s_axi_lite_arvalid = 1;
        top->s_axi_lite_rready = 1;
        for (int i = 0; i < 1000; i++) {
            tick_low();
            const bool asked = top->s_axi_lite_arvalid && top->s_axi_lite_arready;
            const bool answered = top->s_axi_lite_rvalid;
            const uint32_t value = top->s_axi_lite_rdata;
            tick_high();
            if (asked)
                top->s_axi_lite_arvalid = 0;
            if (answered) {
                top->s_axi_lite_rready = 0;
                if (value != expected) {
                    std::ostringstream message;
                    message << "register " << name << " is 0x" << std::hex << value << ", not 0x" << expected;
                    throw std::runtime_error(message.str());
                }
                return;
            }
        }
        throw std::runtime_error(std::string("register ") + name + " does not answer");
    }

    int stream() {
        willingness input(opt.seed, opt.input_rate), output(opt.seed + 7919, opt.output_rate);
        const size_t frame_bytes = golden.frame(), frame_words = (frame_bytes + BUS_BYTES - 1) / BUS_BYTES;
        const size_t result_words = golden.classes + 1;
        std::vector<bool> ends(golden.images); // frames that end a packet
        size_t sent = first, word = 0, received = first, part = 0, left = 0, exact = 0;
        std::vector<int32_t> result, results;
        std::vector<uint64_t> cycles(2 * (last - first));
        uint64_t moved = cycle, told = cycle;
        const uint64_t start = cycle;
        bool right_ends = true;
        while (received < last) {
            // What this cycle offers: a word stays offered until it is taken.
            if (!top->s_axis_tvalid && sent < last && input.now()) {
                if (word == 0 && left == 0)
                    left = std::min<size_t>(input.random() ? 1 + input.below(4) : 1, last - sent);
                uint64_t data = 0;
                const size_t offset = word * BUS_BYTES, bytes = std::min<size_t>(BUS_BYTES, frame_bytes - offset);
                std::memcpy(&data, golden.image(sent) + offset, bytes);
                const bool whole = input.random() && input.below(2);
                top->s_axis_tvalid = 1;
                top->s_axis_tdata = data;
                top->s_axis_tkeep = (1u << (whole ? BUS_BYTES : bytes)) - 1;
                top->s_axis_tlast = word + 1 == frame_words && left == 1;
            }
            top->m_axis_tready = output.now();
            tick_low();
            const bool in = top->s_axis_tvalid && top->s_axis_tready, out = top->m_axis_tvalid && top->m_axis_tready;
            const uint64_t data = top->m_axis_tdata;
            const unsigned keep = top->m_axis_tkeep;
            const bool end = top->m_axis_tlast;
            tick_high();
            if (in) {
                top->s_axis_tvalid = 0;
                if (word == 0)
                    cycles[2 * (sent - first)] = cycle - start;
                if (++word == frame_words) {
                    word = 0;
                    ends[sent] = --left == 0;
                    sent++;
                }
            }
            for (unsigned lane = 0; out && lane < BUS_BYTES / 4; lane++) {
                const unsigned kept = keep >> (4 * lane) & 15;
                if (kept != 15 && !(kept == 0 && lane > 0 && end))
                    throw std::runtime_error("a result word is not whole: TKEEP is wrong");
                if (kept == 0)
                    continue;
                result.push_back(static_cast<int32_t>(data >> (32 * lane)));
                if (++part < result_words)
                    continue;
                part = 0;
                if (received >= sent)
                    throw std::runtime_error("a result came before its image was sent");
                exact += right(received, result);
                results.insert(results.end(), result.begin(), result.end());
                result.clear();
                cycles[2 * (received - first) + 1] = cycle - start;
                received++;
                if ((received - first) % 16 == 0 || received == last || cycle - told > SILENT) {
                    std::cout << "progress " << received - first << std::endl;
                    told = cycle;
                }
            }
            if (out && end != (part == 0 && ends[received - 1]))
                right_ends = false;
            if (in || out)
                moved = cycle;
            if (context.gotFinish()) {
                std::cout << "stopped cycle " << cycle - start << " sent " << sent - first << " received "
                          << received - first << std::endl;
                return 4;
            }
            if (cycle - moved > opt.stall) {
                std::cout << "stall cycle " << cycle - start << " sent " << sent - first << " word " << word
                          << " received " << received - first << " word " << part << " offered "
                          << int(top->s_axis_tvalid) << " in_ready " << int(top->s_axis_tready) << " out_valid "
                          << int(top->m_axis_tvalid) << std::endl;
                return 3;
            }
        }
        write(opt.results, results);
        write(opt.cycles, cycles);
        if (!right_ends)
            std::cout << "packets end at wrong words" << std::endl;
        std::cout << "exact " << exact << " of " << last - first << " cycles " << cycle - start << std::endl;
        return exact == last - first && right_ends ? 0 : 1;
    }

    bool right(size_t image, const std::vector<int32_t> &result) const {
        const int32_t *expected = golden.expected(image);
        for (unsigned c = 0; c < golden.classes; c++)
            if (result[c] != expected[c])
                return false;
        return result[golden.classes] == std::max_element(expected, expected + golden.classes) - expected;
    }

    template <class T> static void write(const std::string &path, const std::vector<T> &values) {
        if (path.empty())
            return;
        std::ofstream file(path.c_str(), std::ios::binary);
        file.write(reinterpret_cast<const char *>(values.data()),
                   static_cast<std::streamsize>(values.size() * sizeof(T)));
        file.flush();
        if (!file)
            throw std::runtime_error("cannot write " + path);
    }
};

} // namespace

int main(int argc, char **argv) {
    try {
        const options opt(argc, argv);
        return bench(opt, argc, argv).run();
    } catch (const std::exception &error) {
        std::cerr << "cosim: " << error.what() << std::endl;
        return 2;
    }
}
