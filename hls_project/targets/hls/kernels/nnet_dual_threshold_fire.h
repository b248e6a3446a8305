#ifndef NNET_DUAL_THRESHOLD_FIRE_H_
#define NNET_DUAL_THRESHOLD_FIRE_H_

#include "hls_stream.h"
#include "nnet_spike_vector.h"
#include "nnet_vm_trace.h"

namespace nnet {

// spike = (Vm >= Vth), a tie fires, for LANES kernels of one pixel starting at kernel `first`.
// The N_VTH spike maps of KERNELS kernels each stand in blocks: [Vth1 x KERNELS | Vth2 x KERNELS], in spikes and in
// thresholds.
template <unsigned N_VTH, unsigned KERNELS, unsigned LANES, class vm_T, class threshold_T, class spikes_T>
void fire(const vm_T (&vm)[LANES], const threshold_T *thresholds, unsigned first, spikes_T &spikes) {
#pragma HLS INLINE
    for (unsigned k = 0; k < N_VTH; k++) {
#pragma HLS UNROLL
        for (unsigned lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
            const unsigned channel = k * KERNELS + first + lane;
            spikes[static_cast<int>(channel)] = vm[lane] >= thresholds[channel];
        }
    }
}

struct dual_threshold_fire_config {
    static const unsigned layer = 0;
    static const unsigned n_pixels = 1;
    static const unsigned n_chan = 1;
    static const unsigned n_thresholds = 2;
};

// Firing alone: one beat of n_chan membrane potentials in, one beat of n_thresholds * n_chan spikes out.
template <class data_T, class res_T, typename CONFIG_T>
void dual_threshold_fire(hls::stream<data_T> &data, hls::stream<res_T> &res,
                         typename CONFIG_T::threshold_t thresholds[CONFIG_T::n_thresholds * CONFIG_T::n_chan]) {
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_chan,
                  "one spike map for each threshold and kernel");
#pragma HLS ARRAY_PARTITION variable = thresholds complete

PixelLoop:
    for (unsigned pixel = 0; pixel < CONFIG_T::n_pixels; pixel++) {
#pragma HLS PIPELINE II = 1
        const data_T in = data.read();
        typename data_T::value_type vm[CONFIG_T::n_chan];
#pragma HLS ARRAY_PARTITION variable = vm complete
        for (unsigned c = 0; c < CONFIG_T::n_chan; c++) {
#pragma HLS UNROLL
            vm[c] = in[c];
        }
        res_T out;
        out.bits = 0;
        fire<CONFIG_T::n_thresholds, CONFIG_T::n_chan>(vm, thresholds, 0, out.bits);
        trace_membranes<CONFIG_T::layer>(pixel, 0, vm);
        trace_spikes<CONFIG_T::layer, res_T::size>(pixel, out.bits);
        res.write(out);
    }
}

} // namespace nnet

#endif
