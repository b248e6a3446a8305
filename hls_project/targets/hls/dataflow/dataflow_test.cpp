// Runs the DATAFLOW region as hardware does: each process is a thread, each stream is bounded, frames follow back to
// back.
//
// usage: dataflow_test --golden FILE --frames N [--depth STREAM=K]...
//
// Frame n is image n modulo the number of images. Prints lines of fields that tabs separate:
//   progress FRAMES, exact FRAMES, stream NAME DEPTH FILL HIGHEST_FILL, blocked PROCESS reads|writes STREAM.
// Status: 0 every score is equal, 1 not every score, 2 an error, 3 a deadlock.

#include "firmware/dtscnn.h"
#include "firmware/parameters.h"
#include "golden_vectors.h"
#include "monitor.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <thread>

namespace {

struct options {
    std::string golden;
    size_t frames = 0;
    std::map<std::string, size_t> depths;

    options(int argc, char **argv) {
        for (int i = 1; i + 1 < argc; i += 2) {
            const std::string name = argv[i], value = argv[i + 1];
            if (name == "--golden")
                golden = value;
            else if (name == "--frames")
                frames = std::stoul(value);
            else if (name == "--depth")
                depths[value.substr(0, value.find('='))] = std::stoul(value.substr(value.find('=') + 1));
            else
                throw std::runtime_error("unknown option " + name);
        }
        if (golden.empty() || frames == 0)
            throw std::runtime_error("--golden and --frames are needed");
    }

    template <class T> void bound(hls::stream<T> &stream, size_t depth) const {
        const auto given = depths.find(stream.name);
        stream.bound(given == depths.end() ? depth : given->second);
    }
};

class region {
    struct loop {
        dataflow::process process;
        std::function<void(size_t)> body;

        loop(const std::string &name, std::function<void(size_t)> body) : process(name), body(std::move(body)) {}
    };
    std::deque<loop> loops;

  public:
    void add(const std::string &name, std::function<void(size_t)> body) {
        loops.emplace_back(name, std::move(body));
        dataflow::the_monitor().processes.push_back(&loops.back().process);
    }

    void run(size_t frames) {
        dataflow::the_monitor().begin();
        std::vector<std::thread> threads;
        for (loop &l : loops)
            threads.emplace_back([&l, frames] {
                dataflow::current() = &l.process;
                for (size_t frame = 0; frame < frames; frame++)
                    l.body(frame);
                dataflow::the_monitor().end();
            });
        for (std::thread &thread : threads)
            thread.join();
    }
};

void feed(const uint8_t *pixels, size_t count, hls::stream<input_t> &image) {
    for (size_t beats = count / input_t::size; beats > 0; beats--) {
        input_t beat;
        for (unsigned c = 0; c < input_t::size; c++)
            beat[c] = *pixels++;
        image.write(beat);
    }
}

bool equal(result_t result, const int32_t *expected, unsigned classes) {
    for (unsigned c = 0; c < classes; c++)
        if (static_cast<int32_t>(result[c]) != expected[c])
            return false;
    return static_cast<int32_t>(result[classes]) == std::max_element(expected, expected + classes) - expected;
}

int run(const options &opt) {
    const golden_vectors golden(opt.golden);
    if (golden.images == 0 || golden.channels != input_t::size || golden.classes + 1 != result_t::size)
        throw std::runtime_error(opt.golden + " was made for another network");
    region network;

    // @streams
    // @processes

    network.add("source of images",
                [&](size_t frame) { feed(golden.image(frame % golden.images), golden.frame(), network_input); });
    size_t exact = 0;
    network.add("sink of results", [&](size_t frame) {
        exact += equal(network_output.read(), golden.expected(frame % golden.images), golden.classes);
        std::cout << "progress\t" << frame + 1 << std::endl;
    });
    network.run(opt.frames);

    std::cout << "exact\t" << exact << std::endl;
    dataflow::the_monitor().report();
    return exact == opt.frames ? 0 : 1;
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run(options(argc, argv));
    } catch (const std::exception &error) {
        std::cerr << "dataflow_test: " << error.what() << std::endl;
        return 2;
    }
}
