"""hls4ml layer `SpikingDense`: a dense layer that adds up a frame's spikes as they stream in."""

from __future__ import annotations

import numpy as np
from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute
from hls4ml.model.layers import Layer

from hls_project.graph.bounds import Window
from hls_project.layers.dual_threshold_fire import add_thresholds
from hls_project.layers.membrane import add_membrane_type, add_weights
from hls_project.layers.types import integer_array, spike_precision, unsigned_input_bits


class SpikingDense(Layer):
    """Add the weights of the spikes of a whole frame to each output; with thresholds, fire; without, output scores.

    Input `(H, W, C)` or `(C,)`, flattened in stream order; output `(K * n_out,)` spikes, or `(n_out,)` scores without
    `threshold_data`. `weight_data` holds integers `(H * W * C, n_out)`. How the layer is folded is its hardware
    target's, from the attributes `engine`, `pe`, `simd`.
    """

    _expected_attributes = [
        Attribute("n_pixels"),
        Attribute("n_chan"),
        Attribute("n_out"),
        Attribute("n_thresholds"),
        WeightAttribute("weight"),
        TypeAttribute("weight"),
        TypeAttribute("vm"),
    ]

    def initialize(self) -> None:
        """Derive shapes and exact types.

        Raises:
            ConfigurationError: the kernel could not compute this layer exactly; the message says why.
        """
        unsigned_input_bits(self)
        shape = [int(size) for size in self.get_input_variable().shape]
        weights = integer_array(self.name, "weights", self.get_attr("weight_data"))
        outputs = int(weights.shape[1])
        self.set_attr("n_pixels", int(np.prod(shape[:-1], dtype=int)))
        self.set_attr("n_chan", shape[-1])
        self.set_attr("n_out", outputs)
        add_weights(self, weights)
        whole = (1, self.get_attr("n_pixels"))
        vm = add_membrane_type(self, weights.reshape(*whole, shape[-1], outputs), Window(whole, whole))
        if self.get_attr("threshold_data") is None:
            self.set_attr("n_thresholds", 0)
            self.add_output_variable([outputs], precision=vm)
        else:
            thresholds = integer_array(self.name, "thresholds", self.get_attr("threshold_data"))
            add_thresholds(self, thresholds, outputs)
            self.add_output_variable([thresholds.shape[0] * outputs], precision=spike_precision())
