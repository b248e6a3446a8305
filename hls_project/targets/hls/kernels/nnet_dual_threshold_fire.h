#ifndef NNET_DUAL_THRESHOLD_FIRE_H_
#define NNET_DUAL_THRESHOLD_FIRE_H_

#include "hls_stream.h"
#include "nnet_integers.h"
#include "nnet_spike_vector.h"
#include "nnet_vm_trace.h"

namespace nnet {

// The spike maps of one pixel, filled by PE kernels at a time: spike = (Vm >= Vth), a tie fires. Each map shifts down
// as the next kernels fire into its top, so every bit is written at a fixed place. Kernels beyond the last are dropped.
template <unsigned N_VTH, unsigned KERNELS, unsigned PE> class spike_maps {
    static const unsigned FOLDS = (KERNELS + PE - 1) / PE;
    typedef typename word<PE>::type map_t;
    map_t maps[N_VTH][FOLDS];

  public:
    spike_maps() {
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable = maps complete dim = 0
    }

    // thresholds: [Vth1 x PE | Vth2 x PE] of these kernels.
    template <class vm_T, class threshold_T> void fire(const vm_T (&vm)[PE], const threshold_T *thresholds) {
#pragma HLS INLINE
        for (unsigned k = 0; k < N_VTH; k++) {
#pragma HLS UNROLL
            map_t fired = 0;
            for (unsigned lane = 0; lane < PE; lane++) {
#pragma HLS UNROLL
                set_bit(fired, lane, vm[lane] >= thresholds[k * PE + lane]);
            }
            for (unsigned fold = 0; fold + 1 < FOLDS; fold++) {
#pragma HLS UNROLL
                maps[k][fold] = maps[k][fold + 1];
            }
            maps[k][FOLDS - 1] = fired;
        }
    }

    // In block order: [Vth1 x KERNELS | Vth2 x KERNELS].
    ap_uint<N_VTH * KERNELS> spikes() const {
#pragma HLS INLINE
        ap_uint<N_VTH * KERNELS> all = 0;
        for (unsigned k = 0; k < N_VTH; k++) {
#pragma HLS UNROLL
            ap_uint<FOLDS * PE> map = 0;
            for (unsigned fold = 0; fold < FOLDS; fold++) {
#pragma HLS UNROLL
                map |= ap_uint<FOLDS * PE>(maps[k][fold]) << static_cast<int>(fold * PE);
            }
            all |= ap_uint<N_VTH * KERNELS>(ap_uint<KERNELS>(map)) << static_cast<int>(k * KERNELS);
        }
        return all;
    }
};

struct dual_threshold_fire_config {
    static const unsigned layer = 0;
    static const unsigned n_pixels = 1;
    static const unsigned n_chan = 1;
    static const unsigned n_thresholds = 2;
};

// Firing alone: one beat of n_chan membrane potentials in, one beat of n_thresholds * n_chan spikes out.
template <class data_T, class res_T, typename CONFIG_T>
void dual_threshold_fire(
    hls::stream<data_T> &data, hls::stream<res_T> &res,
    const typename stored<typename CONFIG_T::threshold_t>::type thresholds[CONFIG_T::n_thresholds * CONFIG_T::n_chan]) {
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_chan,
                  "one spike map for each threshold and kernel");
#pragma HLS ARRAY_PARTITION variable = thresholds complete

PixelLoop:
    for (unsigned pixel = 0; pixel < CONFIG_T::n_pixels; pixel++) {
#pragma HLS PIPELINE II = 1 style = flp
        const data_T in = data.read();
        typename data_T::value_type vm[CONFIG_T::n_chan];
#pragma HLS ARRAY_PARTITION variable = vm complete
        for (unsigned c = 0; c < CONFIG_T::n_chan; c++) {
#pragma HLS UNROLL
            vm[c] = in[c];
        }
        spike_maps<CONFIG_T::n_thresholds, CONFIG_T::n_chan, CONFIG_T::n_chan> maps;
        maps.fire(vm, thresholds);
        res_T out;
        out.bits = maps.spikes();
        trace_membranes<CONFIG_T::layer>(pixel, 0, CONFIG_T::n_chan, vm);
        trace_spikes<CONFIG_T::layer, res_T::size>(pixel, out.bits);
        res.write(out);
    }
}

} // namespace nnet

#endif
