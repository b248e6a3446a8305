#ifndef NNET_FOLDED_CONV2D_H_
#define NNET_FOLDED_CONV2D_H_

#include "hls_stream.h"
#include "nnet_neurons.h"
#include "nnet_spike_pool.h"
#include "nnet_vm_trace.h"

namespace nnet {

struct folded_conv2d_config {
    static const unsigned layer = 0;
    static const unsigned in_height = 1;
    static const unsigned in_width = 1;
    static const unsigned n_chan = 1;
    static const unsigned filt_height = 1;
    static const unsigned filt_width = 1;
    static const unsigned n_kernels = 1;
    static const unsigned stride_height = 1;
    static const unsigned stride_width = 1;
    static const unsigned pad_top = 0;
    static const unsigned pad_left = 0;
    static const unsigned out_height = 1;
    static const unsigned out_width = 1;
    static const unsigned n_thresholds = 2;
    static const unsigned paired = false; // the channels are the two spike maps of a layer with two thresholds
    static const unsigned pool = 1;
    static const unsigned pe = 1;    // kernels computed at once
    static const unsigned simd = 1;  // channels of one tap added at once
    static const unsigned mmv = 1;   // output pixels of a row computed at once, by the same weights
    static const unsigned words = 1; // ROM words of a step's weights
    static const unsigned steps = 1; // of one frame: see `row_schedule`
};

// When pixels are read: in each step, until the rows of the first output row are there; then, while an output row is being
// computed, the rows that the next one adds, spread evenly over its steps. So pixels are asked for at the pace at which
// they are used, and an output row takes as many steps as its computation or its reading needs, whichever is more.
template <typename CONFIG_T, unsigned ROW_STEPS> class row_schedule {
    static const unsigned HEIGHT = CONFIG_T::in_height, WIDTH = CONFIG_T::in_width, STRIDE = CONFIG_T::stride_height;
    static const unsigned FIRST = CONFIG_T::filt_height - CONFIG_T::pad_top;
    static const unsigned READS = STRIDE * WIDTH;
    static const bool PACED = READS < ROW_STEPS;
    static const unsigned REST = PACED ? ROW_STEPS - READS : 0;

    typename counter<HEIGHT>::type complete, wanted; // rows of the input
    cyclic_counter<WIDTH> column;
    typename counter<CONFIG_T::out_height>::type begun; // rows of the output
    typename counter<ROW_STEPS>::type pace;

  public:
    row_schedule() : complete(0), wanted(FIRST < HEIGHT ? FIRST : HEIGHT), begun(0), pace(0) {
#pragma HLS INLINE
    }

    // True when a pixel is due in this step.
    bool read_due() {
#pragma HLS INLINE
        bool due = true;
        if (PACED && begun != 0) {
            due = pace >= REST;
            if (due)
                pace -= REST;
            else
                pace += READS;
        }
        return due && complete != wanted;
    }
    void count_pixel() {
#pragma HLS INLINE
        if (column.step())
            complete++;
    }

    // True when the next output row begins with the next step, as the rows that it needs are there.
    bool next_row() {
#pragma HLS INLINE
        if (complete != wanted || begun == CONFIG_T::out_height)
            return false;
        begun++;
        if (begun == CONFIG_T::out_height || wanted + STRIDE > HEIGHT)
            wanted = HEIGHT; // the last output row leaves no pixel of the frame unread
        else
            wanted += STRIDE;
        return true;
    }
};

// The rows in use, as a ring of pixels in raster order, each of FOLDS folds of inputs; COPIES of it, so that as many windows
// are read at once. One tap is read at a time; taps in the padding are 0.
template <class inputs_T, unsigned FOLDS, unsigned COPIES, typename CONFIG_T> class row_buffer {
    static const unsigned WIDTH = CONFIG_T::in_width, STEP = CONFIG_T::stride_width;
    static const unsigned ROWS = CONFIG_T::filt_height + CONFIG_T::stride_height;
    static const unsigned PIXELS = ROWS * WIDTH;
    static const unsigned FARTHEST = (CONFIG_T::out_width + COPIES) * STEP + CONFIG_T::filt_width;
    static const unsigned LOWEST = CONFIG_T::out_height * CONFIG_T::stride_height + CONFIG_T::filt_height;

    typedef typename counter<PIXELS>::type address_t;
    typedef typename signed_counter<FARTHEST>::type column_t;
    typedef typename signed_counter<LOWEST>::type row_t;

    inputs_T pixels[COPIES][PIXELS][FOLDS];
    address_t newest;
    // The tap that is read: its row, that row's address, its column in the first window; and where the windows begin.
    row_t row, top;
    address_t row_at, top_at;
    column_t column, left;
    cyclic_counter<CONFIG_T::filt_height> tap_row;
    cyclic_counter<CONFIG_T::filt_width> tap_column;

    static address_t after(address_t at, unsigned distance) {
#pragma HLS INLINE
        return at >= PIXELS - distance ? static_cast<address_t>(at - (PIXELS - distance))
                                       : static_cast<address_t>(at + distance);
    }

  public:
    row_buffer()
        : newest(0), row(-static_cast<int>(CONFIG_T::pad_top)), top(row),
          row_at((ROWS - CONFIG_T::pad_top) % ROWS * WIDTH), top_at(row_at),
          column(-static_cast<int>(CONFIG_T::pad_left)), left(column) {
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable = pixels complete dim = 1
#pragma HLS ARRAY_RESHAPE variable = pixels complete dim = 3
    }

    // A row is read only after all of it was written, and the rows of a step's windows are never the row being written.
    void write(const inputs_T (&pixel)[FOLDS]) {
#pragma HLS INLINE
        for (unsigned copy = 0; copy < COPIES; copy++) {
#pragma HLS UNROLL
            for (unsigned fold = 0; fold < FOLDS; fold++) {
#pragma HLS UNROLL
                pixels[copy][newest][fold] = pixel[fold];
            }
        }
        newest = after(newest, 1);
    }

    // The current tap of window `copy`.
    void read(unsigned copy, inputs_T (&tap)[FOLDS]) const {
#pragma HLS INLINE
        const column_t at = column + static_cast<int>(copy * STEP);
        const bool inside =
            row >= 0 && row < static_cast<int>(CONFIG_T::in_height) && at >= 0 && at < static_cast<int>(WIDTH);
        const address_t address = row_at + static_cast<unsigned>(inside ? at : column_t(0));
        for (unsigned fold = 0; fold < FOLDS; fold++) {
#pragma HLS UNROLL
            tap[fold] = inside ? pixels[copy][address][fold] : inputs_T(0);
        }
    }

    // To the next tap, from the last to the first.
    void next_tap() {
#pragma HLS INLINE
        if (!tap_column.step()) {
            column++;
        } else {
            column = left;
            if (!tap_row.step()) {
                row++;
                row_at = after(row_at, WIDTH);
            } else {
                row = top;
                row_at = top_at;
            }
        }
    }

    // After the last tap: on to the next windows of the row, or to those of the next row.
    void next_windows() {
#pragma HLS INLINE
        left += static_cast<int>(COPIES * STEP);
        column = left;
    }
    void next_row() {
#pragma HLS INLINE
        left = -static_cast<int>(CONFIG_T::pad_left);
        column = left;
        top += static_cast<int>(CONFIG_T::stride_height);
        row = top;
        top_at = after(top_at, CONFIG_T::stride_height * WIDTH);
        row_at = top_at;
    }
};

// Convolution, firing and OR-pooling, folded: a step adds `simd` channels of one tap to the Vm of `pe` kernels at `mmv`
// pixels. Vm lives in registers while its pixel is computed and is never stored as a map. weights are laid out
// [fold][word][input][lane], fold = (kernel fold, tap row, tap column, channel fold); thresholds
// [kernel fold][threshold][lane]. What pads the last fold is 0.
template <class data_T, class res_T, typename CONFIG_T>
void folded_conv2d(
    hls::stream<data_T> &data, hls::stream<res_T> &res,
    const typename neurons<data_T, CONFIG_T, 1>::weight_t weights[][CONFIG_T::words][neurons<data_T, CONFIG_T, 1>::word],
    const typename stored<typename CONFIG_T::threshold_t>::type thresholds[][CONFIG_T::n_thresholds * CONFIG_T::pe]) {
    static_assert(data_T::size == CONFIG_T::n_chan, "one beat carries all channels of a pixel");
    static_assert(res_T::size == CONFIG_T::n_thresholds * CONFIG_T::n_kernels,
                  "one spike map for each threshold and kernel");
    typedef neurons<data_T, CONFIG_T, 1> layer;
    typedef spike_maps<CONFIG_T::n_thresholds, CONFIG_T::n_kernels, CONFIG_T::pe> maps_t;
    typedef ap_uint<res_T::size> spikes_t;

    const unsigned mmv = CONFIG_T::mmv;
    const unsigned window_folds = CONFIG_T::filt_height * CONFIG_T::filt_width * layer::channel_folds;
    const unsigned folds = layer::kernel_folds * window_folds;
    // The windows computed together leave one pixel a step.
    const unsigned group_steps = folds > mmv ? folds : mmv;
    const unsigned groups = (CONFIG_T::out_width + mmv - 1) / mmv;
    const unsigned last_group = CONFIG_T::out_width - (groups - 1) * mmv;

#pragma HLS ARRAY_PARTITION variable = weights complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = weights complete dim = 3
#pragma HLS ARRAY_PARTITION variable = thresholds complete dim = 2

    row_schedule<CONFIG_T, groups * group_steps> schedule;
    row_buffer<typename layer::inputs_t, layer::channel_folds, mmv, CONFIG_T> buffer;
    or_pool<CONFIG_T::out_width, CONFIG_T::pool, spikes_t> pool;

    typename layer::inputs_t inputs[mmv][layer::channel_folds];
    typename layer::vm_t vm[mmv][CONFIG_T::pe];
    maps_t maps[mmv];
    spikes_t fired[mmv];
#pragma HLS ARRAY_PARTITION variable = inputs complete dim = 0
#pragma HLS ARRAY_PARTITION variable = vm complete dim = 0
#pragma HLS ARRAY_PARTITION variable = maps complete
#pragma HLS ARRAY_PARTITION variable = fired complete

    bool computing = false;
    cyclic_counter<group_steps> fold;
    cyclic_counter<window_folds> window_fold;
    cyclic_counter<layer::channel_folds> channel_fold;
    cyclic_counter<layer::kernel_folds> kernel_fold;
    cyclic_counter<groups> group;
    typename counter<mmv>::type leaving = 0;
    unsigned pixel = 0, left = 0; // for the trace

StepLoop:
    for (unsigned step = 0; step < CONFIG_T::steps; step++) {
#pragma HLS PIPELINE II = 1 style = flp
        if (schedule.read_due()) {
            typename layer::inputs_t pixel_folds[layer::channel_folds];
#pragma HLS ARRAY_PARTITION variable = pixel_folds complete
            layer::synapses_t::split(beat<data_T>::pack(data.read()), pixel_folds);
            buffer.write(pixel_folds);
            schedule.count_pixel();
        }

        if (computing) {
            if (fold.at() < folds) {
                const bool first = window_fold.first(), last = window_fold.last();
                for (unsigned m = 0; m < mmv; m++) {
#pragma HLS UNROLL
                    if (channel_fold.first())
                        buffer.read(m, inputs[m]);
                    else
                        rotate(inputs[m]);
                    typename layer::sum_t sum[CONFIG_T::pe];
#pragma HLS ARRAY_PARTITION variable = sum complete
                    clear(sum);
                    layer::add(inputs[m][0], weights[fold.at()], 0, sum);
                    accumulate<typename CONFIG_T::vm_t>(first, sum, vm[m]);
                    if (last)
                        fire<CONFIG_T>(vm[m], thresholds[kernel_fold.at()], maps[m], pixel + m,
                                       kernel_fold.at() * CONFIG_T::pe);
                }
                if (channel_fold.step())
                    buffer.next_tap();
                if (window_fold.step())
                    kernel_fold.step();
                if (fold.at() == folds - 1) {
                    for (unsigned m = 0; m < mmv; m++) {
#pragma HLS UNROLL
                        fired[m] = maps[m].spikes();
                    }
                    leaving = group.last() ? last_group : mmv;
                    pixel += static_cast<unsigned>(leaving);
                }
            }
            if (fold.step()) {
                if (group.step()) {
                    computing = false;
                    buffer.next_row();
                } else {
                    buffer.next_windows();
                }
            }
        }
        if (!computing)
            computing = schedule.next_row();

        if (leaving != 0) {
            trace_spikes<CONFIG_T::layer, res_T::size>(left++, fired[0]);
            res_T out;
            if (pool.push(fired[0], out.bits))
                res.write(out);
            for (unsigned m = 0; m + 1 < mmv; m++) {
#pragma HLS UNROLL
                fired[m] = fired[m + 1];
            }
            leaving--;
        }
    }
}

} // namespace nnet

#endif
