#ifndef NNET_ROM_H_
#define NNET_ROM_H_

#include <cstddef>

namespace nnet {

// Constants of a layer in C-simulation. Synthesis sees a plain array with the same values; a g++ that had to construct
// thousands of ap_int in an initializer list would take minutes.
template <class T, size_t N> class rom {
    T words[N];

  public:
    template <class value_T> explicit rom(const value_T (&values)[N]) {
        for (size_t i = 0; i < N; i++)
            words[i] = values[i];
    }
    operator T *() { return words; }
};

} // namespace nnet

#endif
