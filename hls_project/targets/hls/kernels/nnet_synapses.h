#ifndef NNET_SYNAPSES_H_
#define NNET_SYNAPSES_H_

#include "nnet_integers.h"
#include "nnet_spike_vector.h"

namespace nnet {

// The channels of one pixel, SIMD of them at a time, and what these add to the sums of LANES kernels. The word is shifted
// from fold to fold, so that every adder has its inputs in fixed places; channels beyond the last are 0.
//
// add: sum[lane] += input[i] * row[first + i][lane], over the SIMD inputs i of this fold. A word of the ROM is ROWS rows of
// LANES weights.
//
// The general case are unsigned values of BITS bits, which are multiplied.
template <unsigned BITS, bool PAIRED, unsigned CHANNELS, unsigned SIMD> class synapses {
    static_assert(!PAIRED, "only spikes come in pairs");
    static const unsigned FOLDS = (CHANNELS + SIMD - 1) / SIMD;
    ap_uint<FOLDS * SIMD * BITS> values;

  public:
    static const unsigned folds = FOLDS;

    void load(const ap_uint<CHANNELS * BITS> &pixel) {
#pragma HLS INLINE
        values = pixel;
    }
    void next() {
#pragma HLS INLINE
        if (FOLDS > 1)
            values = values >> static_cast<int>(FOLDS > 1 ? SIMD * BITS : 0);
    }
    template <unsigned ROWS, class weight_T, class sum_T, unsigned WORDS, unsigned WORD, unsigned LANES>
    void add(const weight_T (&weights)[WORDS][WORD], unsigned first, sum_T (&sum)[LANES]) const {
#pragma HLS INLINE
        for (unsigned i = 0; i < SIMD; i++) {
#pragma HLS UNROLL
            const unsigned row = first + i;
            const ap_uint<BITS> bits = values >> static_cast<int>(i * BITS);
            const typename stored<ap_int<BITS + 1>>::type value = static_cast<ap_int<BITS + 1>>(bits);
            for (unsigned lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
                sum[lane] = static_cast<sum_T>(sum[lane] + weights[row / ROWS][row % ROWS * LANES + lane] * value);
            }
        }
    }
};

// A spike gates the weight: an addition and no multiplier.
template <unsigned CHANNELS, unsigned SIMD> class synapses<1, false, CHANNELS, SIMD> {
    static const unsigned FOLDS = (CHANNELS + SIMD - 1) / SIMD;
    ap_uint<FOLDS * SIMD> spikes;

  public:
    static const unsigned folds = FOLDS;

    void load(const ap_uint<CHANNELS> &pixel) {
#pragma HLS INLINE
        spikes = pixel;
    }
    void next() {
#pragma HLS INLINE
        if (FOLDS > 1)
            spikes = spikes >> static_cast<int>(FOLDS > 1 ? SIMD : 0);
    }
    template <unsigned ROWS, class weight_T, class sum_T, unsigned WORDS, unsigned WORD, unsigned LANES>
    void add(const weight_T (&weights)[WORDS][WORD], unsigned first, sum_T (&sum)[LANES]) const {
#pragma HLS INLINE
        for (unsigned i = 0; i < SIMD; i++) {
#pragma HLS UNROLL
            const unsigned row = first + i;
            const bool spike = spikes[static_cast<int>(i)];
            for (unsigned lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
                const sum_T weight = weights[row / ROWS][row % ROWS * LANES + lane];
                sum[lane] = static_cast<sum_T>(sum[lane] + (spike ? weight : sum_T(0)));
            }
        }
    }
};

// The two spikes of a kernel with two thresholds, in block order [Vth1 x C | Vth2 x C]. The second implies the first, so
// the pair adds 0, w1 or w1 + w2: one operand of the sum in place of two. A fold takes SIMD / 2 pairs; its weights are
// those of the first spikes, then those of the second.
template <unsigned CHANNELS, unsigned SIMD> class synapses<1, true, CHANNELS, SIMD> {
    static_assert(CHANNELS % 2 == 0 && SIMD % 2 == 0, "pairs of spikes");
    static const unsigned KERNELS = CHANNELS / 2;
    static const unsigned PAIRS = SIMD / 2;
    static const unsigned FOLDS = (KERNELS + PAIRS - 1) / PAIRS;
    ap_uint<FOLDS * PAIRS> firsts, seconds;

  public:
    static const unsigned folds = FOLDS;

    void load(const ap_uint<CHANNELS> &pixel) {
#pragma HLS INLINE
        firsts = ap_uint<KERNELS>(pixel);
        seconds = ap_uint<KERNELS>(pixel >> static_cast<int>(KERNELS));
    }
    void next() {
#pragma HLS INLINE
        if (FOLDS > 1) {
            firsts = firsts >> static_cast<int>(FOLDS > 1 ? PAIRS : 0);
            seconds = seconds >> static_cast<int>(FOLDS > 1 ? PAIRS : 0);
        }
    }
    template <unsigned ROWS, class weight_T, class sum_T, unsigned WORDS, unsigned WORD, unsigned LANES>
    void add(const weight_T (&weights)[WORDS][WORD], unsigned first, sum_T (&sum)[LANES]) const {
#pragma HLS INLINE
        for (unsigned i = 0; i < PAIRS; i++) {
#pragma HLS UNROLL
            const unsigned row1 = first + i, row2 = first + PAIRS + i;
            const bool spike1 = firsts[static_cast<int>(i)], spike2 = seconds[static_cast<int>(i)];
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

} // namespace nnet

#endif
