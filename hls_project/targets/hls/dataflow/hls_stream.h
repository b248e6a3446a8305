#ifndef X_HLS_STREAM_SIM_H
#define X_HLS_STREAM_SIM_H

#include "monitor.h"

#include <memory>

namespace hls {

// hls::stream between two threads, which blocks when it is empty or holds `depth` beats, as the FIFO in hardware does.
// A stream that was never bounded grows as needed and belongs to one thread: it is local to a process.
template <class T> class stream : public dataflow::fifo {
    size_t slots;
    std::unique_ptr<T[]> ring; // beat number n is in slot n % slots

    void grow() {
        std::unique_ptr<T[]> larger(new T[slots * 2]);
        for (size_t n = taken; n != written; n++)
            larger[n % (slots * 2)] = ring[n % slots];
        ring = std::move(larger);
        slots *= 2;
    }

    void push(const T &beat) {
        const size_t n = written.load(std::memory_order_relaxed);
        ring[n % slots] = beat;
        const size_t now = n + 1 - taken.load(std::memory_order_acquire);
        if (now > highest.load(std::memory_order_relaxed))
            highest.store(now, std::memory_order_relaxed);
        written.store(n + 1);
        dataflow::the_monitor().wake(reader);
    }

    T pop() {
        const size_t n = taken.load(std::memory_order_relaxed);
        T beat = ring[n % slots];
        taken.store(n + 1);
        dataflow::the_monitor().wake(writer);
        return beat;
    }

  public:
    stream() : stream(std::string("unnamed")) {}
    explicit stream(const std::string &name) : fifo(name), slots(2), ring(new T[slots]) {}
    stream(const stream &) = delete;
    stream &operator=(const stream &) = delete;

    // Before any beat is written.
    void bound(size_t beats) {
        depth = slots = beats;
        ring.reset(new T[slots]);
        dataflow::the_monitor().streams.push_back(this);
    }

    bool empty() const { return fill() == 0; }
    bool full() const { return depth != 0 && fill() == depth; }
    size_t size() const { return fill(); }

    T read() {
        // A wake-up can be late, meant for a wait that is over: look again.
        while (empty())
            dataflow::the_monitor().wait(*this, true, [this] { return !empty(); });
        return pop();
    }
    void read(T &beat) { beat = read(); }
    void write(const T &beat) {
        if (depth == 0 && fill() == slots)
            grow();
        while (full())
            dataflow::the_monitor().wait(*this, false, [this] { return !full(); });
        push(beat);
    }
    bool read_nb(T &beat) {
        if (empty())
            return false;
        beat = pop();
        return true;
    }
    bool write_nb(const T &beat) {
        if (full())
            return false;
        write(beat);
        return true;
    }
    void operator>>(T &beat) { read(beat); }
    void operator<<(const T &beat) { write(beat); }
};

} // namespace hls

#endif
