#ifndef DATAFLOW_MONITOR_H_
#define DATAFLOW_MONITOR_H_

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dataflow {

struct fifo;

struct process {
    std::string name;
    fifo *blocked_on = nullptr;
    bool reads = false;
    std::condition_variable wakeup;

    explicit process(const std::string &name) : name(name) {}
};

// What is known of a stream whatever its beats are. One process writes it and one reads it.
struct fifo {
    std::string name;
    size_t depth = 0; // beats it holds; 0: no bound, for a stream inside one process
    std::atomic<size_t> written{0}, taken{0};
    std::atomic<size_t> highest{0};
    std::atomic<process *> reader{nullptr}, writer{nullptr}; // while it waits; apart, as the other side may wait next

    explicit fifo(const std::string &name) : name(name) {}
    size_t fill() const { return written.load() - taken.load(); }
};

inline process *&current() {
    static thread_local process *self = nullptr;
    return self;
}

// Counts the processes that wait. When all that have not ended wait, none can ever go on: that is a deadlock, seen by
// the last one to wait. Whoever wakes a process takes it out of the count, so the count is never too high.
class monitor {
    std::mutex mutex;
    size_t live = 0, blocked = 0;

    [[noreturn]] void deadlock() {
        for (const process *p : processes)
            if (p->blocked_on)
                std::printf("blocked\t%s\t%s\t%s\n", p->name.c_str(), p->reads ? "reads" : "writes",
                            p->blocked_on->name.c_str());
        report();
        std::fflush(stdout);
        std::_Exit(DEADLOCK);
    }

  public:
    static const int DEADLOCK = 3;

    std::vector<process *> processes;
    std::vector<fifo *> streams;

    void report() const {
        for (const fifo *f : streams)
            std::printf("stream\t%s\t%zu\t%zu\t%zu\n", f->name.c_str(), f->depth, f->fill(), f->highest.load());
    }

    // Before the first process starts.
    void begin() { live = processes.size(); }

    void end() {
        std::lock_guard<std::mutex> lock(mutex);
        if (--live > 0 && blocked == live)
            deadlock();
    }

    template <class ready_T> void wait(fifo &stream, bool reads, ready_T ready) {
        // The other side is often about to act: giving it the core is cheaper than sleeping.
        for (int i = 0; i < 4; i++) {
            if (ready())
                return;
            std::this_thread::yield();
        }
        process *self = current();
        if (!self) {
            std::fprintf(stderr, "stream %s blocks outside of every process\n", stream.name.c_str());
            std::_Exit(2);
        }
        std::unique_lock<std::mutex> lock(mutex);
        // First the note, then another look; the other side moves its counter first, then looks for the note.
        std::atomic<process *> &note = reads ? stream.reader : stream.writer;
        note.store(self);
        if (ready()) {
            note.store(nullptr);
            return;
        }
        self->blocked_on = &stream;
        self->reads = reads;
        if (++blocked == live)
            deadlock();
        self->wakeup.wait(lock, [self] { return !self->blocked_on; });
    }

    void wake(std::atomic<process *> &note) {
        if (!note.load())
            return;
        std::lock_guard<std::mutex> lock(mutex);
        if (process *sleeper = note.exchange(nullptr)) {
            sleeper->blocked_on = nullptr;
            blocked--;
            sleeper->wakeup.notify_one();
        }
    }
};

inline monitor &the_monitor() {
    static monitor instance;
    return instance;
}

} // namespace dataflow

#endif
