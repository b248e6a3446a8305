#ifndef NNET_SPIKING_CONV2D_H_
#define NNET_SPIKING_CONV2D_H_

#include "ap_shift_reg.h"
#include "hls_stream.h"
#include "nnet_neurons.h"
#include "nnet_spike_pool.h"

namespace nnet {

struct spiking_conv2d_config {
    static const unsigned layer = 0;
    static const unsigned in_height = 1;
    static const unsigned in_width = 1;
    static const unsigned n_chan = 1;
    static const unsigned filt_height = 1;
    static const unsigned filt_width = 1;
    static const unsigned n_kernels = 1;
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
    static const unsigned paired = 0; // the channels are the two spike maps of a layer with two thresholds
    static const unsigned pool = 1;
    static const unsigned pe = 1;    // kernels computed at once, from the whole window
    static const unsigned simd = 1;  // n_chan
    static const unsigned words = 1; // ROM words of a step's weights
};

// The last filt_height x filt_width pixels, in raster order: a window that slides over the image and, at the end of a
// row, on into the next one. Which of its taps lie in the image is decided by the caller, so neither padding pixels nor
// cleared memories are needed and a frame takes one beat for each pixel.
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
    typename counter<SIZE>::type position;
    cyclic_counter<STRIDE> phase;

  public:
    strided_counter() : position(0) {
#pragma HLS INLINE
    }
    unsigned at() const { return static_cast<unsigned>(position); }
    bool due() const { return position >= FIRST && phase.first(); }
    // True when it wrapped.
    bool step() {
#pragma HLS INLINE
        if (position >= FIRST)
            phase.step();
        if (++position < SIZE)
            return false;
        position = 0;
        phase = cyclic_counter<STRIDE>();
        return true;
    }
};

// Tap `tap` of a `FILTER` long window whose last tap is PAD_AFTER beyond `position` lies in the image of `SIZE`.
template <unsigned SIZE, unsigned FILTER, unsigned PAD_AFTER> bool tap_in_image(unsigned position, unsigned tap) {
#pragma HLS INLINE
    const unsigned shifted = position + PAD_AFTER + tap + 1; // = coordinate of the tap + FILTER
    return shifted >= FILTER && shifted < SIZE + FILTER;
}

template <class data_T, typename CONFIG_T>
struct window_types : neurons<data_T, CONFIG_T, CONFIG_T::filt_height * CONFIG_T::filt_width> {};

// Convolution, firing of every threshold on the one membrane potential, and OR-pooling, in one pass: a step computes
// the whole Vm of `pe` kernels, which is never stored. weights are laid out [fold][word][tap row][tap
// column][input][lane], thresholds [fold][threshold][lane]. What pads the last fold is 0.
template <class data_T, class res_T, typename CONFIG_T>
void spiking_conv2d(
    hls::stream<data_T> &data, hls::stream<res_T> &res,
    const typename window_types<data_T, CONFIG_T>::weight_t
        weights[window_types<data_T, CONFIG_T>::kernel_folds][CONFIG_T::words][window_types<data_T, CONFIG_T>::word],
    const typename stored<typename CONFIG_T::threshold_t>::type thresholds[window_types<data_T, CONFIG_T>::kernel_folds]
                                                                          [CONFIG_T::n_thresholds * CONFIG_T::pe]) {
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_kernels,
                  "one spike map for each threshold and kernel");
    static_assert(CONFIG_T::simd == CONFIG_T::n_chan, "a step takes the whole window");
    static_assert(CONFIG_T::pad_top + CONFIG_T::pad_bottom < CONFIG_T::filt_height,
                  "a window never lies in padding alone");
    static_assert(CONFIG_T::pad_left + CONFIG_T::pad_right < CONFIG_T::filt_width,
                  "a window never lies in padding alone");

    typedef window_types<data_T, CONFIG_T> layer;
    typedef typename layer::inputs_t pixel_t; // all channels are one fold
    typedef ap_uint<res_T::size> spikes_t;

    const unsigned folds = layer::kernel_folds;
    const unsigned pixels = CONFIG_T::in_height * CONFIG_T::in_width;
    // The window reaches this many pixels beyond the position it belongs to.
    const unsigned lead = CONFIG_T::pad_bottom * CONFIG_T::in_width + CONFIG_T::pad_right;

#pragma HLS ARRAY_PARTITION variable = weights complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = weights complete dim = 3
#pragma HLS ARRAY_PARTITION variable = thresholds complete dim = 2

    sliding_window<pixel_t, CONFIG_T::filt_height, CONFIG_T::filt_width, CONFIG_T::in_width> window;
    or_pool<CONFIG_T::out_width, CONFIG_T::pool, spikes_t> pool;
    strided_counter<CONFIG_T::in_height, CONFIG_T::filt_height - 1 - CONFIG_T::pad_top - CONFIG_T::pad_bottom,
                    CONFIG_T::stride_height>
        row;
    strided_counter<CONFIG_T::in_width, CONFIG_T::filt_width - 1 - CONFIG_T::pad_left - CONFIG_T::pad_right,
                    CONFIG_T::stride_width>
        column;
    spike_maps<CONFIG_T::n_thresholds, CONFIG_T::n_kernels, CONFIG_T::pe> maps;
    cyclic_counter<folds> fold;
    typename counter<pixels + lead>::type beats = 0;
    unsigned pixel = 0; // for the trace

StepLoop:
    for (unsigned step = 0; step < (pixels + lead) * folds; step++) {
#pragma HLS PIPELINE II = 1 style = flp
        if (fold.first()) {
            pixel_t newest[1] = {0};
            if (beats < pixels)
                layer::synapses_t::split(beat<data_T>::pack(data.read()), newest);
            window.push(newest[0]);
        }
        const bool last = fold.last();
        if (beats >= lead) {
            if (row.due() && column.due()) {
                typename layer::sum_t vm[CONFIG_T::pe];
#pragma HLS ARRAY_PARTITION variable = vm complete
                clear(vm);
                for (unsigned r = 0; r < CONFIG_T::filt_height; r++) {
#pragma HLS UNROLL
                    for (unsigned c = 0; c < CONFIG_T::filt_width; c++) {
#pragma HLS UNROLL
                        const bool inside =
                            tap_in_image<CONFIG_T::in_height, CONFIG_T::filt_height, CONFIG_T::pad_bottom>(row.at(),
                                                                                                           r) &&
                            tap_in_image<CONFIG_T::in_width, CONFIG_T::filt_width, CONFIG_T::pad_right>(column.at(), c);
                        const pixel_t inputs = inside ? window.tap(r, c) : pixel_t(0);
                        layer::add(inputs, weights[fold.at()], r * CONFIG_T::filt_width + c, vm);
                    }
                }
                fire<CONFIG_T>(vm, thresholds[fold.at()], maps, pixel, fold.at() * CONFIG_T::pe);
                if (last) {
                    const spikes_t spikes = maps.spikes();
                    trace_spikes<CONFIG_T::layer, res_T::size>(pixel++, spikes);
                    res_T out;
                    if (pool.push(spikes, out.bits))
                        res.write(out);
                }
            }
            if (last && column.step())
                row.step();
        }
        if (fold.step())
            beats++;
    }
}

} // namespace nnet

#endif
