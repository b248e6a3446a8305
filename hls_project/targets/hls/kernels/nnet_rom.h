#ifndef NNET_ROM_H_
#define NNET_ROM_H_

#include "nnet_integers.h"

#ifndef __SYNTHESIS__
#include <cstddef>
#include <type_traits>

namespace nnet {

// hls4ml's code may load a layer's weights from text files for C-simulation. A ROM has its values already.
template <class T, size_t SIZE, class rom_T>
typename std::enable_if<std::is_const<rom_T>::value && std::is_array<rom_T>::value>::type
load_weights_from_txt(rom_T &, const char *) {}

} // namespace nnet
#endif

#endif
