#ifndef NNET_SYNAPSES_H_
#define NNET_SYNAPSES_H_

#include "nnet_integers.h"
#include "nnet_spike_vector.h"

namespace nnet {

// What SIMD channels of one pixel, a fold of its CHANNELS, add to the sums of LANES kernels. Channels beyond the last
// are 0.
//
// split: the folds of a pixel, each with its inputs in fixed places.
// add: sum[lane] += input[i] * row[first + i][lane], over the SIMD inputs i of a fold. A word of the ROM is ROWS rows
// of LANES weights.
//
// The general case are unsigned values of BITS bits, which are multiplied.
template <unsigned BITS, bool PAIRED, unsigned CHANNELS, unsigned SIMD> struct synapses {
    static_assert(!PAIRED, "only spikes come in pairs");
    static const unsigned folds = (CHANNELS + SIMD - 1) / SIMD;
    typedef typename word<SIMD * BITS>::type inputs_t;

    static void split(const ap_uint<CHANNELS * BITS> &pixel, inputs_t (&inputs)[folds]) {
#pragma HLS INLINE
        for (unsigned fold = 0; fold < folds; fold++) {
#pragma HLS UNROLL
            inputs[fold] = ap_uint<SIMD * BITS>(pixel >> static_cast<int>(fold * SIMD * BITS));
        }
    }

    template <unsigned ROWS, class weight_T, class sum_T, unsigned WORDS, unsigned WORD, unsigned LANES>
    static void add(const inputs_t &inputs, const weight_T (&weights)[WORDS][WORD], unsigned first,
                    sum_T (&sum)[LANES]) {
#pragma HLS INLINE
        for (unsigned i = 0; i < SIMD; i++) {
#pragma HLS UNROLL
            const unsigned row = first + i;
            const ap_uint<SIMD * BITS> rest = inputs >> static_cast<int>(i * BITS);
            const ap_int<BITS + 1> positive = ap_uint<BITS>(rest);
            const typename stored<ap_int<BITS + 1>>::type value =
                static_cast<typename stored<ap_int<BITS + 1>>::type>(positive);
            for (unsigned lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
                sum[lane] = static_cast<sum_T>(sum[lane] + weights[row / ROWS][row % ROWS * LANES + lane] * value);
            }
        }
    }
};

// A spike gates the weight: an addition and no multiplier.
template <unsigned CHANNELS, unsigned SIMD> struct synapses<1, false, CHANNELS, SIMD> {
    static const unsigned folds = (CHANNELS + SIMD - 1) / SIMD;
    typedef typename word<SIMD>::type inputs_t;

    static void split(const ap_uint<CHANNELS> &pixel, inputs_t (&inputs)[folds]) {
#pragma HLS INLINE
        for (unsigned fold = 0; fold < folds; fold++) {
#pragma HLS UNROLL
            inputs[fold] = ap_uint<SIMD>(pixel >> static_cast<int>(fold * SIMD));
        }
    }

    template <unsigned ROWS, class weight_T, class sum_T, unsigned WORDS, unsigned WORD, unsigned LANES>
    static void add(const inputs_t &inputs, const weight_T (&weights)[WORDS][WORD], unsigned first,
                    sum_T (&sum)[LANES]) {
#pragma HLS INLINE
        for (unsigned i = 0; i < SIMD; i++) {
#pragma HLS UNROLL
            const unsigned row = first + i;
            const bool spike = get_bit(inputs, i);
            for (unsigned lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
                const sum_T weight = weights[row / ROWS][row % ROWS * LANES + lane];
                sum[lane] = static_cast<sum_T>(sum[lane] + (spike ? weight : sum_T(0)));
            }
        }
    }
};

// The two spikes of a kernel with two thresholds, in block order [Vth1 x C | Vth2 x C]. The second implies the first,
// so the pair adds 0, w1 or w1 + w2: one operand of the sum in place of two. A fold is SIMD / 2 pairs: its first
// spikes, then its second spikes, and their weights alike.
template <unsigned CHANNELS, unsigned SIMD> struct synapses<1, true, CHANNELS, SIMD> {
    static_assert(CHANNELS % 2 == 0 && SIMD % 2 == 0, "pairs of spikes");
    static const unsigned kernels = CHANNELS / 2;
    static const unsigned pairs = SIMD / 2;
    static const unsigned folds = (kernels + pairs - 1) / pairs;
    typedef typename word<SIMD>::type inputs_t;

    static void split(const ap_uint<CHANNELS> &pixel, inputs_t (&inputs)[folds]) {
#pragma HLS INLINE
        const ap_uint<kernels> firsts = pixel, seconds = pixel >> static_cast<int>(kernels);
        for (unsigned fold = 0; fold < folds; fold++) {
#pragma HLS UNROLL
            const ap_uint<pairs> first = firsts >> static_cast<int>(fold * pairs);
            const ap_uint<pairs> second = seconds >> static_cast<int>(fold * pairs);
            inputs[fold] = ap_uint<SIMD>((ap_uint<SIMD>(second) << static_cast<int>(pairs)) | ap_uint<SIMD>(first));
        }
    }

    template <unsigned ROWS, class weight_T, class sum_T, unsigned WORDS, unsigned WORD, unsigned LANES>
    static void add(const inputs_t &inputs, const weight_T (&weights)[WORDS][WORD], unsigned first,
                    sum_T (&sum)[LANES]) {
#pragma HLS INLINE
        for (unsigned i = 0; i < pairs; i++) {
#pragma HLS UNROLL
            const unsigned row1 = first + i, row2 = first + pairs + i;
            const bool spike1 = get_bit(inputs, i), spike2 = get_bit(inputs, pairs + i);
            for (unsigned lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
                const sum_T w1 = weights[row1 / ROWS][row1 % ROWS * LANES + lane];
                const sum_T w2 = weights[row2 / ROWS][row2 % ROWS * LANES + lane];
                const sum_T both = static_cast<sum_T>(w1 + (spike2 ? w2 : sum_T(0)));
                sum[lane] = static_cast<sum_T>(sum[lane] + (spike1 ? both : sum_T(0)));
            }
        }
    }
};

// On to the next fold of a pixel, which is used from the head; after all of them the first is there again.
template <class inputs_T, unsigned FOLDS> void rotate(inputs_T (&inputs)[FOLDS]) {
#pragma HLS INLINE
    const inputs_T head = inputs[0];
    for (unsigned fold = 0; fold + 1 < FOLDS; fold++) {
#pragma HLS UNROLL
        inputs[fold] = inputs[fold + 1];
    }
    inputs[FOLDS - 1] = head;
}

} // namespace nnet

#endif
