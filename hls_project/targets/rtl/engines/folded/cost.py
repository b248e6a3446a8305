"""What the folded engine takes: counts of its modules' parts, with what yosys finds beyond them as coefficients."""

from __future__ import annotations

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import parts
from hls_project.targets.rtl.engines.folded.shape import CHAIN, Shape
from hls_project.targets.rtl.layer import HardwareLayer


def layer_cost(layer: HardwareLayer, fold: Fold, in_block_ram: bool) -> Resources:
    """Return what the layer takes of a 7-series part."""
    shape = Shape(layer, fold)
    lut, ff = lut_counts(shape, in_block_ram), ff_counts(shape, in_block_ram)
    memory = lut["ring"] + lut["waiting"] + lut["buffers"]
    blocks = parts.block_ram18(shape.words, shape.word_bits) if in_block_ram else 0
    if shape.block_rows:
        blocks += fold.mmv * parts.block_ram18(shape.places, shape.slice_bits)
    return Resources(
        lut=round(sum(LUT[name] * count for name, count in lut.items())),
        lut_memory=round(memory),
        ff=round(sum(FF[name] * count for name, count in ff.items())),
        bram18=blocks,
        dsp=shape.operands * fold.pe * fold.mmv if layer.input_bits > 1 else 0,
    )


# LUTs of one unit of each count of `lut_counts`, flip-flops of one of `ff_counts`, as yosys 0.70 finds them.
LUT = {
    "operands": 1.0,
    "sums": 1.0,
    "turn": 1.0,
    "slices": 1.0,
    "ring": 1.0,
    "select": 1.0,
    "fire": 0.8,
    "thresholds": 0.8,
    "waiting": 1.0,
    "weights": 1.1,
    "behind": 1.0,
    "buffers": 1.0,
    "pool": 1.0,
    "control": 14.0,
    "one": 175.0,
}
FF = {"lanes": 1.0, "skew": 1.0, "words": 1.0, "fire": 1.0, "buffers": 1.0, "control": 1.3, "one": 140.0}


def lut_counts(shape: Shape, in_block_ram: bool) -> dict[str, float]:
    """Return what the layer's LUTs are made of."""
    layer, fold = shape.layer, shape.fold
    lanes, chains = fold.pe * fold.mmv, -(-shape.operands // CHAIN)
    chain_bits = shape.operand_bits + (min(CHAIN, shape.operands) - 1).bit_length()
    tree_adders, _ = parts.tree(chains, chain_bits)
    sum_bits = min(layer.vm_bits, chain_bits + (chains - 1).bit_length())
    pad, stride, width = layer.pads[1], layer.stride[1], shape.kernel[1]
    banks = len({(column - pad) // stride % fold.mmv for column in range(width)})
    part = layer.maps * fold.pe
    return {
        # A product comes from a register: the first of a chain needs no gates before the carry chain.
        "operands": lanes * (shape.operands - (chains if layer.input_bits > 1 else 0)) * shape.operand_bits,
        "sums": lanes * (tree_adders + sum_bits),
        "turn": shape.slice_bits * fold.mmv * parts.multiplexer(banks),
        "slices": shape.slice_bits * parts.multiplexer(shape.slices),
        "ring": 0 if shape.block_rows else fold.mmv * parts.distributed_ram(shape.places, shape.slice_bits),
        "select": fold.pe * layer.vm_bits * parts.multiplexer(fold.mmv),
        "fire": part * (layer.vm_bits + 1),
        "thresholds": part * (layer.vm_bits + 1) * -(-shape.kernel_folds // 64)
        if shape.kernel_folds > 1
        else 0,
        "waiting": (shape.kernel_folds - 1) * parts.single_port_ram(part),
        "weights": 0 if in_block_ram else shape.word_bits * -(-shape.words // 64),
        "behind": parts.block_ram_multiplexers(shape.words, shape.word_bits) if in_block_ram else 0,
        "buffers": _buffers(shape),
        "pool": layer.output_shape[2] if layer.pool > 1 else 0,
        "control": fold.mmv,
        "one": 1,
    }


def ff_counts(shape: Shape, in_block_ram: bool) -> dict[str, float]:
    """Return what the layer's flip-flops are made of."""
    layer, fold = shape.layer, shape.fold
    lanes, chains = fold.pe * fold.mmv, -(-shape.operands // CHAIN)
    longest = min(CHAIN, shape.operands)
    chain = sum(shape.operand_bits + (s + 1).bit_length() for s in range(max(1, longest - 1)))
    _, tree_registers = parts.tree(chains, shape.operand_bits + (longest - 1).bit_length())
    delays = sum(max(0, index % CHAIN - 1) for index in range(shape.operands))
    part = layer.maps * fold.pe
    return {
        "lanes": lanes * (chains * chain + tree_registers + 2 * layer.vm_bits),
        "skew": delays * (fold.pe * shape.operand_word_bits + fold.mmv * shape.input_bits),
        "words": shape.word_bits * (1 if in_block_ram else 2)
        + fold.mmv * shape.slice_bits * (1 if shape.block_rows else 2),
        "fire": fold.pe * layer.vm_bits
        + part * (layer.vm_bits + 1 if shape.kernel_folds > 1 else 0)
        + part
        + layer.maps * layer.kernels,
        "buffers": layer.output_shape[2] if layer.pool > 1 else 0,
        "control": fold.mmv * (shape.places.bit_length() + 1),
        "one": 1,
    }


def _buffers(shape: Shape) -> float:
    """Return the LUTs of the pooling row and of the FIFO."""
    layer = shape.layer
    bits, columns = layer.output_shape[2], layer.output_shape[1]
    pool = parts.distributed_ram(columns, bits) if layer.pool > 1 else 0
    return pool + parts.distributed_ram(shape.fifo.depth, bits)
