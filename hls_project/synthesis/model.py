"""Resources from the shape of each layer alone: an estimate in milliseconds, before any synthesis.

Counts what the modules of target `rtl` consist of - table bits, adder bits, registers - and weighs the counts by
coefficients that were fitted, by non-negative least squares, to 31 layers of ten random networks that yosys 0.70 has
synthesized for 7 series. Their mean error is 7 % of a layer's LUTs and 5 % of its flip-flops, the largest 25 % and 17 %;
a trained network that took no part in the fit was off by 5 % and 2 % as a whole.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path
from typing import Any

from dt_scnn.errors import ConfigurationError
from hls_project.synthesis.cells import Resources
from hls_project.synthesis.resources import ModuleResources, ResourceReport

PLAN, SUMMARY = "rtl.json", "network.json"
PIXEL_BITS = 8
_LUT_INPUTS = 6

# LUTs or flip-flops of one unit of each count, which `lut_counts` and `ff_counts` name.
LUT_COEFFICIENTS = {
    "memory": 7.35,  # with the control of the window, pool or FIFO that has it
    "tables": 1.17,  # they and their adders grow together: what the fit tells well is the sum
    "adders": 0.41,
    "pixel_adders": 0.42,
    "accumulators": 1.58,
    "result": 1.42,
    "rom": 0.074,
}
FF_COEFFICIENTS = {
    "dense": 33.5,
    "window": 2.19,
    "kernel": 0.78,
    "pixel_kernel": 0.63,
    "fire": 1.22,
    "sums": 1.0,
    "word": 1.0,
}
# Words of a ROM that fill a block RAM of 18 kbit at each width (AMD UG473).
_BRAM18 = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
# yosys weighs a block RAM against this many LUTs, and a LUT against this many bits of a ROM.
_BRAM18_COST, _ROM_BITS_PER_LUT = 129, 64


@dataclass(frozen=True)
class LayerFacts:
    """What is known of a hardware layer before it is written.

    kind: "conv", "dense" or "pool". input_shape, output_shape: (H, W, C).
    input_bits: of one channel. taps: inputs of one kernel's window. kernels: all of the layer, `lanes` of them (conv)
    or of its input channels (dense) in each of `folds` cycles. maps: thresholds, 0 for scores. fifo_depth: 0 without.
    """

    name: str
    kind: str
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    input_bits: int
    rows: int
    columns: int
    kernels: int
    lanes: int
    folds: int
    maps: int
    pool: int
    vm_bits: int
    weight_bits: int
    fifo_depth: int

    @property
    def taps(self) -> int:
        """Inputs of one window."""
        return self.rows * self.columns * self.input_shape[2]


def read_facts(rtl: Path) -> tuple[LayerFacts, ...]:
    """Return the facts of the layers of a generated folder, from its plan and its network summary.

    Raises:
        ConfigurationError: either file is missing or damaged.
    """
    try:
        plan = json.loads((rtl / PLAN).read_text())
        summary = {layer["name"]: layer for layer in json.loads((rtl / SUMMARY).read_text())["layers"]}
        return tuple(
            _facts(layer, summary.get(layer["layer"]), PIXEL_BITS if index == 0 else 1)
            for index, layer in enumerate(plan)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{rtl}: no usable {PLAN} and {SUMMARY} ({error!r})") from error


def by_layer(rtl: Path) -> dict[str, Resources]:
    """Return the estimate of each layer of a generated folder.

    Raises:
        ConfigurationError: see `read_facts`.
    """
    return {facts.name: estimate_layer(facts) for facts in read_facts(rtl)}


def estimate(rtl: Path) -> ResourceReport:
    """Return the estimate of a generated folder as a report.

    Raises:
        ConfigurationError: see `read_facts`.
    """
    started = time.monotonic()
    modules = tuple(
        ModuleResources(name, 1, resources, None, {}, False) for name, resources in by_layer(rtl).items()
    )
    return ResourceReport("a model of the layers, no synthesis", "model", modules, time.monotonic() - started)


def estimate_layer(facts: LayerFacts) -> Resources:
    """Return what the layer takes of a 7-series or UltraScale+ part, as far as its shape tells."""
    lut = sum(LUT_COEFFICIENTS[name] * count for name, count in lut_counts(facts).items())
    ff = sum(FF_COEFFICIENTS[name] * count for name, count in ff_counts(facts).items())
    return Resources(
        lut=round(lut), lut_memory=round(_memory_luts(facts)), ff=round(ff), bram18=_block_rams(facts)
    )


def lut_counts(facts: LayerFacts) -> dict[str, float]:
    """Return what the layer's LUTs are made of."""
    counts = dict.fromkeys(LUT_COEFFICIENTS, 0.0)
    counts["memory"] = _memory_luts(facts)
    if facts.kind == "conv":
        if facts.input_bits == 1:
            groups, bits = _tables(facts)
            counts["tables"] = facts.lanes * groups * bits
            counts["adders"] = facts.lanes * _tree(groups, bits, facts.vm_bits)[0]
        else:
            counts["pixel_adders"] = _pixel_adder_bits(facts)
    elif facts.kind == "dense":
        adders, _ = _tree(facts.lanes, _term_bits(facts), facts.vm_bits)
        counts["adders"] = facts.kernels * adders
        counts["accumulators"] = facts.kernels * facts.vm_bits
        counts["result"] = 0 if facts.maps else facts.kernels * facts.vm_bits
        counts["rom"] = 0 if _block_rams(facts) else prod(_rom(facts))
    return counts


def ff_counts(facts: LayerFacts) -> dict[str, float]:
    """Return what the layer's flip-flops are made of."""
    counts = dict.fromkeys(FF_COEFFICIENTS, 0.0)
    if facts.maps:
        outputs = facts.maps * facts.kernels
        folded = facts.kind == "conv" and facts.folds > 1
        counts["fire"] = outputs + (facts.maps * facts.lanes if folded else 0)
    if facts.pool > 1:
        counts["fire"] += 2 * facts.output_shape[2]
    if facts.kind == "conv":
        column = facts.rows * facts.input_shape[2] * facts.input_bits
        counts["window"] = (2 * facts.columns - 1) * column
        if facts.input_bits == 1:
            groups, bits = _tables(facts)
            counts["kernel"] = facts.lanes * (groups * bits + _tree(groups, bits, facts.vm_bits)[1])
        else:
            counts["pixel_kernel"] = _pixel_adder_bits(facts)
    elif facts.kind == "dense":
        counts["dense"] = 1
        bits = _term_bits(facts)
        registers = facts.lanes * bits + _tree(facts.lanes, bits, facts.vm_bits)[1] + facts.vm_bits
        counts["sums"] = facts.kernels * (registers + (0 if facts.maps else facts.vm_bits)) + facts.lanes
        counts["word"] = 0 if _block_rams(facts) else _rom(facts)[1]
    return counts


def _pixel_adder_bits(facts: LayerFacts) -> float:
    """Return the adder bits of constant multiplication by shifts and adds, one adder for each digit of a weight.

    Digits: non-zero ones of the canonical signed-digit form, on average over the narrow range of the weights.
    """
    largest = (1 << (facts.weight_bits - 1)) - 1
    digits = 2 * sum((value ^ 3 * value).bit_count() for value in range(1, largest + 1)) / (2 * largest + 1)
    return facts.taps * facts.kernels * digits * (facts.input_bits + facts.weight_bits)


def _facts(plan: Mapping[str, Any], summary: Mapping[str, Any] | None, input_bits: int) -> LayerFacts:
    kernel = summary["kernel"] if summary and plan["kind"] == "conv" else (1, 1)
    fifo = plan["fifo"]
    return LayerFacts(
        name=plan["name"],
        kind=plan["kind"],
        input_shape=tuple(plan["input_shape"]),
        output_shape=tuple(plan["output_shape"]),
        input_bits=input_bits,
        rows=kernel[0],
        columns=kernel[1],
        kernels=plan["kernels"],
        lanes=plan["lanes"],
        folds=plan["folds"],
        maps=plan["maps"],
        pool=summary["pool"] if summary else plan["vm_shape"][1] // plan["output_shape"][1],
        vm_bits=plan["vm_bits"],
        weight_bits=summary["weight_bits"] if summary else 0,
        fifo_depth=fifo["depth"] if fifo else 0,
    )


def _tables(facts: LayerFacts) -> tuple[int, int]:
    """Return the groups of a lane's spikes, and the width of a table's entry at its largest."""
    group = max(1, _LUT_INPUTS - (facts.folds - 1).bit_length())
    largest = group * ((1 << (facts.weight_bits - 1)) - 1)
    return ceil(facts.taps / group), min(largest.bit_length() + 1, facts.vm_bits)


def _tree(terms: int, bits: int, limit: int) -> tuple[int, int]:
    """Return the adder bits and the register bits of a pipelined adder tree."""
    adders = registers = 0
    while terms > 1:
        bits = min(bits + 1, limit)
        adders += terms // 2 * bits
        terms = ceil(terms / 2)
        registers += terms * bits
    return adders, registers


def _term_bits(facts: LayerFacts) -> int:
    return facts.weight_bits if facts.input_bits == 1 else facts.weight_bits + facts.input_bits


def _memory_luts(facts: LayerFacts) -> float:
    """Return the LUTs of line buffers, pooling rows and FIFOs in distributed RAM."""
    luts = 0
    if facts.kind == "conv":
        line = (facts.rows - 1) * facts.input_shape[2] * facts.input_bits
        luts += _distributed(line, facts.input_shape[1])
    if facts.pool > 1:
        luts += _distributed(facts.output_shape[2], facts.output_shape[1])
    if facts.fifo_depth:
        luts += _distributed(facts.output_shape[2], facts.fifo_depth)
    return luts


def _distributed(bits: int, words: int) -> int:
    """Return the LUTs of a memory with a port to write and one to read: RAM32M holds 6 bits, RAM64M 3."""
    return ceil(bits / 6) * 4 if words <= 32 else ceil(bits / 3) * 4 * ceil(words / 64)


def _rom(facts: LayerFacts) -> tuple[int, int]:
    """Return the words and the width of the weight ROM."""
    words = prod(facts.input_shape[:2]) * facts.folds
    return words, facts.lanes * facts.kernels * facts.weight_bits


def _block_rams(facts: LayerFacts) -> int:
    """Return the 18 kbit block RAMs of a dense layer's weights."""
    if facts.kind != "dense":
        return 0
    words, width = _rom(facts)
    blocks = min(ceil(width / bits) * ceil(words / depth) for depth, bits in _BRAM18)
    return blocks if words * width > blocks * _BRAM18_COST * _ROM_BITS_PER_LUT else 0
