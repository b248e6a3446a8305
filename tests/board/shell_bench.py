"""cocotb tests of the shell's streams: run inside the simulator by test_shell.py, once for each build."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from tests.board.shell_harness import CLEAR, RESET, Harness, gaps
from tests.board.shell_model import Packet, expect


@cocotb.test()
async def one_frame_and_its_latency(dut: Any) -> None:
    bench = await Harness.start(dut)
    await bench.check([bench.packet(1)])


@cocotb.test()
@cocotb.parametrize(seed=range(6))
async def gaps_stalls_and_back_pressure(dut: Any, seed: int) -> None:
    bench = await Harness.start(dut)
    share = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
    bench.stall_core((0, 40, 128, 220, 0, 100)[seed], (0, 220, 0, 128, 40, 100)[seed], seed)
    bench.source.set_pause_generator(gaps(seed, share[seed]))
    bench.sink.set_pause_generator(gaps(seed + 100, share[5 - seed]))
    await bench.check([bench.packet(seed * 10 + i, frames) for i, frames in enumerate((1, 3, 1, 2, 5))])


@cocotb.test()
async def no_bubble_between_frames_or_packets(dut: Any) -> None:
    bench = await Harness.start(dut)
    packets = [bench.packet(i, frames) for i, frames in enumerate((4, 1, 1, 6))]
    await bench.check(packets)
    pixels = [cycle for cycle, _ in bench.watcher.beats["pixel"]]
    assert pixels == list(range(pixels[0], pixels[0] + 12 * bench.shape.beats))
    # Input buffer and unpacker: two cycles from the first word to its first pixel.
    assert pixels[0] - bench.watcher.beats["s_axis"][0][0] == 2


@cocotb.test()
async def pixels_reach_the_core_in_order(dut: Any) -> None:
    bench = await Harness.start(dut)
    bench.stall_core(100, 0)
    await bench.check([bench.packet(3, 2)])
    shape = bench.shape
    beats = [
        pixels.to_bytes(shape.channels * shape.pixels_a_beat, "little")
        for _, (pixels,) in bench.watcher.beats["pixel"]
    ]
    row = shape.row_beats
    rows = [
        b"".join(beats[at : at + row])[: shape.width * shape.channels] for at in range(0, len(beats), row)
    ]
    assert len(beats) == 2 * shape.beats and b"".join(rows) == bench.frame(3000) + bench.frame(3001)


@cocotb.test()
async def packet_ends_inside_a_frame(dut: Any) -> None:
    """On every word of a frame, the first and the last but one included; right frames before and behind it."""
    bench = await Harness.start(dut)
    size, words = bench.shape.word_bytes, bench.shape.frame_words
    packets = []
    for length in range(1, words):
        cut = Packet(bench.packet(length, 2).data[: (words * (length % 2) + length) * size])
        packets += [cut, bench.packet(100 + length)]
    expected = await bench.check(packets)
    assert (expected.errors, expected.bad) == (1, words - 1)
    await bench.write("ERRORS", 2)
    assert await bench.read("ERRORS") == 1
    await bench.write("ERRORS", 1)
    assert await bench.read("ERRORS") == 0


@cocotb.test()
async def packet_ends_early_under_stalls(dut: Any) -> None:
    bench = await Harness.start(dut)
    bench.stall_core(150, 150, 9)
    bench.source.set_pause_generator(gaps(5, 0.3))
    bench.sink.set_pause_generator(gaps(6, 0.5))
    size = bench.shape.word_bytes
    packets = []
    for length in (1, 2, bench.shape.frame_words - 1):
        packets += [Packet(bench.packet(length).data[: length * size]), bench.packet(50 + length, 2)]
    await bench.check(packets)


@cocotb.test()
async def packet_too_long_by_a_word(dut: Any) -> None:
    """The word too much begins a frame, which ends with the packet: two results, the first one right."""
    bench = await Harness.start(dut)
    whole = bench.packet(1)
    long = Packet(whole.data + bytes(range(bench.shape.word_bytes)))
    expected = await bench.check([long, bench.packet(2)])
    assert [len(words) for words in expected.packets] == [
        2 * bench.shape.result_words,
        bench.shape.result_words,
    ]
    assert (expected.errors, expected.bad) == (1, 1)


@cocotb.test()
async def tkeep_lacks_a_needed_byte(dut: Any) -> None:
    """Each byte of a frame in turn; the last packet lacks padding alone, which nobody needs."""
    bench = await Harness.start(dut)
    packets = []
    for byte in range(bench.shape.frame_bytes):
        packet = bench.packet(byte, 1 + byte % 2)
        packet.keep[byte] = 0
        packets.append(packet)
    packets += [Packet(bench.frame(7)), bench.packet(8)]
    expected = await bench.check(packets)
    assert (expected.errors, expected.bad) == (2, bench.shape.frame_bytes)


@cocotb.test()
async def both_errors_in_one_frame(dut: Any) -> None:
    bench = await Harness.start(dut)
    size = bench.shape.word_bytes
    packet = Packet(bench.packet(1).data[: 2 * size - 1])
    packet.keep[1] = 0
    expected = await bench.check([packet, bench.packet(2)])
    assert (expected.errors, expected.bad) == (3, 1)


@cocotb.test()
async def frames_in_flight_are_bounded(dut: Any) -> None:
    """With the output blocked, 16 frames come in, and none is lost when it opens."""
    bench = await Harness.start(dut)
    bench.sink.pause = True
    packets = [bench.packet(i, 1 + i % 3) for i in range(12)]
    bench.send(packets)
    await ClockCycles(dut.aclk, 30 * max(bench.shape.pixels, bench.shape.frame_words))
    assert await bench.read("FRAMES_IN") == 16
    assert await bench.read("FRAMES_OUT") == 0
    assert await bench.read("STATUS") == 1
    bench.sink.pause = False
    await bench.check(packets, sent=True)


@cocotb.test()
async def core_answers_before_the_last_word(dut: Any) -> None:
    """Its result waits until the frame is known to be whole."""
    bench = await Harness.start(dut, early=True)
    words = bench.shape.frame_words
    last = bench.packet(1)
    last.keep[bench.shape.frame_bytes - 1] = 0
    packets = [last, bench.packet(2)]
    bench.send(packets)
    while len(bench.watcher.beats["s_axis"]) < words - 1:
        await RisingEdge(dut.aclk)
    bench.source.pause = True
    await ClockCycles(dut.aclk, 3 * bench.shape.pixels)
    assert dut.result_valid.value and bench.watcher.beats["m_axis"] == []
    bench.source.pause = False
    expected = await bench.check(packets, sent=True)
    assert expected.bad == 1


@cocotb.test()
@cocotb.parametrize(words=[1, 3, None])
async def soft_reset_inside_a_frame(dut: Any, words: int | None) -> None:
    """After a few words, or (None) with results on offer: nothing of before is delivered, the next frame is right."""
    bench = await Harness.start(dut)
    if words is None:
        bench.sink.pause = True
        bench.send([bench.packet(1, 4)])
        await ClockCycles(dut.aclk, 6 * bench.shape.pixels)
        assert dut.m_axis_tvalid.value
    else:
        dut.s_axis_tvalid.value = 0
        for word in range(words):
            dut.s_axis_tdata.value = word + 1
            dut.s_axis_tkeep.value = (1 << bench.shape.word_bytes) - 1
            dut.s_axis_tlast.value = 0
            dut.s_axis_tvalid.value = 1
            await RisingEdge(dut.aclk)
        dut.s_axis_tvalid.value = 0
        await ClockCycles(dut.aclk, 2)
        assert len(bench.watcher.beats["s_axis"]) == words
    frames = await bench.read("FRAMES_IN")
    assert frames == (4 if words is None else 0)
    assert await bench.read("STATUS") == 1
    await bench.write("CONTROL", RESET)
    assert await bench.read("CONTROL") == 1
    assert dut.s_axis_tready.value == 0
    await bench.out_of_reset()
    assert await bench.read("CONTROL") == 0
    assert await bench.read("STATUS") == 0
    assert await bench.read("FRAMES_IN") == frames
    await bench.write("CONTROL", CLEAR)
    bench.sink.pause = False
    await bench.quiet(40)
    for beats in bench.watcher.beats.values():
        beats.clear()
    await bench.check([bench.packet(2), bench.packet(3, 2)])


@cocotb.test()
async def counters_clear_while_running(dut: Any) -> None:
    bench = await Harness.start(dut)
    size = bench.shape.word_bytes
    bench.send([Packet(bench.packet(1).data[:size])])
    await bench.receive(1)
    counters = ("FRAMES_IN", "FRAMES_OUT", "BAD_FRAMES")
    assert [await bench.read(name) for name in counters] == [1, 1, 1]
    assert await bench.read("LATENCY") > 0
    await bench.write("CONTROL", CLEAR)
    assert [await bench.read(name) for name in (*counters, "LATENCY", "BUSY_CYCLES")] == [0] * 5
    assert await bench.read("ERRORS") == 1
    packets = [bench.packet(i) for i in range(2, 5)]
    bench.send(packets)
    assert await bench.receive(3) == expect(bench.shape, packets).packets
    assert [await bench.read(name) for name in counters] == [3, 3, 0]


EVENTS = ("frame_done", "frame_out", "error_missing", "error_ended")


async def events_until_quiet(bench: Harness, words: list[tuple[int, int, int]], reset_at: int | None) -> Any:
    """Offer words (data, TKEEP, TLAST) as fast as they are taken; a soft reset begins its way in cycle `reset_at`.

    Return the cycles of each event, from the first word's offer on, and the cycle in which the reset's first was, with
    the events of that one.
    """
    dut = bench.dut
    seen: dict[str, list[int]] = {name: [] for name in EVENTS}
    resetting: tuple[int, set[str]] | None = None
    write = None
    left = list(words)
    await RisingEdge(dut.aclk)
    for cycle in range(400):
        if cycle == reset_at:
            write = cocotb.start_soon(bench.write("CONTROL", RESET))
        dut.s_axis_tvalid.value = int(bool(left))
        if left:
            dut.s_axis_tdata.value, dut.s_axis_tkeep.value, dut.s_axis_tlast.value = left[0]
        await FallingEdge(dut.aclk)
        now = {name for name in EVENTS if getattr(dut, name).value}
        for name in now:
            seen[name].append(cycle)
        if dut.rst.value and resetting is None:
            resetting = cycle, now
            left = []
        elif left and dut.s_axis_tready.value:
            left.pop(0)
        await RisingEdge(dut.aclk)
    dut.s_axis_tvalid.value = 0
    if write is not None:
        await write
    return seen, resetting


@cocotb.test()
async def what_is_taken_in_the_first_cycle_of_a_reset_counts_nowhere(dut: Any) -> None:
    """A frame's last word, a label, and either error, each in that cycle: counters and ERRORS are those of before."""
    bench = await Harness.start(dut)
    shape = bench.shape
    size, full = shape.word_bytes, (1 << shape.word_bytes) - 1
    data = [int.from_bytes(bench.packet(1).data[at : at + size], "little") for at in range(0, 4 * size, size)]
    frame = [(data[word % 4], full, int(word == shape.frame_words - 1)) for word in range(shape.frame_words)]
    words = [*frame, *frame, (1, full - 1, 0), (1, full, 1), *frame]

    async def fresh() -> None:
        for name, value in (("CONTROL", RESET | CLEAR), ("ERRORS", 3)):
            await bench.write(name, value)
        await ClockCycles(dut.aclk, 24)

    await fresh()
    _, (first, _) = await events_until_quiet(bench, [], 0)
    await fresh()
    usual, was = await events_until_quiet(bench, words, None)
    assert was is None
    for name in EVENTS:
        await fresh()
        at = usual[name][-1]
        seen, (cycle, taken) = await events_until_quiet(bench, words, at - first)
        assert cycle == at and name in taken
        before = {event: [when for when in seen[event] if when < at] for event in EVENTS}
        assert await bench.read("FRAMES_IN") == len(before["frame_done"])
        assert await bench.read("FRAMES_OUT") == len(before["frame_out"])
        assert await bench.read("ERRORS") == bool(before["error_ended"]) + 2 * bool(before["error_missing"])
