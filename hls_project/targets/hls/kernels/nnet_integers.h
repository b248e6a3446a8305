#ifndef NNET_INTEGERS_H_
#define NNET_INTEGERS_H_

#include "ap_int.h"

namespace nnet {

// Bits of the unsigned integers 0 .. N.
template <unsigned N> struct bits_of {
    static const unsigned value = 1 + bits_of<(N >> 1)>::value;
};
template <> struct bits_of<1> {
    static const unsigned value = 1;
};
template <> struct bits_of<0> {
    static const unsigned value = 1;
};

// A register that holds every integer 0 .. N, and one that holds every integer -N .. N.
template <unsigned N> struct counter {
    typedef ap_uint<bits_of<N>::value> type;
};
template <unsigned N> struct signed_counter {
    typedef ap_int<bits_of<N>::value + 1> type;
};

// Counts 0 .. N-1, over and over.
template <unsigned N> class cyclic_counter {
    typename counter<N - 1>::type value;

  public:
    cyclic_counter() : value(0) {
#pragma HLS INLINE
    }
    unsigned at() const { return value; }
    bool first() const { return value == 0; }
    bool last() const { return value == N - 1; }
    // True when it wraps.
    bool step() {
#pragma HLS INLINE
        const bool wraps = last();
        if (wraps)
            value = 0;
        else
            value++;
        return wraps;
    }
};

// How ROMs and lanes hold an integer type. Synthesis takes the type itself. C-simulation takes the machine's integer that
// is at least as wide, which compilers know how to vectorize; sums are equal modulo 2^width, so a result that is assigned
// to the type itself is the same bit for bit, overflow included.
#ifdef __SYNTHESIS__
template <class T> struct stored { typedef T type; };
#else
template <unsigned BYTES> struct machine_integer { typedef int type; };
template <> struct machine_integer<1> { typedef signed char type; };
template <> struct machine_integer<2> { typedef short type; };
template <class T> struct stored {
    static_assert(T::width <= 32, "lanes are at most 32 bits wide");
    typedef typename machine_integer<T::width <= 8 ? 1 : T::width <= 16 ? 2 : 4>::type type;
};
#endif

} // namespace nnet

#endif
