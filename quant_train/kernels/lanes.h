// Vectors of 8 floats at any address, as GCC and Clang have them on every processor.
#pragma once

#include <cstring>

typedef float Lanes __attribute__((vector_size(32)));
constexpr int LANES = 8;

static inline Lanes load(const float *from) {
    Lanes value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

static inline void store(float *to, Lanes value) { std::memcpy(to, &value, sizeof value); }
