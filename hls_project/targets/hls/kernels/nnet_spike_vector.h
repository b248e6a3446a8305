#ifndef NNET_SPIKE_VECTOR_H_
#define NNET_SPIKE_VECTOR_H_

#include "ap_int.h"
#include "nnet_types.h"
#include <cstddef>
#include <utility>

namespace nnet {

// One stream beat of spikes: N channels of one pixel, one bit a channel, channel 0 in bit 0.
// Has the members of nnet::array, so that stock hls4ml kernels read and write it channel by channel.
template <unsigned N> struct spike_vector {
    typedef ap_uint<1> value_type;
    static const unsigned size = N;

    ap_uint<N> bits;

    auto operator[](size_t channel) -> decltype(std::declval<ap_uint<N> &>()[0]) {
        return bits[static_cast<int>(channel)];
    }
    bool operator[](size_t channel) const { return bits[static_cast<int>(channel)]; }
};

// How a beat is kept in row buffers and windows: as one word.
template <class data_T> struct beat;

template <class T, unsigned N> struct beat<array<T, N>> {
    static const unsigned channel_bits = T::width;
    typedef ap_uint<N * T::width> word_t;

    static word_t pack(const array<T, N> &data) {
        word_t word = 0;
        for (unsigned c = 0; c < N; c++) {
#pragma HLS UNROLL
            word |= word_t(data[c]) << static_cast<int>(c * T::width);
        }
        return word;
    }
};

template <unsigned N> struct beat<spike_vector<N>> {
    static const unsigned channel_bits = 1;
    typedef ap_uint<N> word_t;

    static word_t pack(const spike_vector<N> &data) { return data.bits; }
};

} // namespace nnet

#endif
