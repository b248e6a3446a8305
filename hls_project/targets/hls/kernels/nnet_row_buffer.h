#ifndef NNET_ROW_BUFFER_H_
#define NNET_ROW_BUFFER_H_

#include "nnet_integers.h"

namespace nnet {

// When pixels are read: in each step, until the rows of the first output row are there; then, while an output row is
// being computed, the rows that the next one adds, spread evenly over its steps. So pixels are asked for at the pace at
// which they are used, and an output row takes as many steps as its computation or its reading needs, whichever is
// more.
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

// The rows in use, as a ring of pixels in raster order, each of FOLDS folds of inputs; COPIES of it, so that as many
// windows are read at once. One tap is read at a time; taps in the padding are 0.
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

} // namespace nnet

#endif
