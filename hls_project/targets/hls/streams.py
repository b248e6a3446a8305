"""hls4ml pass that gives spike streams their bit-packed beat and every stream its depth."""

from __future__ import annotations

from typing import Any

from hls4ml.model.graph import ModelGraph
from hls4ml.model.layers import Layer
from hls4ml.model.optimizer import OptimizerPass
from hls4ml.model.types import TensorVariable

from hls_project.layers.dual_threshold_fire import DualThresholdFire
from hls_project.layers.scores_argmax import ScoresArgmax
from hls_project.layers.spike_pool import SpikePool
from hls_project.layers.spiking_conv2d import SpikingConv2D
from hls_project.layers.spiking_dense import SpikingDense
from hls_project.layers.types import is_spike

SPIKING_LAYERS = (DualThresholdFire, SpikingConv2D, SpikingDense, SpikePool, ScoresArgmax)


class PackSpikes(OptimizerPass):
    """Stream spikes as `nnet::spike_vector`, through a FIFO that holds one row of pixels.

    A pooled row comes as a burst, and a folded consumer takes it at its own pace while the next row is being pooled: one
    row of depth keeps the producer from stalling. hls4ml's default is a whole frame.
    """

    def match(self, node: Layer) -> bool:
        """Match a spiking layer whose output stream hls4ml has typed and this pass has not seen."""
        return (
            isinstance(node, SPIKING_LAYERS)
            and getattr(node.get_output_variable(), "pragma", None) is not None
            and not (node.get_attr("stream_packed", False))
        )

    def transform(self, model: ModelGraph, node: Layer) -> bool:
        """Set type and depth."""
        output: TensorVariable = node.get_output_variable()
        row = int(output.shape[1]) if len(output.shape) == 3 else 1
        output.pragma = ("stream", max(2, row))
        if is_spike(output.type.precision):
            output.type.__class__ = _with_spike_vector(type(output.type))
        node.set_attr("stream_packed", True)
        return False


def _with_spike_vector(base: type[Any]) -> type[Any]:
    """Return hls4ml's packed type with `nnet::spike_vector` for its definition."""

    def definition_cpp(self: Any) -> str:
        # hls4ml's header of types includes no header of a custom type.
        return f'#include "nnet_utils/nnet_spike_vector.h"\ntypedef nnet::spike_vector<{self.n_elem}> {self.name};\n'

    return type(base.__name__, (base,), {"definition_cpp": definition_cpp})
