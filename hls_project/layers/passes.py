"""hls4ml optimizer passes that turn a parsed QONNX graph into spiking layers. They match no graph without spikes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hls4ml.model.graph import ModelGraph
from hls4ml.model.layers import Conv2D, Dense, Layer, Pooling2D, Reshape
from hls4ml.model.optimizer import OptimizerPass, get_backend_passes
from hls4ml.model.types import PrecisionType

from dt_scnn.errors import ConfigurationError
from hls_project.layers.dual_threshold_fire import DualThresholdFire
from hls_project.layers.scores_argmax import ScoresArgmax
from hls_project.layers.spike_pool import SpikePool
from hls_project.layers.spiking_conv2d import GEOMETRY, SpikingConv2D
from hls_project.layers.spiking_dense import SpikingDense
from hls_project.layers.types import is_spike, is_unsigned_integer


class AbsorbThresholds(OptimizerPass):
    """Read the thresholds of a `DualThresholdFire` from its constant second input and drop that input."""

    def match(self, node: Layer) -> bool:
        """Match a firing node whose thresholds are still an input."""
        return isinstance(node, DualThresholdFire) and len(node.inputs) == 2

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Drop the input; the layer has read its value when it was made."""
        constant = node.get_input_node(node.inputs[1])
        del node.inputs[1]
        del model.graph[constant.name]
        return True


class FuseConvFire(OptimizerPass):
    """`Conv2D` + `DualThresholdFire` become `SpikingConv2D`: the membrane potential is never stored."""

    def match(self, node: Layer) -> bool:
        """Match a firing node that alone reads a convolution."""
        return isinstance(node, DualThresholdFire) and isinstance(_only_producer(node), Conv2D)

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Replace both."""
        conv = node.get_input_node()
        attributes = {name: int(conv.get_attr(name)) for name in GEOMETRY}
        attributes |= {
            f"dilation_{axis}": int(conv.get_attr(f"dilation_{axis}", 1)) for axis in ("height", "width")
        }
        attributes |= {"pool": 1, "weight_data": conv.get_attr("weight_data")}
        attributes["threshold_data"] = _thresholds_without_bias(node, conv)
        _replace_pair(model, conv, node, SpikingConv2D, conv.name.removeprefix("Conv2D_"), attributes)
        return True


class FuseDenseFire(OptimizerPass):
    """`Dense` + `DualThresholdFire` become a hidden `SpikingDense`."""

    def match(self, node: Layer) -> bool:
        """Match a firing node that alone reads a dense layer over spikes or pixels."""
        producer = _only_producer(node)
        return (
            isinstance(node, DualThresholdFire)
            and isinstance(producer, Dense)
            and _reads(producer, is_unsigned_integer)
        )

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Replace both."""
        dense = node.get_input_node()
        attributes = {
            "weight_data": dense.get_attr("weight_data"),
            "threshold_data": _thresholds_without_bias(node, dense),
        }
        _replace_pair(model, dense, node, SpikingDense, dense.name.removeprefix("Dense_"), attributes)
        return True


class SpikingScores(OptimizerPass):
    """The last `Dense` over spikes becomes `SpikingDense` + `ScoresArgmax`."""

    def match(self, node: Layer) -> bool:
        """Match a dense layer over spikes without bias whose output is the only output of the model."""
        return (
            isinstance(node, Dense)
            and list(node.outputs) == list(node.model.outputs)
            and _reads_spikes(node)
            and not np.any(node.get_attr("bias_data", 0))
        )

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Replace it by two nodes; the second keeps the model's output."""
        name = node.name.removeprefix("Dense_")
        scores = model.make_node(
            SpikingDense,
            name,
            {"weight_data": node.get_attr("weight_data")},
            list(node.inputs),
            [f"{name}_scores"],
        )
        argmax = model.make_node(ScoresArgmax, f"{name}_argmax", {}, [f"{name}_scores"], list(node.outputs))
        model.split_node(node, scores, argmax)
        return True


class StreamFlatten(OptimizerPass):
    """Drop a flattening `Reshape` before `SpikingDense`, which reads the pixels as they stream."""

    def match(self, node: Layer) -> bool:
        """Match a flattening of streamed spikes read by one spiking dense layer."""
        consumers = node.get_output_nodes()
        return (
            isinstance(node, Reshape)
            and len(node.get_output_variable().shape) == 1
            and len(consumers) == 1
            and isinstance(consumers[0], SpikingDense)
        )

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Connect the dense layer to the producer and make it again, with the shape that it now reads."""
        dense = node.get_output_nodes()[0]
        kept = {
            key: dense.get_attr(key)
            for key in ("weight_data", "threshold_data")
            if dense.get_attr(key) is not None
        }
        _replace_pair(model, node, dense, SpikingDense, dense.name, kept)
        return True


class FuseSpikePool(OptimizerPass):
    """Max-pooling of spikes becomes an OR: in the `SpikingConv2D` before it, or else as a `SpikePool`."""

    def match(self, node: Layer) -> bool:
        """Match non-overlapping, unpadded max-pooling of spikes."""
        return (
            isinstance(node, Pooling2D)
            and node.get_attr("pool_op") == "Max"
            and _reads_spikes(node)
            and len(
                {
                    node.get_attr(f"{what}_{axis}")
                    for what in ("pool", "stride")
                    for axis in ("height", "width")
                }
            )
            == 1
            and not any(node.get_attr(f"pad_{side}") for side in ("top", "bottom", "left", "right"))
        )

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Replace the pooling, and the convolution with it where that feeds nothing else."""
        pool = int(node.get_attr("pool_height"))
        producer = _only_producer(node)
        if isinstance(producer, SpikingConv2D) and producer.get_attr("pool") == 1:
            kept = {key: producer.get_attr(key) for key in (*GEOMETRY, "weight_data", "threshold_data")}
            _replace_pair(model, producer, node, SpikingConv2D, producer.name, {**kept, "pool": pool})
        else:
            new = model.make_node(SpikePool, node.name, {"pool": pool}, list(node.inputs), list(node.outputs))
            model.replace_node(node, new)
        return True


class RefuseStrangeBackend(OptimizerPass):
    """Refuse to go on with a backend that would leave the spiking layers out of what it writes."""

    def match(self, node: Layer) -> bool:
        """Match a spiking layer for whose kind the backend has no template, unless the backend is this project's own."""
        spiking = (DualThresholdFire, SpikingConv2D, SpikingDense, SpikePool, ScoresArgmax)
        backend = node.model.config.backend
        if (
            not isinstance(node, spiking)
            or backend is None
            or type(backend).__module__.startswith("hls_project.")
        ):
            return False
        kind = next(kind for kind in spiking if isinstance(node, kind)).__name__.lower()
        return f"{backend.name.lower()}:{kind}_function_template" not in get_backend_passes(backend.name)

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Raise.

        Raises:
            ConfigurationError: always; the message names the calls that build a core.
        """
        raise ConfigurationError(
            f"layer {node.name!r}: hls4ml's backend {model.config.backend.name} has no kernels of spiking layers and would write "
            "a core without them; call hls_project.targets.hls.convert.register() first (backend Vitis), take backend RTL, or "
            "let hls_project.convert write the whole project"
        )


def _only_producer(node: Layer) -> Layer | None:
    """Return the node that feeds `node`, if it feeds nothing else."""
    producer = node.get_input_node() if node.inputs else None
    return producer if producer is not None and len(producer.get_output_nodes()) == 1 else None


def _reads_spikes(node: Layer) -> bool:
    return _reads(node, is_spike)


def _reads(node: Layer, kind: Callable[[PrecisionType], bool]) -> bool:
    """Say whether the values that `node` reads, flattened or not, are of this kind."""
    source = node
    while True:
        source = source.get_input_node()
        if not isinstance(source, Reshape):
            return source is not None and kind(source.get_output_variable().type.precision)


def _thresholds_without_bias(fire: Layer, producer: Layer) -> Any:
    """Return the thresholds with the producer's bias moved into them: `Vm + b >= Vth` is `Vm >= Vth - b`."""
    bias = producer.get_attr("bias_data")
    return np.asarray(fire.get_attr("threshold_data")) - (
        0 if bias is None else np.asarray(bias).reshape(1, -1)
    )


def _replace_pair(
    model: ModelGraph, first: Layer, second: Layer, kind: type[Layer], name: str, attributes: dict[str, Any]
) -> None:
    """Replace two nodes in sequence by one. hls4ml's `remove_node` refuses nodes that change the tensor's size."""
    new = model.make_node(kind, name, attributes, [first.inputs[0]], list(second.outputs))
    del model.graph[first.name]
    model.replace_node(second, new)
