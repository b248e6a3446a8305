#ifndef NNET_VM_TRACE_H_
#define NNET_VM_TRACE_H_

namespace nnet {

#ifndef __SYNTHESIS__

// Where C-simulation may listen to a layer's membrane potentials and spikes. No sink, no trace.
struct vm_trace_sink {
    virtual ~vm_trace_sink() {}
    // One membrane potential before firing, and one spike before pooling; `spike` counts in block order [Vth1 x C |
    // Vth2 x C].
    virtual void membrane(unsigned layer, unsigned pixel, unsigned kernel, int vm) = 0;
    virtual void spike(unsigned layer, unsigned pixel, unsigned spike_channel, bool fired) = 0;
};

inline vm_trace_sink *&vm_trace() {
    static vm_trace_sink *sink = nullptr;
    return sink;
}

#endif

// Report the kernels [first, first + LANES) of one pixel to the sink, if there is one; of `kernels` in all, as the last
// lanes may be padding. Not synthesized.
template <unsigned LAYER, unsigned LANES, class vm_T>
void trace_membranes(unsigned pixel, unsigned first, unsigned kernels, const vm_T (&vm)[LANES]) {
#pragma HLS INLINE
#ifndef __SYNTHESIS__
    if (vm_trace() != nullptr) {
        for (unsigned lane = 0; lane < LANES && first + lane < kernels; lane++)
            vm_trace()->membrane(LAYER, pixel, first + lane, static_cast<int>(vm[lane]));
    }
#else
    (void)pixel, (void)first, (void)kernels, (void)vm;
#endif
}

template <unsigned LAYER, unsigned CHANNELS, class bits_T> void trace_spikes(unsigned pixel, const bits_T &bits) {
#pragma HLS INLINE
#ifndef __SYNTHESIS__
    if (vm_trace() != nullptr) {
        for (unsigned channel = 0; channel < CHANNELS; channel++)
            vm_trace()->spike(LAYER, pixel, channel, bits[static_cast<int>(channel)]);
    }
#else
    (void)pixel, (void)bits;
#endif
}

} // namespace nnet

#endif
