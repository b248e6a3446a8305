"""Drives the shell in cocotb: sources and sinks from cocotbext-axi, a watcher that checks every cycle of every bus."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge, with_timeout
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

from tests.board.shell_model import Expected, Packet, Shape, core_result, expect

PERIOD = 10  # ns
REGISTERS = Path(__file__).parents[2] / "board" / "shell" / "registers.json"
ADDRESS = {entry["name"]: entry["address"] for entry in json.loads(REGISTERS.read_text())}
RESET, CLEAR = 1, 2

# Channels of the shell and of the core inside it: valid, ready, payload.
CHANNELS = {
    "s_axis": ("s_axis_tvalid", "s_axis_tready", ("s_axis_tdata", "s_axis_tkeep", "s_axis_tlast")),
    "m_axis": ("m_axis_tvalid", "m_axis_tready", ("m_axis_tdata", "m_axis_tkeep", "m_axis_tlast")),
    "aw": ("s_axi_lite_awvalid", "s_axi_lite_awready", ("s_axi_lite_awaddr",)),
    "w": ("s_axi_lite_wvalid", "s_axi_lite_wready", ("s_axi_lite_wdata", "s_axi_lite_wstrb")),
    "b": ("s_axi_lite_bvalid", "s_axi_lite_bready", ("s_axi_lite_bresp",)),
    "ar": ("s_axi_lite_arvalid", "s_axi_lite_arready", ("s_axi_lite_araddr",)),
    "r": ("s_axi_lite_rvalid", "s_axi_lite_rready", ("s_axi_lite_rdata", "s_axi_lite_rresp")),
    "pixel": ("pixel_valid", "pixel_ready", ("pixel_data",)),
    "result": ("result_valid", "result_ready", ("result_data", "result_last")),
}
STREAMS = ("s_axis", "m_axis", "pixel", "result")  # a soft reset may withdraw what is on offer there


class Watcher:
    """Samples every channel in mid-cycle, when what the next rising edge will see has settled.

    beats: of each channel, the cycle and the payload of every handshake; of a row's last beat of pixels, those that count.
    broken: the first breach of protocol.
    """

    def __init__(self, dut: Any, shape: Shape) -> None:
        self._shape = shape
        self.beats: dict[str, list[tuple[int, tuple[int, ...]]]] = {name: [] for name in CHANNELS}
        self.cycle = 0
        self.broken = ""
        self._dut = dut
        self._wires = {
            name: (getattr(dut, valid), getattr(dut, ready), [getattr(dut, wire) for wire in payload])
            for name, (valid, ready, payload) in CHANNELS.items()
        }
        self._task = cocotb.start_soon(self._run())

    async def _run(self) -> None:
        offered: dict[str, tuple[int, ...]] = {}
        while True:
            await FallingEdge(self._dut.aclk)
            self.cycle += 1
            resetting = bool(self._dut.rst.value)
            if not self._dut.aresetn.value:
                offered.clear()
                continue
            for name, (valid, ready, wires) in self._wires.items():
                before = offered.pop(name, None)
                if resetting and name in STREAMS:
                    continue
                if not valid.value:
                    if before is not None:
                        self._breach(f"{name}: valid dropped before ready")
                    continue
                payload = tuple(int(wire.value) for wire in wires)
                if name == "pixel" and (len(self.beats[name]) + 1) % self._shape.row_beats == 0:
                    payload = (payload[0] & ((1 << (8 * self._shape.last_beat_bytes)) - 1),)
                if before not in (None, payload):
                    self._breach(f"{name}: payload changed from {before} to {payload} before ready")
                if ready.value:
                    self.beats[name].append((self.cycle, payload))
                else:
                    offered[name] = payload

    def _breach(self, what: str) -> None:
        self.broken = self.broken or f"cycle {self.cycle}: {what}"


def gaps(seed: int, share: float) -> Iterator[bool]:
    """Yield True in that share of the cycles, in bursts of every length."""
    stream = random.Random(seed)
    while True:
        yield stream.random() < share


class Harness:
    """One test's shell, out of reset, with everything connected."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.shape = Shape(**json.loads(os.environ["SHELL_SHAPE"]))

    @staticmethod
    async def start(dut: Any, early: bool = False) -> Harness:
        """Reset the shell and connect to it. early: the core answers before a frame's last word."""
        self = Harness(dut)
        dut.aresetn.value = 0
        dut.core.early.value = self.shape.early_beats if early else 0
        self.early = early
        self.stall_core(0, 0)
        Clock(dut.aclk, PERIOD, "ns").start()
        reset = {"reset": dut.aresetn, "reset_active_level": False}
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.aclk, **reset)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.aclk, **reset)
        self.lite = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi_lite"), dut.aclk, **reset)
        await ClockCycles(dut.aclk, 3)
        dut.aresetn.value = 1
        await RisingEdge(dut.aclk)
        self.watcher = Watcher(dut, self.shape)
        await self.out_of_reset()
        return self

    def stall_core(self, inputs: int, outputs: int, seed: int = 1) -> None:
        """Set the chances, in 256, that the core holds a beat back."""
        self.dut.core.input_stalls.value = inputs
        self.dut.core.output_stalls.value = outputs
        self.dut.core.seed.value = seed

    async def out_of_reset(self) -> None:
        while not self.dut.s_axis_tready.value:
            await RisingEdge(self.dut.aclk)

    async def read(self, name: str) -> int:
        answer = await self.lite.read(ADDRESS[name], 4)
        assert answer.resp == 0
        return int.from_bytes(answer.data, "little")

    async def write(self, name: str, value: int) -> None:
        answer = await self.lite.write(ADDRESS[name], value.to_bytes(4, "little"))
        assert answer.resp == 0

    def frame(self, seed: int) -> bytes:
        return random.Random(seed).randbytes(self.shape.frame_bytes)

    def packet(self, seed: int, frames: int = 1) -> Packet:
        """Return a packet of whole random frames, padding included."""
        return Packet(b"".join(self.shape.pad(self.frame(seed * 1000 + i)) for i in range(frames)))

    def send(self, packets: list[Packet]) -> None:
        for packet in packets:
            self.source.send_nowait(AxiStreamFrame(packet.data, tkeep=list(packet.keep)))

    async def receive(self, count: int) -> list[list[int]]:
        """Return the result words of that many output packets; TKEEP must name whole words, in front."""
        packets = []
        for _ in range(count):
            got = await with_timeout(self.sink.recv(compact=False), 20000 * PERIOD, "ns")
            kept = sum(got.tkeep)
            assert got.tkeep == [1] * kept + [0] * (len(got.tkeep) - kept)
            assert len(got.tkeep) - kept < self.shape.word_bytes
            data = bytes(got.tdata[:kept])
            packets.append([int.from_bytes(data[i : i + 4], "little") for i in range(0, kept, 4)])
        return packets

    async def check(self, packets: list[Packet], sent: bool = False) -> Expected:
        """Send packets, compare results, counters, errors, latency and busy cycles. Only for a shell fresh from reset."""
        expected = expect(self.shape, packets, self.early)
        if not sent:
            self.send(packets)
        assert await self.receive(len(packets)) == expected.packets
        await self.quiet()
        assert await self.read("FRAMES_IN") == expected.frames
        assert await self.read("FRAMES_OUT") == expected.frames
        assert await self.read("BAD_FRAMES") == expected.bad
        assert await self.read("ERRORS") == expected.errors
        assert await self.read("STATUS") == 0
        begin, end = self.frame_times(expected)
        assert await self.read("LATENCY") == end[-1] - begin[-1]
        # A frame is in flight from the cycle after its first word to the cycle of its label.
        flight = {
            cycle for first, last in zip(begin, end, strict=True) for cycle in range(first + 1, last + 1)
        }
        assert await self.read("BUSY_CYCLES") == len(flight)
        return expected

    def frame_times(self, expected: Expected) -> tuple[list[int], list[int]]:
        """Return the cycles of every frame's first word and of its label, as the watcher saw them."""
        words = [cycle for cycle, _ in self.watcher.beats["s_axis"]]
        assert len(words) == expected.words
        labels, place = [], 0
        for cycle, (_, keep, last) in self.watcher.beats["m_axis"]:
            for _ in range(keep.bit_count() // 4):
                place += 1
                if place % self.shape.result_words == 0:
                    labels.append(cycle)
            place = 0 if last else place
        return [words[start] for start in expected.starts], labels

    async def quiet(self, cycles: int = 8) -> None:
        """Wait, then see that nothing more came and no protocol was broken."""
        await ClockCycles(self.dut.aclk, cycles)
        assert self.sink.empty()
        assert self.watcher.broken == ""

    def result(self, seed: int) -> list[int]:
        return core_result(self.shape, self.frame(seed), self.early)
