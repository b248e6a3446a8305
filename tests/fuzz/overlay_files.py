"""Readers of what belongs to a board: its description, Vivado's products, the overlay's manifest and network."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.fuzz import mutations
from tests.fuzz.reader import Reader, written

BUS_BITS = 32


def _boards() -> Sequence[bytes]:
    from hls_project.overlay import boards

    return [path.read_bytes() for path in sorted(boards.FOLDER.glob("*.json"))]


def _read_board(path: Path) -> object:
    from hls_project.overlay.boards import find

    return find(str(path))


def _manifests() -> Sequence[bytes]:
    manifest = {
        "format": 1,
        "name": "net",
        "model": "0" * 64,
        "kind": "board",
        "target": "rtl",
        "board": "pynq-z2",
        "part": "xc7z020clg400-1",
        "clock_mhz": 100.0,
        "build_id": "0123456789abcdef",
        "shape": [2, 2, 1],
        "classes": ["a", "b"],
        "bus_bits": 32,
        "frame_bytes": 4,
        "result_words": 3,
        "golden": {"file": "net.golden.npz", "sha256": "0" * 64},
        "files": {"net.bit": "0" * 64},
        "drawing": {"polarity": "light-on-dark", "box": 2},
        "plan": {"folds": {}},
    }
    return [json.dumps(manifest).encode()]


def _read_manifest(path: Path) -> object:
    from board.manifest import Manifest

    found = Manifest.load(path)
    return found.as_dict(), found.frame_stride, found.network_file


def _network_files() -> Sequence[bytes]:
    taps, thresholds = np.ones((2, 2, 1, 1), np.int8), np.array([[1], [2]], np.int32)
    arrays = {"layers": np.array(["conv0", "dense0"]), "conv0/weights": taps, "conv0/thresholds": thresholds}
    arrays |= {
        "conv0/geometry": np.array([1, 1, 0, 0, 0, 0, 1]),
        "dense0/geometry": np.array([1, 1, 0, 0, 0, 0, 1]),
    }
    arrays["dense0/weights"] = np.ones((2, 2, 2, 3), np.int8)
    return [written(lambda path: np.savez(path, **arrays), "net.npz")]


def _read_network_file(path: Path) -> object:
    from board.reference import Reference

    return Reference(path)


def _handoffs() -> Sequence[bytes]:
    from hls_project.overlay import boards
    from hls_project.overlay.vivado import handoff

    addresses = boards.find("pynq-z2").addresses
    kinds = {"axi_dma_0": "axi_dma", "axi_intc_0": "axi_intc", "dtscnn_0": "dtscnn_axi"}
    pins = {
        "axi_dma_0": ("mm2s_introut", "s2mm_introut"),
        "axi_intc_0": ("irq",),
        "dtscnn_0": ("aclk", "aresetn"),
    }
    settings = {**handoff._DMA, **dict.fromkeys(handoff._WIDTHS, str(BUS_BITS)), "c_addr_width": "32"}
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", "<EDKSYSTEM><MODULES>"]
    for name, kind in kinds.items():
        lines.append(f'<MODULE FULLNAME="/{name}" INSTANCE="{name}" MODTYPE="{kind}"><PARAMETERS>')
        lines += [
            f'<PARAMETER NAME="{key}" VALUE="{value}"/>'
            for key, value in settings.items()
            if name == "axi_dma_0"
        ]
        lines.append("</PARAMETERS><PORTS>")
        lines += [f'<PORT NAME="{pin}" SIGNAME="net_{pin}" CLKFREQUENCY="100000000"/>' for pin in pins[name]]
        lines.append("</PORTS></MODULE>")
    lines.append('<MODULE FULLNAME="/processor" INSTANCE="processor" MODTYPE="processing_system7">')
    lines.append('<PARAMETER NAME="PCW_FCLK0_PERIPHERAL_CLKSRC" VALUE="IO PLL"/>')
    lines.append('<PARAMETER NAME="PCW_IO_IO_PLL_FREQMHZ" VALUE="1000.000"/><MEMORYMAP>')
    lines += [f'<MEMRANGE INSTANCE="{name}" BASEVALUE="{address}"/>' for name, address in addresses.items()]
    lines.append("</MEMORYMAP></MODULE></MODULES></EDKSYSTEM>")
    return ["\n".join(lines).encode()]


def _read_handoff(path: Path) -> object:
    from hls_project.overlay import boards
    from hls_project.overlay.vivado import handoff

    return handoff.check(path, boards.find("pynq-z2"), BUS_BITS), handoff.pll(path)


def _bitstreams() -> Sequence[bytes]:
    fields = [b"overlay_wrapper;UserID=0XFFFFFFFF\0", b"7z020clg400\0", b"2024/01/02\0", b"03:04:05\0"]
    content = bytes.fromhex("00090ff00ff00ff00ff0000001")
    for key, value in zip(b"abcd", fields, strict=True):
        content += bytes([key]) + struct.pack(">H", len(value)) + value
    return [content + b"e" + struct.pack(">I", 8) + bytes(8)]


def _read_bitstream(path: Path) -> object:
    from hls_project.overlay.vivado.bitfile import check

    return check(path, "xc7z020clg400-1")


READERS = (
    Reader("board", "board.json", _boards, _read_board, mutations.json_text),
    Reader("manifest", "net.json", _manifests, _read_manifest, mutations.json_text),
    Reader("network", "net.network.npz", _network_files, _read_network_file, mutations.archive),
    Reader("handoff", "overlay.hwh", _handoffs, _read_handoff, mutations.text),
    Reader("bitstream", "overlay.bit", _bitstreams, _read_bitstream),
)
