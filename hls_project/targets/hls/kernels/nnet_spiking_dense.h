#ifndef NNET_SPIKING_DENSE_H_
#define NNET_SPIKING_DENSE_H_

#include "hls_stream.h"
#include "nnet_dual_threshold_fire.h"
#include "nnet_spike_vector.h"
#include "nnet_vm_trace.h"

namespace nnet {

struct spiking_dense_config {
    static const unsigned layer = 0;
    static const unsigned n_pixels = 1; // beats of a frame
    static const unsigned n_chan = 1;   // channels of a beat
    static const unsigned n_out = 1;
    static const unsigned n_thresholds = 2;
    // Cycles for each beat: each cycle adds n_chan / reuse_factor channels to every output.
    static const unsigned reuse_factor = 1;
};

// Adds up a frame's spikes as they come: the weights are a ROM read once for each beat, and nothing of the frame is
// kept. weights are laid out [pixel][channel][output].
template <class data_T, typename CONFIG_T>
void accumulate_frame(hls::stream<data_T> &data,
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_pixels * CONFIG_T::n_chan * CONFIG_T::n_out],
                      typename CONFIG_T::vm_t (&vm)[CONFIG_T::n_out]) {
#pragma HLS INLINE
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    static_assert(CONFIG_T::n_chan % CONFIG_T::reuse_factor == 0, "the reuse factor divides the channels");
    const unsigned folds = CONFIG_T::reuse_factor;
    const unsigned channels = CONFIG_T::n_chan / CONFIG_T::reuse_factor;
    const unsigned word_lanes = channels * CONFIG_T::n_out;
    const unsigned word_bits = channels * beat<data_T>::channel_bits;
#pragma HLS ARRAY_RESHAPE variable = weights cyclic factor = word_lanes

    for (unsigned output = 0; output < CONFIG_T::n_out; output++) {
#pragma HLS UNROLL
        vm[output] = 0;
    }
    typename beat<data_T>::word_t word = 0;

PixelLoop:
    for (unsigned pixel = 0; pixel < CONFIG_T::n_pixels; pixel++) {
    FoldLoop:
        for (unsigned fold = 0; fold < folds; fold++) {
#pragma HLS LOOP_FLATTEN
#pragma HLS PIPELINE II = 1
            if (fold == 0)
                word = beat<data_T>::pack(data.read());
            const unsigned first = (pixel * folds + fold) * word_lanes;
            for (unsigned channel = 0; channel < channels; channel++) {
#pragma HLS UNROLL
                synapse<beat<data_T>::channel_bits>::add(word, channel, weights, first + channel * CONFIG_T::n_out, vm);
            }
            if (folds > 1)
                word = word >> word_bits;
        }
    }
    trace_membranes<CONFIG_T::layer>(0, 0, vm);
}

// The last layer: one beat of n_out membrane potentials, which are the scores.
template <class data_T, class res_T, typename CONFIG_T>
void spiking_dense(hls::stream<data_T> &data, hls::stream<res_T> &res,
                   typename CONFIG_T::weight_t weights[CONFIG_T::n_pixels * CONFIG_T::n_chan * CONFIG_T::n_out]) {
    typename CONFIG_T::vm_t vm[CONFIG_T::n_out];
#pragma HLS ARRAY_PARTITION variable = vm complete
    accumulate_frame<data_T, CONFIG_T>(data, weights, vm);
    res_T out;
    for (unsigned output = 0; output < CONFIG_T::n_out; output++) {
#pragma HLS UNROLL
        out[output] = vm[output];
    }
    res.write(out);
}

// A hidden layer: one beat of n_thresholds * n_out spikes.
template <class data_T, class res_T, typename CONFIG_T>
void spiking_dense(hls::stream<data_T> &data, hls::stream<res_T> &res,
                   typename CONFIG_T::weight_t weights[CONFIG_T::n_pixels * CONFIG_T::n_chan * CONFIG_T::n_out],
                   typename CONFIG_T::threshold_t thresholds[CONFIG_T::n_thresholds * CONFIG_T::n_out]) {
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_out, "one spike for each threshold and output");
    typename CONFIG_T::vm_t vm[CONFIG_T::n_out];
#pragma HLS ARRAY_PARTITION variable = vm complete
#pragma HLS ARRAY_PARTITION variable = thresholds complete
    accumulate_frame<data_T, CONFIG_T>(data, weights, vm);
    res_T out;
    out.bits = 0;
    fire<CONFIG_T::n_thresholds, CONFIG_T::n_out>(vm, thresholds, 0, out.bits);
    trace_spikes<CONFIG_T::layer, res_T::size>(0, out.bits);
    res.write(out);
}

} // namespace nnet

#endif
