"""From an hls4ml `ModelGraph` to the layers of the core."""

from __future__ import annotations

from typing import Any

from hls4ml.model.graph import ModelGraph
from hls4ml.model.layers import Input, Layer, Reshape

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import Inputs
from hls_project.layers.membrane import inputs_of
from hls_project.layers.scores_argmax import ScoresArgmax
from hls_project.layers.spike_pool import SpikePool
from hls_project.layers.spiking_conv2d import SpikingConv2D
from hls_project.layers.spiking_dense import SpikingDense
from hls_project.layers.types import integer_array
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.engines import default_fold
from hls_project.targets.rtl.layer import MIN_VM_BITS, HardwareLayer, identifier, narrowest_bits


def hardware_layers(model: ModelGraph) -> list[HardwareLayer]:
    """Return the layers of the core with their folds, in order.

    Raises:
        ConfigurationError: the graph holds something that has no hardware; the message names it.
    """
    result: list[HardwareLayer] = []
    for node in model.get_layers():
        if isinstance(node, (Input, ScoresArgmax, Reshape)):  # a Reshape changes no stream
            continue
        if isinstance(node, SpikingConv2D):
            result.append(_folded(node, _conv(node)))
        elif isinstance(node, SpikingDense):
            result.append(_folded(node, _dense(node)))
        elif isinstance(node, SpikePool):
            result.append(_folded(node, _pool(node)))
        else:
            raise ConfigurationError(
                f"node {node.name!r} ({type(node).__name__}): target rtl builds convolutions and dense layers that fire, "
                "spike pools and a last dense layer of scores, nothing else"
            )
    if not result or result[-1].thresholds is not None or result[-1].kind != "dense":
        raise ConfigurationError("target rtl needs a network that ends in a dense layer of scores")
    names = [layer.name for layer in result]
    if len(set(names)) != len(names):
        raise ConfigurationError(f"layer names are not distinct as identifiers: {names}")
    return result


def _folded(node: Layer, layer: HardwareLayer) -> HardwareLayer:
    """Return the layer with the fold that its node's configuration gives, or the engine's own."""
    engine = node.get_attr("engine")
    if engine is None:
        return layer.with_fold(default_fold(layer))
    return layer.with_fold(Fold(str(engine), _get(node, "pe"), _get(node, "simd"), _get(node, "mmv")))


def _conv(node: Layer) -> HardwareLayer:
    weights = integer_array(node.name, "weights", node.get_attr("weight_data"))
    output = node.get_output_variable().shape
    return HardwareLayer(
        name=identifier(node.name),
        source=node.name,
        kind="conv",
        inputs=inputs_of(node),
        input_shape=(_get(node, "in_height"), _get(node, "in_width"), _get(node, "n_chan")),
        output_shape=(int(output[0]), int(output[1]), int(output[2])),
        pool=_get(node, "pool"),
        kernel=(_get(node, "filt_height"), _get(node, "filt_width")),
        stride=(_get(node, "stride_height"), _get(node, "stride_width")),
        pads=(
            _get(node, "pad_top"),
            _get(node, "pad_left"),
            _get(node, "pad_bottom"),
            _get(node, "pad_right"),
        ),
        vm_shape=(_get(node, "vm_height"), _get(node, "vm_width")),
        vm_bits=_vm_bits(node),
        weight_bits=narrowest_bits(weights),
        weights=weights,
        thresholds=_thresholds(node),
    )


def _dense(node: Layer) -> HardwareLayer:
    height, width, channels = [1, 1, *(int(size) for size in node.get_input_variable().shape)][-3:]
    maps, outputs = int(node.get_attr("n_thresholds")), _get(node, "n_out")
    weights = integer_array(node.name, "weights", node.get_attr("weight_data")).reshape(-1, outputs)
    return HardwareLayer(
        name=identifier(node.name),
        source=node.name,
        kind="dense",
        inputs=inputs_of(node),
        input_shape=(height, width, channels),
        output_shape=(1, 1, maps * outputs if maps else outputs),
        vm_bits=_vm_bits(node),
        weight_bits=narrowest_bits(weights),
        weights=weights,
        thresholds=_thresholds(node) if maps else None,
    )


def _pool(node: Layer) -> HardwareLayer:
    height, width, channels = (int(size) for size in node.get_input_variable().shape)
    output = node.get_output_variable().shape
    return HardwareLayer(
        name=identifier(node.name),
        source=node.name,
        kind="pool",
        inputs=Inputs.SPIKES,
        input_shape=(height, width, channels),
        output_shape=(int(output[0]), int(output[1]), channels),
        pool=_get(node, "pool"),
        vm_shape=(height, width),
    )


def _get(node: Layer, attribute: str) -> int:
    return int(node.get_attr(attribute))


def _thresholds(node: Layer) -> Any:
    data = integer_array(node.name, "thresholds", node.get_attr("threshold_data"))
    return data.reshape(int(node.get_attr("n_thresholds")), -1)


def _vm_bits(node: Layer) -> int:
    return max(MIN_VM_BITS, int(node.get_attr("vm_t").precision.width))
