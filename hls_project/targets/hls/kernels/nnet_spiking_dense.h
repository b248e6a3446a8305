#ifndef NNET_SPIKING_DENSE_H_
#define NNET_SPIKING_DENSE_H_

#include "hls_stream.h"
#include "nnet_neurons.h"

namespace nnet {

struct spiking_dense_config {
    static const unsigned layer = 0;
    static const unsigned n_pixels = 1;  // beats of a frame
    static const unsigned n_chan = 1;    // channels of a beat
    static const unsigned n_kernels = 1; // outputs
    static const unsigned n_thresholds = 2;
    static const unsigned paired = 0; // the channels are the two spike maps of a layer with two thresholds
    static const unsigned pe = 1;     // outputs computed at once
    static const unsigned simd = 1;   // channels of a beat added at once
    static const unsigned words = 1;  // ROM words of a step's weights
};

// The sums of all outputs, as a ring of folds whose head is worked on.
template <class vm_T, unsigned FOLDS, unsigned PE> struct sum_ring {
    vm_T folds[FOLDS][PE];

    sum_ring() {
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable = folds complete dim = 0
        for (unsigned fold = 0; fold < FOLDS; fold++) {
#pragma HLS UNROLL
            clear(folds[fold]);
        }
    }
    void next() {
#pragma HLS INLINE
        for (unsigned lane = 0; lane < PE; lane++) {
#pragma HLS UNROLL
            const vm_T head = folds[0][lane];
            for (unsigned fold = 0; fold + 1 < FOLDS; fold++) {
#pragma HLS UNROLL
                folds[fold][lane] = folds[fold + 1][lane];
            }
            folds[FOLDS - 1][lane] = head;
        }
    }
};

template <class data_T, typename CONFIG_T> struct dense_types : neurons<data_T, CONFIG_T, 1> {
    typedef neurons<data_T, CONFIG_T, 1> layer;
    static const unsigned folds = CONFIG_T::n_pixels * layer::kernel_folds * layer::channel_folds;
    typedef sum_ring<typename layer::vm_t, layer::kernel_folds, CONFIG_T::pe> ring_t;
};

// Adds up a frame's spikes as they come: the weights are a ROM read once for each beat, and nothing of the frame is
// kept. weights are laid out [fold][word][input][lane], fold = (beat, output fold, channel fold). What pads the last
// folds is 0.
template <class data_T, typename CONFIG_T>
void accumulate_frame(
    hls::stream<data_T> &data,
    const typename dense_types<data_T, CONFIG_T>::weight_t
        weights[dense_types<data_T, CONFIG_T>::folds][CONFIG_T::words][dense_types<data_T, CONFIG_T>::word],
    typename dense_types<data_T, CONFIG_T>::ring_t &vm) {
#pragma HLS INLINE
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    typedef dense_types<data_T, CONFIG_T> layer;

#pragma HLS ARRAY_PARTITION variable = weights complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = weights complete dim = 3

    typename layer::inputs_t inputs[layer::channel_folds];
#pragma HLS ARRAY_PARTITION variable = inputs complete
    cyclic_counter<layer::channel_folds> channel_fold;
    cyclic_counter<layer::kernel_folds> output_fold;

StepLoop:
    for (unsigned fold = 0; fold < layer::folds; fold++) {
#pragma HLS PIPELINE II = 1 style = flp
        if (channel_fold.first() && output_fold.first())
            layer::synapses_t::split(beat<data_T>::pack(data.read()), inputs);
        typename layer::sum_t sum[CONFIG_T::pe];
#pragma HLS ARRAY_PARTITION variable = sum complete
        clear(sum);
        layer::add(inputs[0], weights[fold], 0, sum);
        accumulate<typename CONFIG_T::vm_t>(false, sum, vm.folds[0]);
        rotate(inputs);
        if (channel_fold.step()) {
            output_fold.step();
            vm.next();
        }
    }
}

// The last layer: one beat of n_kernels membrane potentials, which are the scores.
template <class data_T, class res_T, typename CONFIG_T>
void spiking_dense(
    hls::stream<data_T> &data, hls::stream<res_T> &res,
    const typename dense_types<data_T, CONFIG_T>::weight_t
        weights[dense_types<data_T, CONFIG_T>::folds][CONFIG_T::words][dense_types<data_T, CONFIG_T>::word]) {
    typename dense_types<data_T, CONFIG_T>::ring_t vm;
    accumulate_frame<data_T, CONFIG_T>(data, weights, vm);
    res_T out;
    typename stored<typename CONFIG_T::vm_t>::type scores[CONFIG_T::n_kernels];
#pragma HLS ARRAY_PARTITION variable = scores complete
    for (unsigned output = 0; output < CONFIG_T::n_kernels; output++) {
#pragma HLS UNROLL
        scores[output] = exact<typename CONFIG_T::vm_t>(vm.folds[output / CONFIG_T::pe][output % CONFIG_T::pe]);
        out[output] = scores[output];
    }
    trace_membranes<CONFIG_T::layer>(0, 0, CONFIG_T::n_kernels, scores);
    res.write(out);
}

// A hidden layer: one beat of n_thresholds * n_kernels spikes. thresholds are laid out [output fold][threshold][lane].
template <class data_T, class res_T, typename CONFIG_T>
void spiking_dense(
    hls::stream<data_T> &data, hls::stream<res_T> &res,
    const typename dense_types<data_T, CONFIG_T>::weight_t
        weights[dense_types<data_T, CONFIG_T>::folds][CONFIG_T::words][dense_types<data_T, CONFIG_T>::word],
    const typename stored<typename CONFIG_T::threshold_t>::type thresholds[dense_types<data_T, CONFIG_T>::kernel_folds]
                                                                          [CONFIG_T::n_thresholds * CONFIG_T::pe]) {
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_kernels,
                  "one spike for each threshold and output");
#pragma HLS ARRAY_PARTITION variable = thresholds complete dim = 2
    typename dense_types<data_T, CONFIG_T>::ring_t vm;
    accumulate_frame<data_T, CONFIG_T>(data, weights, vm);
    spike_maps<CONFIG_T::n_thresholds, CONFIG_T::n_kernels, CONFIG_T::pe> maps;
FireLoop:
    for (unsigned fold = 0; fold < dense_types<data_T, CONFIG_T>::kernel_folds; fold++) {
#pragma HLS PIPELINE II = 1 style = flp
        fire<CONFIG_T>(vm.folds[0], thresholds[fold], maps, 0, fold * CONFIG_T::pe);
        vm.next();
    }
    res_T out;
    out.bits = maps.spikes();
    trace_spikes<CONFIG_T::layer, res_T::size>(0, out.bits);
    res.write(out);
}

} // namespace nnet

#endif
