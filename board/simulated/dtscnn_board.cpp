// The programmable logic of the simulated board, as a shared library: registers of the shell, and the two streams of an
// AXI DMA in direct mode.
//
// Nothing here is safe from two threads; the caller holds a lock.

#include "Vdtscnn_shell.h"
#include "verilated.h"

#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace {

const unsigned BUS_BYTES = BUS_BITS / 8;
const unsigned REGISTER_LIMIT = 1000; // cycles within which a register answers

enum fault_kind : uint32_t { NONE, STALL, NO_LAST, SHORT, RESET };

struct board {
    VerilatedContext context;
    std::unique_ptr<Vdtscnn_shell> top;

    explicit board(uint32_t seed) {
        const char *no_arguments[] = {"dtscnn_board"};
        context.commandArgs(1, no_arguments);
        // Registers and memories start with random values: nothing may depend on them.
        context.randReset(2);
        context.randSeed(static_cast<int>(seed & 0x7fffffff) + 1);
        top.reset(new Vdtscnn_shell(&context, "dtscnn_shell"));
        top->s_axis_tvalid = 0;
        top->s_axis_tdata = 0;
        top->s_axis_tkeep = 0;
        top->s_axis_tlast = 0;
        top->m_axis_tready = 0;
        top->s_axi_lite_awaddr = 0;
        top->s_axi_lite_awvalid = 0;
        top->s_axi_lite_wdata = 0;
        top->s_axi_lite_wvalid = 0;
        top->s_axi_lite_wstrb = 0;
        top->s_axi_lite_bready = 0;
        top->s_axi_lite_araddr = 0;
        top->s_axi_lite_arvalid = 0;
        top->s_axi_lite_rready = 0;
        reset();
    }

    void low() {
        top->aclk = 0;
        top->eval();
    }
    void high() {
        top->aclk = 1;
        top->eval();
    }

    void reset() {
        top->aresetn = 0;
        top->s_axis_tvalid = 0;
        for (int i = 0; i < 16; i++)
            low(), high();
        top->aresetn = 1;
        for (int i = 0; i < 32; i++)
            low(), high();
    }
};

} // namespace

extern "C" {

// What the DMA is about, shared with the caller. A pointer is null while its channel has nothing to do.
struct dtscnn_transfer {
    const uint8_t *source;
    uint64_t source_bytes, sent;
    uint8_t *target;
    uint64_t target_bytes, received;
    uint32_t source_done, target_done, overflow;
    uint32_t fault;      // fault_kind
    uint64_t fault_word; // of the stream in (STALL, RESET) or out (SHORT)
};

// The core reads its memories from files of the working directory, once: `folder` is that for as long. Null: no such
// folder.
void *dtscnn_open(const char *folder, uint32_t seed) {
    const int before = open(".", O_RDONLY | O_DIRECTORY);
    if (before < 0)
        return nullptr;
    void *opened = chdir(folder) == 0 ? new board(seed) : nullptr;
    if (fchdir(before) != 0 && opened) {
        delete static_cast<board *>(opened);
        opened = nullptr;
    }
    close(before);
    return opened;
}

void dtscnn_close(void *handle) { delete static_cast<board *>(handle); }

void dtscnn_reset(void *handle) { static_cast<board *>(handle)->reset(); }

// Withdraw what the DMA's stream offers: the DMA was reset.
void dtscnn_withdraw(void *handle) {
    auto &top = *static_cast<board *>(handle)->top;
    top.s_axis_tvalid = 0;
    top.m_axis_tready = 0;
}

// Both return 0, or 1 if the shell does not answer.
int dtscnn_read(void *handle, uint32_t address, uint32_t *value) {
    board &b = *static_cast<board *>(handle);
    auto &top = *b.top;
    top.m_axis_tready = 0;
    top.s_axi_lite_araddr = address;
    top.s_axi_lite_arvalid = 1;
    top.s_axi_lite_rready = 1;
    int status = 1;
    for (unsigned i = 0; status && i < REGISTER_LIMIT; i++) {
        b.low();
        const bool asked = top.s_axi_lite_arvalid && top.s_axi_lite_arready;
        if (top.s_axi_lite_rvalid) {
            *value = top.s_axi_lite_rdata;
            status = 0;
        }
        b.high();
        if (asked)
            top.s_axi_lite_arvalid = 0;
    }
    top.s_axi_lite_arvalid = 0;
    top.s_axi_lite_rready = 0;
    return status;
}

int dtscnn_write(void *handle, uint32_t address, uint32_t value) {
    board &b = *static_cast<board *>(handle);
    auto &top = *b.top;
    top.m_axis_tready = 0;
    top.s_axi_lite_awaddr = address;
    top.s_axi_lite_wdata = value;
    top.s_axi_lite_wstrb = 15;
    top.s_axi_lite_awvalid = 1;
    top.s_axi_lite_wvalid = 1;
    top.s_axi_lite_bready = 1;
    int status = 1;
    for (unsigned i = 0; status && i < REGISTER_LIMIT; i++) {
        b.low();
        const bool addressed = top.s_axi_lite_awvalid && top.s_axi_lite_awready;
        const bool written = top.s_axi_lite_wvalid && top.s_axi_lite_wready;
        if (top.s_axi_lite_bvalid)
            status = 0;
        b.high();
        if (addressed)
            top.s_axi_lite_awvalid = 0;
        if (written)
            top.s_axi_lite_wvalid = 0;
    }
    top.s_axi_lite_awvalid = 0;
    top.s_axi_lite_wvalid = 0;
    top.s_axi_lite_bready = 0;
    return status;
}

// Let at most `cycles` clock cycles go by, until a channel is done or fails; return how many went by.
uint64_t dtscnn_run(void *handle, dtscnn_transfer *t, uint64_t cycles) {
    board &b = *static_cast<board *>(handle);
    auto &top = *b.top;
    uint64_t cycle = 0;
    while (cycle < cycles) {
        const uint64_t word = t->sent / BUS_BYTES;
        bool offers = t->source && !t->source_done;
        if (offers && t->fault == RESET && word == t->fault_word) {
            t->fault = NONE;
            b.reset();
        }
        if (offers && t->fault == STALL && word >= t->fault_word)
            offers = false;
        if (offers) {
            const uint64_t left = t->source_bytes - t->sent, bytes = left < BUS_BYTES ? left : BUS_BYTES;
            uint64_t data = 0;
            std::memcpy(&data, t->source + t->sent, bytes);
            top.s_axis_tdata = data;
            top.s_axis_tkeep = (1u << bytes) - 1;
            top.s_axis_tlast = left <= BUS_BYTES;
        }
        top.s_axis_tvalid = offers;
        top.m_axis_tready = t->target && !t->target_done;
        b.low();
        const bool in = offers && top.s_axis_tready, out = top.m_axis_tvalid && top.m_axis_tready;
        const uint64_t data = top.m_axis_tdata;
        const unsigned keep = top.m_axis_tkeep;
        bool last = top.m_axis_tlast;
        b.high();
        cycle++;
        if (in) {
            t->sent += BUS_BYTES;
            if (t->sent >= t->source_bytes) {
                t->sent = t->source_bytes;
                t->source_done = 1;
                top.s_axis_tvalid = 0;
            }
        }
        if (out) {
            unsigned bytes = 0;
            while (bytes < BUS_BYTES && (keep >> bytes & 1))
                bytes++;
            if (t->received + bytes > t->target_bytes) {
                t->overflow = t->target_done = 1;
            } else {
                std::memcpy(t->target + t->received, &data, bytes);
                t->received += bytes;
                if (t->fault == NO_LAST)
                    last = false;
                if (t->fault == SHORT && t->received / BUS_BYTES >= t->fault_word)
                    last = true;
                if (last)
                    t->target_done = 1;
            }
        }
        if ((in && t->source_done) || (out && t->target_done))
            break;
    }
    top.s_axis_tvalid = 0;
    top.m_axis_tready = 0;
    return cycle;
}
}
