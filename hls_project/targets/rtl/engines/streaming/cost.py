"""What the parts around a kernel take that takes a whole window in each cycle: window, firing, pooling, FIFO."""

from __future__ import annotations

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import parts, streaming
from hls_project.targets.rtl.engines.engine import Fifo
from hls_project.targets.rtl.layer import HardwareLayer

# LUTs and flip-flops that yosys 0.70 finds beside what is counted: of counters, comparisons and handshakes.
_WINDOW_CONTROL, _POOL_CONTROL, _FIFO_CONTROL = (45, 30), (8, 8), (14, 10)
_FIRE = 0.35
"""LUTs of one bit of a comparison with a constant; of one that changes with the fold it is 1."""


def cost(layer: HardwareLayer, fold: Fold, kernel_latency: int) -> Resources:
    """Return what surrounds the kernel."""
    folds = streaming.kernel_folds(layer, fold)
    fifo = streaming.fifo(layer, streaming.latency_of(layer, folds, kernel_latency), folds, fold.mmv)
    takes = streaming.pixels(layer, fold).takes
    return window(layer, fold, takes) + fire(layer, fold, folds) + pool(layer, fold.mmv) + buffer(fifo)


def window(layer: HardwareLayer, fold: Fold, takes: int) -> Resources:
    """Return the line buffer, the columns and the window."""
    rows, columns = layer.kernel
    bits = layer.input_shape[2] * layer.input_bits
    beats = -(-layer.input_shape[1] // takes)
    memory = parts.distributed_ram(beats, (rows - 1) * bits * takes) if rows > 1 else 0
    # Columns that wait, and each pixel's own window.
    waiting = -(-(columns - 1) // takes) * takes if takes > 1 else columns - 1
    registers = rows * bits * (waiting + fold.mmv * columns)
    control = _WINDOW_CONTROL
    return Resources(lut=memory + control[0], lut_memory=memory, ff=registers + control[1])


def fire(layer: HardwareLayer, fold: Fold, folds: int) -> Resources:
    """Return the comparisons and the spikes' registers."""
    compared = layer.maps * fold.pe * fold.mmv
    lut = compared * (layer.vm_bits + 1) * (1 if folds > 1 else _FIRE)
    gathered = layer.maps * layer.kernels * fold.mmv + (compared if folds > 1 else 0)
    return Resources(lut=round(lut), ff=gathered)


def pool(layer: HardwareLayer, mmv: int) -> Resources:
    """Return the OR of spikes, with a row of them."""
    if layer.pool == 1:
        return Resources()
    bits, columns = layer.output_shape[2] * max(1, mmv // layer.pool), layer.output_shape[1]
    memory = parts.distributed_ram(-(-columns // max(1, mmv // layer.pool)), bits)
    # One LUT joins what comes, the columns so far and the row above.
    return Resources(
        lut=memory + 2 * bits + _POOL_CONTROL[0], lut_memory=memory, ff=2 * bits + _POOL_CONTROL[1]
    )


def buffer(fifo: Fifo) -> Resources:
    """Return a FIFO in distributed RAM."""
    memory = parts.distributed_ram(fifo.depth, fifo.bits)
    return Resources(lut=memory + _FIFO_CONTROL[0], lut_memory=memory, ff=_FIFO_CONTROL[1])
