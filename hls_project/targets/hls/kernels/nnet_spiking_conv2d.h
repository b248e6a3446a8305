#ifndef NNET_SPIKING_CONV2D_H_
#define NNET_SPIKING_CONV2D_H_

#include "ap_shift_reg.h"
#include "hls_stream.h"
#include "nnet_dual_threshold_fire.h"
#include "nnet_spike_pool.h"
#include "nnet_spike_vector.h"
#include "nnet_vm_trace.h"

namespace nnet {

struct spiking_conv2d_config {
    static const unsigned layer = 0;
    static const unsigned in_height = 1;
    static const unsigned in_width = 1;
    static const unsigned n_chan = 1;
    static const unsigned filt_height = 1;
    static const unsigned filt_width = 1;
    static const unsigned n_filt = 1;
    static const unsigned stride_height = 1;
    static const unsigned stride_width = 1;
    // Zero padding; the output size fixes what is seen at the top and at the left.
    static const unsigned pad_top = 0;
    static const unsigned pad_bottom = 0;
    static const unsigned pad_left = 0;
    static const unsigned pad_right = 0;
    static const unsigned out_height = 1;
    static const unsigned out_width = 1;
    static const unsigned n_thresholds = 2;
    static const unsigned pool = 1;
    // Cycles for each input pixel: each cycle computes n_filt / reuse_factor kernels.
    static const unsigned reuse_factor = 1;
};

// The last filt_height x filt_width pixels, in raster order: a window that slides over the image and, at the end of a
// row, on into the next one. Which of its taps lie in the image is decided by the caller, so neither padding pixels nor
// cleared memories are needed and a frame takes one step for each pixel.
template <class word_T, unsigned ROWS, unsigned COLUMNS, unsigned WIDTH> class sliding_window {
    ap_shift_reg<word_T, WIDTH> lines[ROWS > 1 ? ROWS - 1 : 1];
    word_T taps[ROWS][COLUMNS];

  public:
    sliding_window() {
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable = lines complete
#pragma HLS ARRAY_PARTITION variable = taps complete dim = 0
    }

    void push(word_T newest) {
#pragma HLS INLINE
        for (unsigned row = ROWS; row-- > 0;) {
#pragma HLS UNROLL
            for (unsigned column = 0; column + 1 < COLUMNS; column++) {
#pragma HLS UNROLL
                taps[row][column] = taps[row][column + 1];
            }
            taps[row][COLUMNS - 1] = newest;
            if (row > 0)
                newest = lines[row - 1].shift(newest, WIDTH - 1);
        }
    }

    const word_T &tap(unsigned row, unsigned column) const { return taps[row][column]; }
};

// Counts a coordinate 0 .. SIZE-1 and says whether an output of a strided convolution is due there.
template <unsigned SIZE, unsigned FIRST, unsigned STRIDE> class strided_counter {
    unsigned position, phase;

  public:
    strided_counter() : position(0), phase(0) {
#pragma HLS INLINE
    }
    unsigned at() const { return position; }
    bool due() const { return position >= FIRST && phase == 0; }
    // True when it wrapped.
    bool step() {
#pragma HLS INLINE
        if (position >= FIRST)
            phase = phase == STRIDE - 1 ? 0 : phase + 1;
        if (++position < SIZE)
            return false;
        position = 0;
        phase = 0;
        return true;
    }
};

// Tap `tap` of a `FILTER` long window whose last tap is PAD_AFTER beyond `position` lies in the image of `SIZE`.
template <unsigned SIZE, unsigned FILTER, unsigned PAD_AFTER> bool tap_in_image(unsigned position, unsigned tap) {
#pragma HLS INLINE
    const unsigned shifted = position + PAD_AFTER + tap + 1; // = coordinate of the tap + FILTER
    return shifted >= FILTER && shifted < SIZE + FILTER;
}

// The shared membrane potentials of LANES kernels over the window; their weights start at `first`.
template <class window_T, class weight_T, class vm_T, unsigned LANES, typename CONFIG_T, unsigned CHANNEL_BITS>
void membrane_potential(const window_T &window, unsigned row, unsigned column, const weight_T *weights, unsigned first,
                        vm_T (&vm)[LANES]) {
#pragma HLS INLINE
    for (unsigned lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
        vm[lane] = 0;
    }
    for (unsigned r = 0; r < CONFIG_T::filt_height; r++) {
#pragma HLS UNROLL
        const bool row_in = tap_in_image<CONFIG_T::in_height, CONFIG_T::filt_height, CONFIG_T::pad_bottom>(row, r);
        for (unsigned c = 0; c < CONFIG_T::filt_width; c++) {
#pragma HLS UNROLL
            const bool column_in =
                tap_in_image<CONFIG_T::in_width, CONFIG_T::filt_width, CONFIG_T::pad_right>(column, c);
            if (row_in && column_in) {
                for (unsigned channel = 0; channel < CONFIG_T::n_chan; channel++) {
#pragma HLS UNROLL
                    const unsigned tap = (r * CONFIG_T::filt_width + c) * CONFIG_T::n_chan + channel;
                    synapse<CHANNEL_BITS>::add(window.tap(r, c), channel, weights, first + tap * LANES, vm);
                }
            }
        }
    }
}

// Convolution, firing of every threshold on the one membrane potential, and OR-pooling, in one pass: Vm is never
// stored. weights are laid out [fold][row][column][channel][lane], kernel = fold * lanes + lane.
template <class data_T, class res_T, typename CONFIG_T>
void spiking_conv2d(hls::stream<data_T> &data, hls::stream<res_T> &res,
                    typename CONFIG_T::weight_t
                        weights[CONFIG_T::filt_height * CONFIG_T::filt_width * CONFIG_T::n_chan * CONFIG_T::n_filt],
                    typename CONFIG_T::threshold_t thresholds[CONFIG_T::n_thresholds * CONFIG_T::n_filt]) {
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_filt,
                  "one spike map for each threshold and kernel");
    static_assert(CONFIG_T::n_filt % CONFIG_T::reuse_factor == 0, "the reuse factor divides the kernels");
    static_assert(CONFIG_T::pad_top + CONFIG_T::pad_bottom < CONFIG_T::filt_height,
                  "a window never lies in padding alone");
    static_assert(CONFIG_T::pad_left + CONFIG_T::pad_right < CONFIG_T::filt_width,
                  "a window never lies in padding alone");

    const unsigned folds = CONFIG_T::reuse_factor;
    const unsigned lanes = CONFIG_T::n_filt / CONFIG_T::reuse_factor;
    const unsigned taps = CONFIG_T::filt_height * CONFIG_T::filt_width * CONFIG_T::n_chan;
    const unsigned pixels = CONFIG_T::in_height * CONFIG_T::in_width;
    // The window reaches this many pixels beyond the position it belongs to.
    const unsigned lead = CONFIG_T::pad_bottom * CONFIG_T::in_width + CONFIG_T::pad_right;
    const unsigned word_lanes = taps * lanes;

    typedef typename beat<data_T>::word_t word_t;
    typedef ap_uint<res_T::size> spikes_t;
    typedef sliding_window<word_t, CONFIG_T::filt_height, CONFIG_T::filt_width, CONFIG_T::in_width> window_t;

#pragma HLS ARRAY_RESHAPE variable = weights cyclic factor = word_lanes
#pragma HLS ARRAY_PARTITION variable = thresholds complete

    window_t window;
    or_pool<CONFIG_T::out_width, CONFIG_T::pool, spikes_t> pool;
    strided_counter<CONFIG_T::in_height, CONFIG_T::filt_height - 1 - CONFIG_T::pad_top - CONFIG_T::pad_bottom,
                    CONFIG_T::stride_height>
        row;
    strided_counter<CONFIG_T::in_width, CONFIG_T::filt_width - 1 - CONFIG_T::pad_left - CONFIG_T::pad_right,
                    CONFIG_T::stride_width>
        column;
    spikes_t spikes = 0;
    unsigned out_pixel = 0;

PixelLoop:
    for (unsigned step = 0; step < pixels + lead; step++) {
    FoldLoop:
        for (unsigned fold = 0; fold < folds; fold++) {
#pragma HLS LOOP_FLATTEN
#pragma HLS PIPELINE II = 1
            if (fold == 0) {
                word_t newest = 0;
                if (step < pixels)
                    newest = beat<data_T>::pack(data.read());
                window.push(newest);
            }
            const bool due = step >= lead && row.due() && column.due();
            if (due) {
                typename CONFIG_T::vm_t vm[lanes];
#pragma HLS ARRAY_PARTITION variable = vm complete
                membrane_potential<window_t, typename CONFIG_T::weight_t, typename CONFIG_T::vm_t, lanes, CONFIG_T,
                                   beat<data_T>::channel_bits>(window, row.at(), column.at(), weights,
                                                               fold * word_lanes, vm);
                fire<CONFIG_T::n_thresholds, CONFIG_T::n_filt>(vm, thresholds, fold * lanes, spikes);
                trace_membranes<CONFIG_T::layer>(out_pixel, fold * lanes, vm);
            }
            if (fold == folds - 1) {
                if (due) {
                    trace_spikes<CONFIG_T::layer, res_T::size>(out_pixel++, spikes);
                    res_T out;
                    if (pool.push(spikes, out.bits))
                        res.write(out);
                }
                if (step >= lead && column.step())
                    row.step();
            }
        }
    }
}

} // namespace nnet

#endif
