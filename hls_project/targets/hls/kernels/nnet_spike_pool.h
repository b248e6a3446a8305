#ifndef NNET_SPIKE_POOL_H_
#define NNET_SPIKE_POOL_H_

#include "hls_stream.h"
#include "nnet_spike_vector.h"

namespace nnet {

// Max-pooling of spikes is an OR. Spikes of a WIDTH x (any height) map are pushed row by row; every POOL x POOL
// window that is complete comes out when its last pixel goes in. Rows and columns that fill no window are dropped.
// Stores one word for each pooled column.
template <unsigned WIDTH, unsigned POOL, class bits_T> class or_pool {
    static const unsigned OUT_WIDTH = WIDTH / POOL;

    bits_T columns[OUT_WIDTH]; // a shift register: the word for the next complete column stands last
    bits_T window;
    unsigned column, in_column, in_row;

  public:
    or_pool() : window(0), column(0), in_column(0), in_row(0) {
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable = columns complete
    }

    // True when `pooled` was set to a complete window.
    bool push(const bits_T &spikes, bits_T &pooled) {
#pragma HLS INLINE
        window = in_column == 0 ? spikes : bits_T(window | spikes);
        bool complete = false;
        if (in_column == POOL - 1 && column < OUT_WIDTH * POOL) {
            pooled = in_row == 0 ? window : bits_T(window | columns[OUT_WIDTH - 1]);
            for (unsigned i = OUT_WIDTH - 1; i > 0; i--) {
#pragma HLS UNROLL
                columns[i] = columns[i - 1];
            }
            columns[0] = pooled;
            complete = in_row == POOL - 1;
        }
        in_column = in_column == POOL - 1 ? 0 : in_column + 1;
        if (++column == WIDTH) {
            column = 0;
            in_column = 0;
            in_row = in_row == POOL - 1 ? 0 : in_row + 1;
        }
        return complete;
    }
};

// No pooling: every pixel is a complete window.
template <unsigned WIDTH, class bits_T> class or_pool<WIDTH, 1, bits_T> {
  public:
    bool push(const bits_T &spikes, bits_T &pooled) {
#pragma HLS INLINE
        pooled = spikes;
        return true;
    }
};

struct spike_pool_config {
    static const unsigned in_height = 1;
    static const unsigned in_width = 1;
    static const unsigned pool = 1;
};

// Pooling alone.
template <class data_T, class res_T, typename CONFIG_T>
void spike_pool(hls::stream<data_T> &data, hls::stream<res_T> &res) {
    static_assert(data_T::size == res_T::size, "pooling keeps the channels");
    or_pool<CONFIG_T::in_width, CONFIG_T::pool, ap_uint<data_T::size>> pool;

PixelLoop:
    for (unsigned pixel = 0; pixel < CONFIG_T::in_height * CONFIG_T::in_width; pixel++) {
#pragma HLS PIPELINE II = 1 style = flp
        res_T out;
        if (pool.push(beat<data_T>::pack(data.read()), out.bits))
            res.write(out);
    }
}

} // namespace nnet

#endif
