#ifndef GOLDEN_VECTORS_H_
#define GOLDEN_VECTORS_H_

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

// The golden vectors of tb_data/golden.bin: eight little-endian uint32 {magic, version, images, height, width,
// channels, classes, 0}, then the images (uint8, NHWC), then the scores (int32, one row for each image).
struct golden_vectors {
    uint32_t images, height, width, channels, classes;
    std::vector<uint8_t> pixels;
    std::vector<int32_t> scores;

    static const uint32_t MAGIC = 0x47535444; // "DTSG"
    static const uint32_t VERSION = 1;

    explicit golden_vectors(const std::string &path) {
        std::ifstream file(path.c_str(), std::ios::binary);
        if (!file)
            throw std::runtime_error("cannot open " + path);
        uint32_t header[8];
        read(file, path, header, 8);
        if (header[0] != MAGIC || header[1] != VERSION)
            throw std::runtime_error(path + " holds no golden vectors of version 1");
        images = header[2], height = header[3], width = header[4], channels = header[5], classes = header[6];
        pixels.resize(static_cast<size_t>(images) * frame());
        scores.resize(static_cast<size_t>(images) * classes);
        read(file, path, pixels.data(), pixels.size());
        read(file, path, scores.data(), scores.size());
    }

    size_t frame() const { return static_cast<size_t>(height) * width * channels; }
    const uint8_t *image(size_t index) const { return pixels.data() + index * frame(); }
    const int32_t *expected(size_t index) const { return scores.data() + index * classes; }

  private:
    template <class T> static void read(std::ifstream &file, const std::string &path, T *into, size_t count) {
        file.read(reinterpret_cast<char *>(into), static_cast<std::streamsize>(count * sizeof(T)));
        if (!file)
            throw std::runtime_error(path + " is truncated");
    }
};

#endif
