#ifndef NNET_NEURONS_H_
#define NNET_NEURONS_H_

#include "nnet_dual_threshold_fire.h"
#include "nnet_integers.h"
#include "nnet_synapses.h"
#include "nnet_vm_trace.h"

namespace nnet {

// The types and sizes of a layer that computes `pe` kernels at a time from `simd` inputs of each of TAPS taps. CONFIG_T
// has: n_chan, n_kernels, n_thresholds, paired, pe, simd, words and the types weight_t, vm_t. A step's weights are rows
// [tap][input] of `pe` lanes, in `words` ROM words.
template <class data_T, typename CONFIG_T, unsigned TAPS> struct neurons {
    static const unsigned channel_bits = beat<data_T>::channel_bits;
    static const unsigned kernel_folds = (CONFIG_T::n_kernels + CONFIG_T::pe - 1) / CONFIG_T::pe;
    static const unsigned inputs = TAPS * CONFIG_T::simd;
    static const unsigned rows = (inputs + CONFIG_T::words - 1) / CONFIG_T::words;
    static const unsigned word = rows * CONFIG_T::pe;

    typedef typename beat<data_T>::word_t pixel_t;
    typedef synapses<channel_bits, CONFIG_T::paired != 0, CONFIG_T::n_chan, CONFIG_T::simd> synapses_t;
    static const unsigned channel_folds = synapses_t::folds;
    typedef typename synapses_t::inputs_t inputs_t;

    // The sum of one step's inputs has the bits that these need, whatever Vm has; an unsigned channel adds its own.
    static const unsigned sum_bits =
        CONFIG_T::weight_t::width + bits_of<inputs>::value + (channel_bits > 1 ? channel_bits : 0);
    typedef typename stored<ap_int<sum_bits>>::type sum_t;
    typedef typename stored<typename CONFIG_T::vm_t>::type vm_t;
    typedef typename stored<typename CONFIG_T::weight_t>::type weight_t;

    // Add what a fold of one tap contributes to the sums of all lanes.
    static void add(const inputs_t &fold, const weight_t (&weights)[CONFIG_T::words][word], unsigned tap,
                    sum_t (&sum)[CONFIG_T::pe]) {
#pragma HLS INLINE
        synapses_t::template add<rows>(fold, weights, tap * CONFIG_T::simd, sum);
    }
};

// Vm of all lanes: begin with a step's sum, or add it.
template <class vm_T, class sum_T, unsigned PE>
void accumulate(bool first, const sum_T (&sum)[PE], typename stored<vm_T>::type (&vm)[PE]) {
#pragma HLS INLINE
    for (unsigned lane = 0; lane < PE; lane++) {
#pragma HLS UNROLL
        const typename stored<vm_T>::type before = first ? typename stored<vm_T>::type(0) : vm[lane];
        vm[lane] = static_cast<typename stored<vm_T>::type>(before + sum[lane]);
    }
}

// Fire a pixel's next kernels, at the width that their Vm has, and trace it.
template <typename CONFIG_T, class sum_T, class threshold_T, class maps_T, unsigned PE>
void fire(const sum_T (&sum)[PE], const threshold_T *thresholds, maps_T &maps, unsigned pixel, unsigned first) {
#pragma HLS INLINE
    typename stored<typename CONFIG_T::vm_t>::type vm[PE];
#pragma HLS ARRAY_PARTITION variable = vm complete
    for (unsigned lane = 0; lane < PE; lane++) {
#pragma HLS UNROLL
        vm[lane] = exact<typename CONFIG_T::vm_t>(sum[lane]);
    }
    maps.fire(vm, thresholds);
    trace_membranes<CONFIG_T::layer>(pixel, first, CONFIG_T::n_kernels, vm);
}

template <class T, unsigned N> void clear(T (&values)[N]) {
#pragma HLS INLINE
    for (unsigned i = 0; i < N; i++) {
#pragma HLS UNROLL
        values[i] = 0;
    }
}

} // namespace nnet

#endif
