// Convolutions of 3 x 3 with a padding of 1 by Winograd's algorithm F(2x2, 3x3), as Lavin and Gray 2016 (arXiv
// 1509.09308) have it: 16 multiplications for the four outputs of a tile where the sum of products takes 36.
//
// Maps are NHWC, of channels in multiples of 8; weights (kernels, channels, 3, 3). Spikes and weights of a few bits
// with scales that are powers of two are exact here: the transforms add, subtract and halve, and no sum has more bits
// than float32 holds.
#include <algorithm>
#include <vector>

#include "lanes.h"

namespace {

constexpr int POINTS = 16; // of a transformed tile
constexpr int TILES = 32;  // at once: their transforms stay in the cache
constexpr int ROWS = 4;    // accumulators in registers: rows x (PANEL / LANES)
constexpr int PANEL = 24;

struct Maps {
    int images, height, width;
    int across() const { return (width + 1) / 2; }
    int down() const { return (height + 1) / 2; }
};

struct Tile {
    int image, y, x;
    Tile(const Maps &maps, long index)
        : image(int(index / (maps.across() * maps.down()))), y(int(index / maps.across() % maps.down()) * 2),
          x(int(index % maps.across()) * 2) {}
};

// Where the pixels of a map around a tile lie; those outside it are `nothing`.
template <int side> struct Window {
    const float *at[side][side];
    Window(const float *maps, const Maps &shape, const Tile &tile, int before, int channels, const float *nothing) {
        for (int i = 0; i < side; i++)
            for (int j = 0; j < side; j++) {
                const int y = tile.y - before + i, x = tile.x - before + j;
                const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
                at[i][j] =
                    inside ? maps + ((long(tile.image) * shape.height + y) * shape.width + x) * channels : nothing;
            }
    }
};

// Floats from a point's values to the next one's; a line more than they are, or all would share the same few lines of
// the cache.
long stride_of(int tiles, int width) { return long(tiles) * width + 16; }

int panels(int kernels) { return (kernels + PANEL - 1) / PANEL; }

// B^T d B of one tile.
void transform_input(const Window<4> &from, int channels, float *out, long stride) {
    for (int c = 0; c < channels; c += LANES) {
        Lanes t[4][4];
        for (int j = 0; j < 4; j++) {
            const Lanes d0 = load(from.at[0][j] + c), d1 = load(from.at[1][j] + c);
            const Lanes d2 = load(from.at[2][j] + c), d3 = load(from.at[3][j] + c);
            t[0][j] = d0 - d2;
            t[1][j] = d1 + d2;
            t[2][j] = d2 - d1;
            t[3][j] = d1 - d3;
        }
        for (int i = 0; i < 4; i++) {
            store(out + (4 * i + 0) * stride + c, t[i][0] - t[i][2]);
            store(out + (4 * i + 1) * stride + c, t[i][1] + t[i][2]);
            store(out + (4 * i + 2) * stride + c, t[i][2] - t[i][1]);
            store(out + (4 * i + 3) * stride + c, t[i][1] - t[i][3]);
        }
    }
}

// A g A^T of one tile of the output's gradient, (2 x 2) to (4 x 4).
void transform_gradient(const Window<2> &from, int kernels, float *out, long stride) {
    for (int k = 0; k < kernels; k += LANES) {
        Lanes t[4][2];
        for (int j = 0; j < 2; j++) {
            const Lanes g0 = load(from.at[0][j] + k), g1 = load(from.at[1][j] + k);
            t[0][j] = g0;
            t[1][j] = g0 + g1;
            t[2][j] = g0 - g1;
            t[3][j] = -g1;
        }
        for (int i = 0; i < 4; i++) {
            store(out + (4 * i + 0) * stride + k, t[i][0]);
            store(out + (4 * i + 1) * stride + k, t[i][0] + t[i][1]);
            store(out + (4 * i + 2) * stride + k, t[i][0] - t[i][1]);
            store(out + (4 * i + 3) * stride + k, -t[i][1]);
        }
    }
}

// A^T m A of one tile, (4 x 4) to (2 x 2); what lies outside the map is left out.
void transform_output(const float *in, long stride, const Maps &shape, const Tile &tile, int kernels, float *maps) {
    float *to = maps + ((long(tile.image) * shape.height + tile.y) * shape.width + tile.x) * kernels;
    const long line = long(shape.width) * kernels;
    const bool right = tile.x + 1 < shape.width, below = tile.y + 1 < shape.height;
    for (int k = 0; k < kernels; k += LANES) {
        Lanes s[2][4];
        for (int j = 0; j < 4; j++) {
            const Lanes m0 = load(in + j * stride + k), m1 = load(in + (4 + j) * stride + k);
            const Lanes m2 = load(in + (8 + j) * stride + k), m3 = load(in + (12 + j) * stride + k);
            s[0][j] = m0 + m1 + m2;
            s[1][j] = m1 - m2 - m3;
        }
        store(to + k, s[0][0] + s[0][1] + s[0][2]);
        if (right)
            store(to + kernels + k, s[0][1] - s[0][2] - s[0][3]);
        if (below)
            store(to + line + k, s[1][0] + s[1][1] + s[1][2]);
        if (right && below)
            store(to + line + kernels + k, s[1][1] - s[1][2] - s[1][3]);
    }
}

// Keep the compiler from reading these from memory once for each row: two reads a cycle are fewer than the products
// need.
inline void in_registers(Lanes &a, Lanes &b, Lanes &c) {
#ifdef __AVX__
    asm("" : "+x"(a), "+x"(b), "+x"(c));
#else
    (void)a, (void)b, (void)c;
#endif
}

// out[row][0..PANEL) = sum over `depth` of left(row, d) * right[d][0..PANEL), added to what is there where `add`.
template <bool add>
void multiply(const float *left, long row_stride, long depth_stride, const float *right, long right_stride, int depth,
              float *out, long out_stride) {
    Lanes sum[ROWS][PANEL / LANES] = {};
    if (add)
        for (int r = 0; r < ROWS; r++)
            for (int v = 0; v < PANEL / LANES; v++)
                sum[r][v] = load(out + r * out_stride + v * LANES);
    for (int d = 0; d < depth; d++) {
        Lanes b0 = load(right), b1 = load(right + LANES), b2 = load(right + 2 * LANES);
        in_registers(b0, b1, b2);
        for (int r = 0; r < ROWS; r++) {
            const float a = left[r * row_stride];
            sum[r][0] += a * b0;
            sum[r][1] += a * b1;
            sum[r][2] += a * b2;
        }
        left += depth_stride;
        right += right_stride;
    }
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < PANEL / LANES; v++)
            store(out + r * out_stride + v * LANES, sum[r][v]);
}

} // namespace

extern "C" {

// Floats of transformed weights: [point][panel][channel][PANEL].
long winograd_floats(int channels, int kernels) { return long(POINTS) * panels(kernels) * PANEL * channels; }

long winograd_tiles(int images, int height, int width) {
    const Maps shape{images, height, width};
    return long(images) * shape.across() * shape.down();
}

// G g G^T of all weights. `backward`: for the gradient of the input, whose convolution has kernels and channels
// exchanged and turned.
void winograd_weights(const float *weights, int kernels, int channels, int backward, float *out) {
    const int outputs = backward ? channels : kernels, inputs = backward ? kernels : channels;
    std::fill(out, out + winograd_floats(inputs, outputs), 0.0f);
    for (int k = 0; k < kernels; k++)
        for (int c = 0; c < channels; c++) {
            const float *given = weights + (long(k) * channels + c) * 9;
            float g[3][3], t[4][3], u[4][4];
            for (int i = 0; i < 9; i++)
                g[i / 3][i % 3] = given[backward ? 8 - i : i];
            for (int j = 0; j < 3; j++) {
                t[0][j] = g[0][j];
                t[1][j] = 0.5f * (g[0][j] + g[1][j] + g[2][j]);
                t[2][j] = 0.5f * (g[0][j] - g[1][j] + g[2][j]);
                t[3][j] = g[2][j];
            }
            for (int i = 0; i < 4; i++) {
                u[i][0] = t[i][0];
                u[i][1] = 0.5f * (t[i][0] + t[i][1] + t[i][2]);
                u[i][2] = 0.5f * (t[i][0] - t[i][1] + t[i][2]);
                u[i][3] = t[i][2];
            }
            const int o = backward ? c : k, in = backward ? k : c;
            for (int p = 0; p < POINTS; p++)
                out[((long(p) * panels(outputs) + o / PANEL) * inputs + in) * PANEL + o % PANEL] = u[p / 4][p % 4];
        }
}

// Outputs of the tiles from `first` to `last`. transformed: by `winograd_weights`.
void winograd_forward(const float *maps, int images, int height, int width, int channels, const float *transformed,
                      int kernels, long first, long last, float *out) {
    const Maps shape{images, height, width};
    const int wide = panels(kernels) * PANEL;
    const long in_stride = stride_of(TILES, channels), product_stride = stride_of(TILES, wide);
    std::vector<float> in(POINTS * in_stride), products(POINTS * product_stride), nothing(channels);
    for (long begin = first; begin < last; begin += TILES) {
        const int count = int(std::min<long>(TILES, last - begin));
        for (int t = 0; t < count; t++)
            transform_input(Window<4>(maps, shape, Tile(shape, begin + t), 1, channels, nothing.data()), channels,
                            in.data() + long(t) * channels, in_stride);
        for (int p = 0; p < POINTS; p++)
            for (int panel = 0; panel < panels(kernels); panel++)
                for (int t = 0; t < count; t += ROWS)
                    multiply<false>(in.data() + p * in_stride + long(t) * channels, channels, 1,
                                    transformed + (long(p) * panels(kernels) + panel) * channels * PANEL, PANEL,
                                    channels, products.data() + p * product_stride + long(t) * wide + panel * PANEL,
                                    wide);
        for (int t = 0; t < count; t++)
            transform_output(products.data() + long(t) * wide, product_stride, shape, Tile(shape, begin + t), kernels,
                             out);
    }
}

// Add what the tiles from `first` to `last` give to the gradient of the transformed weights, [point][channel][panels *
// PANEL].
void winograd_gradient(const float *maps, const float *gradient, int images, int height, int width, int channels,
                       int kernels, long first, long last, float *sums) {
    const Maps shape{images, height, width};
    const int wide = panels(kernels) * PANEL, at_once = 2 * TILES;
    const long in_stride = stride_of(at_once, channels), out_stride = stride_of(at_once, wide);
    std::vector<float> in(POINTS * in_stride), out(POINTS * out_stride), nothing(std::max(channels, kernels));
    for (long begin = first; begin < last; begin += at_once) {
        const int count = int(std::min<long>(at_once, last - begin));
        for (int t = 0; t < count; t++) {
            const Tile tile(shape, begin + t);
            transform_input(Window<4>(maps, shape, tile, 1, channels, nothing.data()), channels,
                            in.data() + long(t) * channels, in_stride);
            transform_gradient(Window<2>(gradient, shape, tile, 0, kernels, nothing.data()), kernels,
                               out.data() + long(t) * wide, out_stride);
        }
        for (int p = 0; p < POINTS; p++)
            for (int panel = 0; panel < panels(kernels); panel++)
                for (int c = 0; c < channels; c += ROWS)
                    multiply<true>(in.data() + p * in_stride + c, 1, channels,
                                   out.data() + p * out_stride + panel * PANEL, wide, count,
                                   sums + (long(p) * channels + c) * wide + panel * PANEL, wide);
    }
}

// G^T u G: the gradient of the weights from that of the transformed ones.
void winograd_weights_gradient(const float *sums, int kernels, int channels, float *out) {
    const int wide = panels(kernels) * PANEL;
    for (int k = 0; k < kernels; k++)
        for (int c = 0; c < channels; c++) {
            float u[4][4], t[3][4];
            for (int p = 0; p < POINTS; p++)
                u[p / 4][p % 4] = sums[(long(p) * channels + c) * wide + k];
            for (int j = 0; j < 4; j++) {
                t[0][j] = u[0][j] + 0.5f * (u[1][j] + u[2][j]);
                t[1][j] = 0.5f * (u[1][j] - u[2][j]);
                t[2][j] = 0.5f * (u[1][j] + u[2][j]) + u[3][j];
            }
            float *to = out + (long(k) * channels + c) * 9;
            for (int i = 0; i < 3; i++) {
                to[3 * i + 0] = t[i][0] + 0.5f * (t[i][1] + t[i][2]);
                to[3 * i + 1] = 0.5f * (t[i][1] - t[i][2]);
                to[3 * i + 2] = 0.5f * (t[i][1] + t[i][2]) + t[i][3];
            }
        }
}

} // extern "C"
