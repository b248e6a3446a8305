"""Weights and exact membrane-potential types of a spiking layer."""

from __future__ import annotations

import numpy as np
from hls4ml.model.layers import Layer, Pooling2D, Reshape
from hls4ml.model.types import IntegerPrecisionType, NamedType

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import Inputs, Window, vm_bounds
from hls_project.layers.types import IntArray, is_spike, precision_of, signed_precision

# The lanes' shared sums are simulated and synthesized as integers of at most this width.
MAX_VM_BITS = 32


def add_weights(layer: Layer, weights: IntArray) -> None:
    """Give `layer` its weights as they are; a hardware target orders its ROMs."""
    layer.add_weights_variable(
        name="weight", var_name="w{index}", data=weights.astype(np.float64), precision=precision_of(weights)
    )


def add_membrane_type(layer: Layer, weights: IntArray, window: Window) -> IntegerPrecisionType:
    """Give `layer` the narrowest type that holds all its membrane potentials; return it.

    weights: `(kh, kw, Cin, Cout)` integers. The kernels add a pixel's channels in ascending order, the first spike of a
    pair before the second, so partial sums keep to the bounds too; hardware that adds in another order wraps around
    to the same result.

    Raises:
        ConfigurationError: it would be wider than `MAX_VM_BITS`.
    """
    low, high = vm_bounds(weights, window, inputs_of(layer))
    precision = signed_precision(int(low.min()), int(high.max()))
    if precision.width > MAX_VM_BITS:
        raise ConfigurationError(
            f"layer {layer.name!r}: membrane potentials need {precision.width} bits, over {MAX_VM_BITS}"
        )
    layer.set_attr("vm_t", NamedType(f"layer{layer.index}_vm_t", precision))
    return precision


def inputs_of(layer: Layer) -> Inputs:
    """Return what `layer` reads, from its input's type and the layer that made it.

    Raises:
        ConfigurationError: unsigned integers that are neither spikes nor 8-bit pixels.
    """
    precision = layer.get_input_variable().type.precision
    if not is_spike(precision):
        if precision.width != 8:
            raise ConfigurationError(
                f"layer {layer.name!r}: the input must be spikes or uint<8> pixels, not {precision}"
            )
        return Inputs.PIXELS
    source = layer.get_input_node()
    while isinstance(source, (Reshape, Pooling2D)) or type(source).__name__.endswith("SpikePool"):
        source = source.get_input_node()
    return Inputs.PAIRED_SPIKES if source.get_attr("n_thresholds") == 2 else Inputs.SPIKES
