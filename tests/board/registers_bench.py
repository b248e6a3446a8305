"""cocotb tests of the shell's AXI4-Lite registers: run inside the simulator by test_shell.py."""

from __future__ import annotations

import json
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge

from tests.board.shell_harness import ADDRESS, CLEAR, REGISTERS, Harness, gaps
from tests.board.shell_model import Packet


def fixed(bench: Harness) -> dict[str, int]:
    """Return what every register but the cycles reads after a reset."""
    shape = bench.shape
    return dict.fromkeys(ADDRESS, 0) | {
        "MAGIC": 0x4E535444,
        "VERSION": 1,
        "BUILD_ID_LOW": shape.build_id & 0xFFFFFFFF,
        "BUILD_ID_HIGH": shape.build_id >> 32,
        "FRAME_BYTES": shape.frame_bytes,
        "RESULT_WORDS": shape.result_words,
    }


async def shake(dut: Any, channel: str, **payload: int) -> None:
    """Offer a beat on one AXI4-Lite channel until it is taken."""
    for name, value in payload.items():
        getattr(dut, f"s_axi_lite_{name}").value = value
    valid, ready = (getattr(dut, f"s_axi_lite_{channel}{wire}") for wire in ("valid", "ready"))
    valid.value = 1
    await RisingEdge(dut.aclk)
    while not ready.value:
        await RisingEdge(dut.aclk)
    valid.value = 0


@cocotb.test()
async def every_register_after_reset(dut: Any) -> None:
    bench = await Harness.start(dut)
    want = fixed(bench)
    for name in ADDRESS:
        if name != "CYCLES_LOW":
            assert (name, await bench.read(name)) == (name, want[name])


@cocotb.test()
async def read_only_registers_ignore_writes(dut: Any) -> None:
    bench = await Harness.start(dut)
    want = fixed(bench)
    for entry in json.loads(REGISTERS.read_text()):
        name = entry["name"]
        if entry["access"] == "RO" and not name.startswith("CYCLES"):
            await bench.write(name, 0xFFFFFFFF)
            assert (name, await bench.read(name)) == (name, want[name])
    assert await bench.read("CONTROL") == 0
    await bench.check([bench.packet(1)])


@cocotb.test()
async def unknown_addresses_read_zero(dut: Any) -> None:
    bench = await Harness.start(dut)
    for address in (*range(0x40, 0x80, 4), 0x410, 0x800, 0xFFC):
        assert (await bench.lite.write(address, bytes([255] * 4))).resp == 0
        answer = await bench.lite.read(address, 4)
        assert (answer.resp, bytes(answer.data)) == (0, bytes(4))
    assert dut.rst.value == 0


@cocotb.test()
async def address_and_data_in_any_order(dut: Any) -> None:
    """Address first, data first, both at once; each clears one error bit. Without WSTRB nothing happens."""
    bench = await Harness.start(dut)
    size = bench.shape.word_bytes
    broken = Packet(bench.packet(1).data[:size])
    broken.keep[0] = 0
    for order in ("aw w", "w aw", "both"):
        bench.send([broken])
        await bench.receive(1)
        assert await bench.read("ERRORS") == 3
        for strobe, bits, left in ((0b1110, 3, 3), (0b0001, 1, 2), (0b1111, 2, 0)):
            bench.lite.write_if.b_channel.pause = True
            address = {"awaddr": ADDRESS["ERRORS"]}
            data = {"wdata": 0xFFFFFF00 | bits, "wstrb": strobe}
            if order == "both":
                other = cocotb.start_soon(shake(dut, "aw", **address))
                await shake(dut, "w", **data)
                await other
            else:
                for channel in order.split():
                    assert dut.s_axi_lite_bvalid.value == 0
                    await shake(dut, channel, **(address if channel == "aw" else data))
                    await ClockCycles(dut.aclk, 4)
            await ClockCycles(dut.aclk, 4)
            assert dut.s_axi_lite_bvalid.value == 1
            bench.lite.write_if.b_channel.pause = False
            assert (await bench.lite.write_if.b_channel.recv()).bresp == 0
            await ClockCycles(dut.aclk, 2)
            assert dut.s_axi_lite_bvalid.value == 0
            assert await bench.read("ERRORS") == left
    assert bench.watcher.broken == ""


@cocotb.test()
async def cycles_count_on_and_latch(dut: Any) -> None:
    bench = await Harness.start(dut)
    first = await bench.read("CYCLES_LOW")
    at = bench.watcher.beats["ar"][-1][0]
    await bench.write("CONTROL", CLEAR)
    await ClockCycles(dut.aclk, 50)
    second = await bench.read("CYCLES_LOW")
    assert second - first == bench.watcher.beats["ar"][-1][0] - at
    # The counter is set to just below a carry into its high word: the pair read must belong together.
    dut.registers.cycles.value = (7 << 32) - 2
    await RisingEdge(dut.aclk)
    await ClockCycles(dut.aclk, 1)
    assert await bench.read("CYCLES_HIGH") == 0
    low = await bench.read("CYCLES_LOW")
    assert low < 100
    assert await bench.read("CYCLES_HIGH") == 7
    dut.registers.cycles.value = (9 << 32) - 1
    await ClockCycles(dut.aclk, 2)
    assert await bench.read("CYCLES_HIGH") == 7


@cocotb.test()
@cocotb.parametrize(seed=range(2))
async def registers_under_stalls_beside_traffic(dut: Any, seed: int) -> None:
    bench = await Harness.start(dut)
    lite = bench.lite
    for place, channel in enumerate(
        (
            lite.write_if.aw_channel,
            lite.write_if.w_channel,
            lite.write_if.b_channel,
            lite.read_if.ar_channel,
            lite.read_if.r_channel,
        )
    ):
        channel.set_pause_generator(gaps(seed * 10 + place, 0.5))
    packets = [bench.packet(seed * 20 + i, 2) for i in range(6)]
    bench.send(packets)
    want = fixed(bench)
    for _ in range(4):
        for name in ("MAGIC", "BUILD_ID_LOW", "BUILD_ID_HIGH", "FRAME_BYTES", "RESULT_WORDS", "ERRORS"):
            assert (name, await bench.read(name)) == (name, want[name])
        await bench.write("ERRORS", 3)
    await bench.check(packets, sent=True)
