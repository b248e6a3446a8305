// Self-checking test bench: every score of every image must equal the golden one. Returns 0 only then.
//
// usage: dtscnn_test [--first N] [--count N] [--golden FILE] [--results FILE] [--trace FILE]
//
// Runs as it is under Vitis HLS, which gives it no arguments. --results writes the scores and the label of each image
// (int32); --trace writes every membrane potential and spike (records of five int32, see trace_writer).

#include "firmware/dtscnn.h"
#include "firmware/nnet_utils/golden_vectors.h"
#include "firmware/nnet_utils/nnet_vm_trace.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>

namespace {

struct options {
    std::string golden, results, trace;
    size_t first, count;

    options(int argc, char **argv) : golden("tb_data/golden.bin"), first(0), count(static_cast<size_t>(-1)) {
        for (int i = 1; i < argc; i += 2) {
            if (i + 1 == argc)
                throw std::runtime_error(std::string(argv[i]) + " needs a value");
            const std::string name = argv[i], value = argv[i + 1];
            if (name == "--golden")
                golden = value;
            else if (name == "--results")
                results = value;
            else if (name == "--trace")
                trace = value;
            else if (name == "--first")
                first = std::stoul(value);
            else if (name == "--count")
                count = std::stoul(value);
            else
                throw std::runtime_error("unknown option " + name);
        }
    }
};

// Records {layer, kind (0 membrane potential, 1 spike), pixel, channel, value}.
class trace_writer : public nnet::vm_trace_sink {
    std::ofstream file;

    void record(unsigned layer, int kind, unsigned pixel, unsigned channel, int value) {
        const int32_t fields[5] = {static_cast<int32_t>(layer), kind, static_cast<int32_t>(pixel),
                                   static_cast<int32_t>(channel), value};
        file.write(reinterpret_cast<const char *>(fields), sizeof fields);
    }

  public:
    explicit trace_writer(const std::string &path) : file(path.c_str(), std::ios::binary) {
        if (!file)
            throw std::runtime_error("cannot write " + path);
    }
    void membrane(unsigned layer, unsigned pixel, unsigned kernel, int vm) override {
        record(layer, 0, pixel, kernel, vm);
    }
    void spike(unsigned layer, unsigned pixel, unsigned channel, bool fired) override {
        record(layer, 1, pixel, channel, fired);
    }
};

result_t classify(const golden_vectors &golden, size_t index) {
    hls::stream<input_t> image("image");
    hls::stream<result_t> result("result");
    const uint8_t *pixel = golden.image(index);
    for (size_t p = 0; p < golden.frame() / input_t::size; p++) {
        input_t beat;
        for (unsigned c = 0; c < input_t::size; c++)
            beat[c] = *pixel++;
        image.write(beat);
    }
    dtscnn(image, result);
    if (!image.empty() || result.size() != 1)
        throw std::runtime_error("the network did not turn one frame into one result");
    return result.read();
}

int run(const options &opt) {
    const golden_vectors golden(opt.golden);
    if (golden.channels != input_t::size || golden.classes + 1 != result_t::size)
        throw std::runtime_error(opt.golden + " was made for another network");
    const size_t first = std::min<size_t>(opt.first, golden.images);
    const size_t last = first + std::min<size_t>(opt.count, golden.images - first);
    if (first == last)
        throw std::runtime_error("there is no image to simulate");

    std::unique_ptr<trace_writer> trace;
    if (!opt.trace.empty()) {
        trace.reset(new trace_writer(opt.trace));
        nnet::vm_trace() = trace.get();
    }
    std::vector<int32_t> results;
    size_t exact = 0;
    for (size_t index = first; index < last; index++) {
        const result_t result = classify(golden, index);
        const int32_t *expected = golden.expected(index);
        bool equal = static_cast<int32_t>(result[golden.classes]) ==
                     std::max_element(expected, expected + golden.classes) - expected;
        for (unsigned c = 0; c <= golden.classes; c++) {
            results.push_back(static_cast<int32_t>(result[c]));
            if (c < golden.classes && results.back() != expected[c]) {
                if (equal)
                    std::cout << "mismatch image " << index << " class " << c << " expected " << expected[c] << " got "
                              << results.back() << std::endl;
                equal = false;
            }
        }
        exact += equal;
        if ((index + 1 - first) % 16 == 0 || index + 1 == last)
            std::cout << "progress " << index + 1 - first << std::endl;
    }
    nnet::vm_trace() = nullptr;

    if (!opt.results.empty()) {
        std::ofstream file(opt.results.c_str(), std::ios::binary);
        file.write(reinterpret_cast<const char *>(results.data()), static_cast<std::streamsize>(results.size() * 4));
        file.flush();
        if (!file)
            throw std::runtime_error("cannot write " + opt.results);
    }
    std::cout << "exact " << exact << " of " << last - first << std::endl;
    return exact == last - first ? 0 : 1;
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run(options(argc, argv));
    } catch (const std::exception &error) {
        std::cerr << "dtscnn_test: " << error.what() << std::endl;
        return 2;
    }
}
