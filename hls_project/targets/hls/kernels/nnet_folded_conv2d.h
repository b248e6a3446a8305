#ifndef NNET_FOLDED_CONV2D_H_
#define NNET_FOLDED_CONV2D_H_

#include "hls_stream.h"
#include "nnet_neurons.h"
#include "nnet_row_buffer.h"
#include "nnet_spike_pool.h"
#include "nnet_vm_trace.h"

namespace nnet {

struct folded_conv2d_config {
    static const unsigned layer = 0;
    static const unsigned in_height = 1;
    static const unsigned in_width = 1;
    static const unsigned n_chan = 1;
    static const unsigned filt_height = 1;
    static const unsigned filt_width = 1;
    static const unsigned n_kernels = 1;
    static const unsigned stride_height = 1;
    static const unsigned stride_width = 1;
    static const unsigned pad_top = 0;
    static const unsigned pad_left = 0;
    static const unsigned out_height = 1;
    static const unsigned out_width = 1;
    static const unsigned n_thresholds = 2;
    static const unsigned paired = 0; // the channels are the two spike maps of a layer with two thresholds
    static const unsigned pool = 1;
    static const unsigned pe = 1;    // kernels computed at once
    static const unsigned simd = 1;  // channels of one tap added at once
    static const unsigned mmv = 1;   // output pixels of a row computed at once, by the same weights
    static const unsigned words = 1; // ROM words of a step's weights
    static const unsigned steps = 1; // of one frame: see `row_schedule`
};

template <class data_T, typename CONFIG_T> struct folded_types : neurons<data_T, CONFIG_T, 1> {
    typedef neurons<data_T, CONFIG_T, 1> layer;
    static const unsigned window_folds = CONFIG_T::filt_height * CONFIG_T::filt_width * layer::channel_folds;
    static const unsigned folds = layer::kernel_folds * window_folds;
};

// Convolution, firing and OR-pooling, folded: a step adds `simd` channels of one tap to the Vm of `pe` kernels at `mmv`
// pixels. Vm lives in registers while its pixel is computed and is never stored as a map. weights are laid out
// [fold][word][input][lane], fold = (kernel fold, tap row, tap column, channel fold); thresholds
// [kernel fold][threshold][lane]. What pads the last fold is 0.
template <class data_T, class res_T, typename CONFIG_T>
void folded_conv2d(
    hls::stream<data_T> &data, hls::stream<res_T> &res,
    const typename folded_types<data_T, CONFIG_T>::weight_t
        weights[folded_types<data_T, CONFIG_T>::folds][CONFIG_T::words][folded_types<data_T, CONFIG_T>::word],
    const typename stored<typename CONFIG_T::threshold_t>::type thresholds[folded_types<data_T, CONFIG_T>::kernel_folds]
                                                                          [CONFIG_T::n_thresholds * CONFIG_T::pe]) {
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_kernels,
                  "one spike map for each threshold and kernel");
    typedef folded_types<data_T, CONFIG_T> layer;
    typedef spike_maps<CONFIG_T::n_thresholds, CONFIG_T::n_kernels, CONFIG_T::pe> maps_t;
    typedef ap_uint<res_T::size> spikes_t;

    const unsigned mmv = CONFIG_T::mmv;
    const unsigned folds = layer::folds;
    // The windows computed together leave one pixel a step.
    const unsigned group_steps = folds > mmv ? folds : mmv;
    const unsigned groups = (CONFIG_T::out_width + mmv - 1) / mmv;
    const unsigned last_group = CONFIG_T::out_width - (groups - 1) * mmv;

#pragma HLS ARRAY_PARTITION variable = weights complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = weights complete dim = 3
#pragma HLS ARRAY_PARTITION variable = thresholds complete dim = 2

    row_schedule<CONFIG_T, groups * group_steps> schedule;
    row_buffer<typename layer::inputs_t, layer::channel_folds, mmv, CONFIG_T> buffer;
    or_pool<CONFIG_T::out_width, CONFIG_T::pool, spikes_t> pool;

    typename layer::inputs_t inputs[mmv][layer::channel_folds];
    typename layer::vm_t vm[mmv][CONFIG_T::pe];
    maps_t maps[mmv];
    spikes_t fired[mmv];
#pragma HLS ARRAY_PARTITION variable = inputs complete dim = 0
#pragma HLS ARRAY_PARTITION variable = vm complete dim = 0
#pragma HLS ARRAY_PARTITION variable = maps complete
#pragma HLS ARRAY_PARTITION variable = fired complete

    bool computing = false;
    cyclic_counter<group_steps> fold;
    cyclic_counter<layer::window_folds> window_fold;
    cyclic_counter<layer::channel_folds> channel_fold;
    cyclic_counter<layer::kernel_folds> kernel_fold;
    cyclic_counter<groups> group;
    typename counter<mmv>::type leaving = 0;
    unsigned pixel = 0, left = 0; // for the trace

StepLoop:
    for (unsigned step = 0; step < CONFIG_T::steps; step++) {
#pragma HLS PIPELINE II = 1 style = flp
        if (schedule.read_due()) {
            typename layer::inputs_t pixel_folds[layer::channel_folds];
#pragma HLS ARRAY_PARTITION variable = pixel_folds complete
            layer::synapses_t::split(beat<data_T>::pack(data.read()), pixel_folds);
            buffer.write(pixel_folds);
            schedule.count_pixel();
        }

        if (computing) {
            if (fold.at() < folds) {
                const bool first = window_fold.first(), last = window_fold.last();
                for (unsigned m = 0; m < mmv; m++) {
#pragma HLS UNROLL
                    if (channel_fold.first())
                        buffer.read(m, inputs[m]);
                    else
                        rotate(inputs[m]);
                    typename layer::sum_t sum[CONFIG_T::pe];
#pragma HLS ARRAY_PARTITION variable = sum complete
                    clear(sum);
                    layer::add(inputs[m][0], weights[fold.at()], 0, sum);
                    accumulate<typename CONFIG_T::vm_t>(first, sum, vm[m]);
                    if (last)
                        fire<CONFIG_T>(vm[m], thresholds[kernel_fold.at()], maps[m], pixel + m,
                                       kernel_fold.at() * CONFIG_T::pe);
                }
                if (channel_fold.step())
                    buffer.next_tap();
                if (window_fold.step())
                    kernel_fold.step();
                if (fold.at() == folds - 1) {
                    for (unsigned m = 0; m < mmv; m++) {
#pragma HLS UNROLL
                        fired[m] = maps[m].spikes();
                    }
                    leaving = group.last() ? last_group : mmv;
                    pixel += static_cast<unsigned>(leaving);
                }
            }
            if (fold.step()) {
                if (group.step()) {
                    computing = false;
                    buffer.next_row();
                } else {
                    buffer.next_windows();
                }
            }
        }
        if (!computing)
            computing = schedule.next_row();

        if (leaving != 0) {
            trace_spikes<CONFIG_T::layer, res_T::size>(left++, fired[0]);
            res_T out;
            if (pool.push(fired[0], out.bits))
                res.write(out);
            for (unsigned m = 0; m + 1 < mmv; m++) {
#pragma HLS UNROLL
                fired[m] = fired[m + 1];
            }
            leaving--;
        }
    }
}

} // namespace nnet

#endif
