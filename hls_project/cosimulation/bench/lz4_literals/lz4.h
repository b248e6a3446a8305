#ifndef LZ4_LITERALS_H_
#define LZ4_LITERALS_H_

// Stands in for lz4's header where it is not installed: the two functions that Verilator's FST writer calls. What it
// writes is the LZ4 block format, of literals alone: valid, and not smaller.

#include <cstring>

static inline int LZ4_compressBound(int size) { return size + size / 255 + 16; }

static inline int LZ4_compress_default(const char *source, char *target, int size, int capacity) {
    if (capacity < LZ4_compressBound(size))
        return 0;
    // One sequence: a token whose high half is the number of literals, 15 standing for "more in the bytes that follow".
    char *next = target;
    *next++ = static_cast<char>((size < 15 ? size : 15) << 4);
    if (size >= 15) {
        int more = size - 15;
        for (; more >= 255; more -= 255)
            *next++ = static_cast<char>(255);
        *next++ = static_cast<char>(more);
    }
    std::memcpy(next, source, static_cast<size_t>(size));
    return static_cast<int>(next - target) + size;
}

#endif
