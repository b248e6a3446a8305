"""Hardware that answers at once: scores are sums of pixels, so that every image has its own."""

from __future__ import annotations

import ctypes
import json
from pathlib import Path

import numpy as np
from pynq.pl_server.device import Device

from board.manifest import Manifest
from board.overlay import DMA_NAME
from board.registers import MAGIC, REGISTERS, VERSION
from board.simulated.device import DMA_ADDRESS, SHELL_ADDRESS, SPAN, SimulatedBoard, block_design, parsed
from board.simulated.hardware import Fault, Transfer
from board.simulated.memory import ContiguousMemory

BUILD_ID = 0x0123456789ABCDEF


def scores(images: np.ndarray, classes: int) -> np.ndarray:
    """Return int32 scores (N, classes): sums of every `classes`-th pixel, less what makes half of them negative."""
    flat = images.reshape(len(images), int(np.prod(images.shape[1:]))).astype(np.int32)
    return np.stack([flat[:, index::classes].sum(axis=1) for index in range(classes)], axis=1) - 10_000


class InstantHardware:
    """Takes the place of `board.simulated.hardware.Hardware`. resets: how often CONTROL asked for one."""

    def __init__(self, manifest: Manifest):
        self._manifest = manifest
        self._classes = len(manifest.classes)
        self.resets = 0
        self.registers = dict.fromkeys(REGISTERS.values(), 0)
        self._set(
            MAGIC=MAGIC,
            VERSION=VERSION,
            BUILD_ID_LOW=manifest.build_id & 0xFFFFFFFF,
            BUILD_ID_HIGH=manifest.build_id >> 32,
            FRAME_BYTES=manifest.frame_bytes,
            RESULT_WORDS=manifest.result_words,
            LATENCY=1000,
        )
        self.closed = False

    def _set(self, **values: int) -> None:
        self.registers.update({REGISTERS[name]: value for name, value in values.items()})

    def read(self, address: int) -> int:
        return self.registers[address]

    def write(self, address: int, value: int) -> None:
        if address == REGISTERS["CONTROL"] and value & 1:
            self.resets += 1

    def run(self, transfer: Transfer, cycles: int) -> int:
        self.registers[REGISTERS["CYCLES_LOW"]] += cycles if not transfer.source else 1
        if not (transfer.source and transfer.target) or transfer.fault == Fault.STALLED:
            return cycles
        stride, words = self._manifest.frame_stride, self._manifest.result_words
        count = transfer.source_bytes // stride
        sent = np.ctypeslib.as_array((ctypes.c_uint8 * transfer.source_bytes).from_address(transfer.source))
        frames = sent.reshape(count, stride)[:, : self._manifest.frame_bytes]
        result = np.empty((count, words), np.int32)
        result[:, :-1] = scores(frames, self._classes)
        result[:, -1] = result[:, :-1].argmax(axis=1)
        target = np.ctypeslib.as_array((ctypes.c_uint8 * transfer.target_bytes).from_address(transfer.target))
        content = result.view(np.uint8).reshape(-1)
        target[: content.size] = content
        transfer.sent, transfer.received = transfer.source_bytes, content.size
        transfer.source_done = transfer.target_done = 1
        for name in ("FRAMES_IN", "FRAMES_OUT"):
            self.registers[REGISTERS[name]] = (self.registers[REGISTERS[name]] + count) & 0xFFFFFFFF
        return 1

    def reset(self) -> None:
        self._set(FRAMES_IN=0, FRAMES_OUT=0)

    def withdraw(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def overlay(folder: Path, shape: tuple[int, int, int] = (28, 28, 1), **changes: object) -> Path:
    """Write an overlay of 10 classes that `InstantHardware` computes; return the path of its `.bit`."""
    from dt_scnn.files import sha256

    images = np.random.default_rng(1).integers(0, 256, (20, *shape), np.uint8)
    golden = scores(images, 10)
    np.savez(folder / "net.golden.npz", images=images, scores=golden, labels=golden.argmax(axis=1))
    (folder / "net.bit").write_bytes(b"bits")
    content = {
        "format": 1,
        "name": "net",
        "kind": "simulated",
        "target": "rtl",
        "board": "simulated",
        "part": "none",
        "clock_mhz": 100.0,
        "build_id": f"{BUILD_ID:016x}",
        "shape": list(shape),
        "classes": list("abcdefghij"),
        "bus_bits": 32,
        "frame_bytes": int(np.prod(shape)),
        "result_words": 11,
        "golden": {"file": "net.golden.npz", "sha256": sha256(folder / "net.golden.npz")},
        "files": {"net.bit": sha256(folder / "net.bit")},
    }
    (folder / "net.json").write_text(json.dumps(content | changes))
    return folder / "net.bit"


def instant_board(bitstream: Path) -> SimulatedBoard:
    """Return a board that answers at once, for the overlay of `bitstream`."""
    manifest = Manifest.load(bitstream.with_suffix(".json"))
    return SimulatedBoard(manifest, InstantHardware(manifest))


class MappedRegisters(np.ndarray):
    """Words of memory, but for the bits that ask for a reset: it is over at once."""

    resets: tuple[tuple[int, int], ...] = ()

    def __setitem__(self, index: int, value: int) -> None:
        for word, bit in self.resets:
            if index == word:
                value = value & ~bit
        super().__setitem__(index, value)


class MappedBoard(Device):
    """Registers as memory, as on a real board, whose DMA is always idle: what remains is the driver's and pynq's time."""

    def __init__(self, manifest: Manifest):
        super().__init__("dtscnn-mapped")
        self.name = "mapped"
        self.capabilities = {"MEMORY_MAPPED": True}
        self.default_memory = ContiguousMemory(self, 1 << 24)
        self._block_design = block_design(manifest)
        self._block_design[DMA_NAME]["interrupts"] = {}  # nothing waits for one
        hardware = InstantHardware(manifest)
        self._registers = {
            base: np.zeros(SPAN // 4, np.uint32).view(MappedRegisters)
            for base in (DMA_ADDRESS, SHELL_ADDRESS)
        }
        self._registers[DMA_ADDRESS].resets = ((0, 4),)
        self._registers[SHELL_ADDRESS].resets = ((REGISTERS["CONTROL"] // 4, 1),)
        for address, value in hardware.registers.items():
            self._registers[SHELL_ADDRESS][address // 4] = value
        for status in (0x04, 0x34):
            self._registers[DMA_ADDRESS][status // 4] = 0x1002

    def mmap(self, address: int, length: int) -> np.ndarray:
        return self._registers[address]

    def get_bitfile_metadata(self, bitfile_name: str, **unused: object) -> object:
        return parsed(self._block_design)

    def download(self, bitstream: object, parser: object = None) -> None:
        self.post_download(bitstream, parser)

    def flush(self, *unused: object) -> None:
        pass

    def invalidate(self, *unused: object) -> None:
        pass
