"""Integer types of spikes, weights, thresholds and membrane potentials in an hls4ml graph."""

from __future__ import annotations

import numpy as np
from hls4ml.model.layers import Layer
from hls4ml.model.types import IntegerPrecisionType, PrecisionType
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import signed_width

IntArray = NDArray[np.int64]


def spike_precision() -> IntegerPrecisionType:
    """Return the type of one spike: an unsigned bit (never hls4ml's bipolar bit, which means -1 or +1)."""
    return IntegerPrecisionType(1, signed=False)


def signed_precision(low: int, high: int) -> IntegerPrecisionType:
    """Return the narrowest two's-complement type that holds every integer of `low .. high`."""
    return IntegerPrecisionType(signed_width(low, high), signed=True)


def precision_of(values: IntArray) -> IntegerPrecisionType:
    """Return the narrowest two's-complement type that holds every element of `values`."""
    return signed_precision(int(values.min(initial=0)), int(values.max(initial=0)))


def integer_array(layer: str, what: str, values: object) -> IntArray:
    """Return `values` as int64.

    Raises:
        ConfigurationError: an element is not an integer; the kernels would silently round it.
    """
    array = np.asarray(values, np.float64)
    integers = np.rint(array)
    if not np.array_equal(array, integers):
        raise ConfigurationError(
            f"layer {layer!r}: {what} must be integers, not values such as {array[array != integers].flat[0]!r}; "
            "convert the QONNX file with hls_project, which folds every scale into integer thresholds"
        )
    return integers.astype(np.int64)


def unsigned_input_bits(layer: Layer) -> int:
    """Return the bits of one input channel of `layer`: 1 for spikes, 8 for pixels.

    Raises:
        ConfigurationError: the graph is not streaming, or the input is not an unsigned integer.
    """
    if layer.model.config.get_config_value("IOType") != "io_stream":
        raise ConfigurationError(
            f"layer {layer.name!r}: spiking layers stream; convert with io_type='io_stream'"
        )
    precision = layer.get_input_variable().type.precision
    if not is_unsigned_integer(precision):
        raise ConfigurationError(
            f"layer {layer.name!r}: the input must be an unsigned integer (uint<8> pixels or spikes), not {precision}; "
            "set the input layer's result precision (hls4ml's default is silently wrong)"
        )
    return int(precision.width)


def is_unsigned_integer(precision: PrecisionType) -> bool:
    """Say whether values of this type are integers from 0 up."""
    return not precision.signed and precision.width > 0 and precision.fractional == 0


def is_spike(precision: PrecisionType) -> bool:
    """Say whether values of this type are spikes."""
    return is_unsigned_integer(precision) and precision.width == 1
