// Firing of neurons with one or two thresholds and the arctan surrogate, maps read and written once. Maps are (pixels,
// channels).
#include <cstddef>
#include <vector>

extern "C" {

// Spikes (pixels, levels * channels), in block order, of potentials (pixels, channels). A tie fires.
void fire_forward(const float *vm, long pixels, int channels, int levels, const float *thresholds, float *spikes) {
    for (long p = 0; p < pixels; p++)
        for (int k = 0; k < levels; k++) {
            float *out = spikes + (p * levels + k) * channels;
            const float *potential = vm + p * channels, *level = thresholds + long(k) * channels;
            for (int c = 0; c < channels; c++)
                out[c] = potential[c] >= level[c] ? 1.0f : 0.0f;
        }
}

// Gradients of the potentials, and of the thresholds (levels, channels), from those of the spikes.
void fire_backward(const float *vm, const float *gradient, long pixels, int channels, int levels,
                   const float *thresholds, float width, float *to_vm, float *to_thresholds) {
    const float scale = 3.14159265358979f / width;
    std::vector<double> sums(long(levels) * channels, 0.0);
    std::vector<float> part(long(levels) * channels, 0.0f);
    constexpr long AT_ONCE = 256; // pixels whose gradients are summed in float32
    for (long begin = 0; begin < pixels; begin += AT_ONCE) {
        const long end = begin + AT_ONCE < pixels ? begin + AT_ONCE : pixels;
        for (long p = begin; p < end; p++) {
            const float *potential = vm + p * channels;
            float *to = to_vm + p * channels;
            for (int k = 0; k < levels; k++) {
                const float *given = gradient + (p * levels + k) * channels, *level = thresholds + long(k) * channels;
                float *sum = part.data() + long(k) * channels;
                for (int c = 0; c < channels; c++) {
                    const float distance = scale * (potential[c] - level[c]);
                    const float value = given[c] / (width * (distance * distance + 1.0f));
                    to[c] = k ? to[c] + value : value;
                    sum[c] += value;
                }
            }
        }
        for (std::size_t i = 0; i < sums.size(); i++)
            sums[i] += part[i], part[i] = 0.0f;
    }
    for (std::size_t i = 0; i < sums.size(); i++)
        to_thresholds[i] = float(-sums[i]);
}

} // extern "C"
