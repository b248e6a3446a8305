"""hls4ml layer `DualThresholdFire`: membrane potentials to one spike map for each threshold and kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from hls4ml.converters.onnx_to_hls import get_onnx_attribute, onnx_handler
from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute
from hls4ml.model.layers import Layer

from dt_scnn.errors import ConfigurationError
from hls_project.layers.types import IntArray, integer_array, precision_of, spike_precision


class DualThresholdFire(Layer):
    """Fire every kernel at each of its thresholds: `spike = (Vm >= Vth)`; a tie fires.

    Input `(..., C)` membrane potentials, output `(..., K * C)` spikes in block order `[Vth1 x C | Vth2 x C]`; the
    attribute `threshold_data` holds integer thresholds `(K, C)`, K = 2, or 1 for a conventional neuron.
    """

    _expected_attributes = [
        Attribute("n_pixels"),
        Attribute("n_chan"),
        Attribute("n_thresholds"),
        WeightAttribute("threshold"),
        TypeAttribute("threshold"),
    ]

    def initialize(self) -> None:
        """Derive the shapes and the threshold type."""
        shape = list(self.get_input_variable().shape)
        if self.get_attr("threshold_data") is None:
            self.set_attr("threshold_data", self.get_input_node(self.inputs[1]).get_attr("value"))
        thresholds = integer_array(self.name, "thresholds", self.get_attr("threshold_data"))
        add_thresholds(self, thresholds, kernels=shape[-1])
        self.set_attr("n_pixels", int(np.prod(shape[:-1], dtype=int)))
        self.set_attr("n_chan", int(shape[-1]))
        self.add_output_variable([*shape[:-1], thresholds.shape[0] * shape[-1]], precision=spike_precision())


def add_thresholds(layer: Layer, thresholds: IntArray, kernels: int) -> None:
    """Give `layer` its thresholds `(K, kernels)`, as the weight `threshold` and the attribute `n_thresholds`.

    Raises:
        ConfigurationError: wrong shape.
    """
    if thresholds.ndim != 2 or thresholds.shape[0] not in (1, 2) or thresholds.shape[1] != kernels:
        raise ConfigurationError(
            f"layer {layer.name!r}: thresholds must be (1, {kernels}) or (2, {kernels}), not {thresholds.shape}"
        )
    layer.set_attr("n_thresholds", int(thresholds.shape[0]))
    layer.add_weights_variable(
        name="threshold",
        var_name="vth{index}",
        data=thresholds.reshape(-1).astype(np.float64),
        precision=precision_of(thresholds),
    )


@onnx_handler("DualThresholdFire")
def parse_dual_threshold_fire(
    node: Any, input_names: list[str], input_shapes: Any, graph: Any
) -> dict[str, Any]:
    """Read the ONNX node; thresholds arrive as its second, constant, input."""
    layout = get_onnx_attribute(node, "data_layout", "NCHW")
    if layout != "NHWC" and len(input_shapes[0]) == 4:
        raise ConfigurationError(
            f"node {node.name!r}: data_layout must be 'NHWC', not {layout!r}; convert to channels-last"
        )
    return {
        "class_name": "DualThresholdFire",
        "name": node.name,
        "inputs": list(input_names),
        "outputs": list(node.output),
    }
