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

// Registers, ROMs and lanes: `stored` holds a signed integer type, `counter` 0 .. N, `signed_counter` -N .. N, and
// `word` BITS bits. Synthesis has the very widths. C-simulation has the machine's integers that are at least as wide,
// unless NNET_EXACT_WIDTHS is defined: an ap_int is many times slower and no compiler vectorizes it. Sums stay equal
// modulo 2^width, so `exact`, which cuts a stored value to its width, makes the two the same bit for bit, overflow
// included.
#if defined(__SYNTHESIS__) || defined(NNET_EXACT_WIDTHS)

template <class T> struct stored {
    typedef T type;
};
template <unsigned N> struct counter {
    typedef ap_uint<bits_of<N>::value> type;
};
template <unsigned N> struct signed_counter {
    typedef ap_int<bits_of<N>::value + 1> type;
};
template <unsigned BITS> struct word {
    typedef ap_uint<BITS> type;
};
template <class T, class value_T> T exact(const value_T &value) {
#pragma HLS INLINE
    return static_cast<T>(value);
}

#else

template <unsigned BYTES> struct machine_integer {
    typedef int type;
};
template <> struct machine_integer<1> {
    typedef signed char type;
};
template <> struct machine_integer<2> {
    typedef short type;
};
template <class T> struct stored {
    static_assert(T::width <= 32, "lanes are at most 32 bits wide");
    typedef typename machine_integer<T::width <= 8 ? 1 : T::width <= 16 ? 2 : 4>::type type;
};
template <unsigned N> struct counter {
    typedef unsigned type;
};
template <unsigned N> struct signed_counter {
    typedef int type;
};
template <unsigned BITS, bool ONE_WORD> struct machine_word {
    typedef ap_uint<BITS> type;
};
template <unsigned BITS> struct machine_word<BITS, true> {
    typedef unsigned long long type;
};
template <unsigned BITS> struct word {
    typedef typename machine_word<BITS, BITS <= 64>::type type;
};
template <class T> typename stored<T>::type exact(int value) {
    const int beyond = 32 - T::width;
    return static_cast<typename stored<T>::type>(static_cast<int>(static_cast<unsigned>(value) << beyond) >> beyond);
}

inline bool get_bit(unsigned long long word, unsigned place) { return (word >> place & 1) != 0; }
inline void set_bit(unsigned long long &word, unsigned place, bool bit) {
    word |= static_cast<unsigned long long>(bit) << place;
}

#endif

template <int BITS> bool get_bit(const ap_uint<BITS> &word, unsigned place) {
#pragma HLS INLINE
    return word[static_cast<int>(place)];
}
// Of a word whose bit is 0.
template <int BITS> void set_bit(ap_uint<BITS> &word, unsigned place, bool bit) {
#pragma HLS INLINE
    word[static_cast<int>(place)] = bit;
}

// Counts 0 .. N-1, over and over.
template <unsigned N> class cyclic_counter {
    typename counter<N - 1>::type value;

  public:
    cyclic_counter() : value(0) {
#pragma HLS INLINE
    }
    unsigned at() const { return static_cast<unsigned>(value); }
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

} // namespace nnet

#endif
