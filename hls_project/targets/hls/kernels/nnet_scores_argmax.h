#ifndef NNET_SCORES_ARGMAX_H_
#define NNET_SCORES_ARGMAX_H_

#include "hls_stream.h"

namespace nnet {

struct scores_argmax_config {
    static const unsigned n_classes = 1;
};

// One beat of n_classes scores in; one beat of n_classes scores and the label out. The label is the first maximum.
template <class data_T, class res_T, typename CONFIG_T>
void scores_argmax(hls::stream<data_T> &data, hls::stream<res_T> &res) {
    static_assert(data_T::size == CONFIG_T::n_classes, "one score for each class");
    static_assert(res_T::size == CONFIG_T::n_classes + 1, "the scores and the label");
#pragma HLS PIPELINE II = 1 style = flp
    const data_T scores = data.read();
    res_T out;
    unsigned label = 0;
    for (unsigned c = 0; c < CONFIG_T::n_classes; c++) {
#pragma HLS UNROLL
        out[c] = scores[c];
        if (scores[c] > scores[label])
            label = c;
    }
    out[CONFIG_T::n_classes] = label;
    res.write(out);
}

} // namespace nnet

#endif
