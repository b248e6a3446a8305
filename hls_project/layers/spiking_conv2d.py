"""hls4ml layer `SpikingConv2D`: convolution, firing and spike pooling in one pass."""

from __future__ import annotations

from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute
from hls4ml.model.layers import Layer

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import Window
from hls_project.layers.dual_threshold_fire import add_thresholds
from hls_project.layers.membrane import add_membrane_type, add_weights
from hls_project.layers.types import integer_array, spike_precision, unsigned_input_bits

GEOMETRY = (
    "in_height",
    "in_width",
    "n_chan",
    "filt_height",
    "filt_width",
    "n_filt",
    "stride_height",
    "stride_width",
    "pad_top",
    "pad_bottom",
    "pad_left",
    "pad_right",
)


class SpikingConv2D(Layer):
    """Convolve spikes or pixels, fire each kernel's one membrane potential at every threshold, OR-pool the spikes.

    Input `(H, W, Cin)`, output `(H', W', K * n_filt)` spikes. Attributes: the geometry (`GEOMETRY`), `pool` (1: none),
    `weight_data` integers `(kh, kw, Cin, n_filt)`, `threshold_data` integers `(K, n_filt)`. How the layer is
    folded is its hardware target's, from the attributes `engine`, `pe`, `simd`, `mmv`.
    """

    _expected_attributes = [
        *(Attribute(name) for name in GEOMETRY),
        Attribute("vm_height"),
        Attribute("vm_width"),
        Attribute("pool"),
        Attribute("n_thresholds"),
        WeightAttribute("weight"),
        WeightAttribute("threshold"),
        TypeAttribute("weight"),
        TypeAttribute("threshold"),
        TypeAttribute("vm"),
    ]

    def initialize(self) -> None:
        """Check the geometry and derive shapes and exact types.

        Raises:
            ConfigurationError: the kernel could not compute this layer exactly; the message says why.
        """
        unsigned_input_bits(self)
        weights = integer_array(self.name, "weights", self.get_attr("weight_data"))
        thresholds = integer_array(self.name, "thresholds", self.get_attr("threshold_data"))
        window = self._window()
        height, width = window.output()
        pool, kernels = int(self.get_attr("pool")), int(self.get_attr("n_filt"))
        if pool > min(height, width):
            raise ConfigurationError(
                f"layer {self.name!r}: a {pool} x {pool} pool does not fit a {height} x {width} map"
            )
        self.set_attr("vm_height", height)
        self.set_attr("vm_width", width)
        add_weights(self, weights)
        add_thresholds(self, thresholds, kernels)
        add_membrane_type(self, weights, window)
        self.add_output_variable(
            [height // pool, width // pool, thresholds.shape[0] * kernels], precision=spike_precision()
        )

    def _window(self) -> Window:
        """Return the checked geometry."""

        def pair(what: str) -> tuple[int, int]:
            return int(self.get_attr(f"{what}_height")), int(self.get_attr(f"{what}_width"))

        top, left, bottom, right = (
            int(self.get_attr(f"pad_{side}")) for side in ("top", "left", "bottom", "right")
        )
        window = Window(pair("in"), pair("filt"), pair("stride"), (top, left, bottom, right))
        for axis, total, size in zip(
            ["rows", "columns"], (top + bottom, left + right), window.kernel, strict=True
        ):
            if total >= size:
                raise ConfigurationError(
                    f"layer {self.name!r}: a kernel of {size} {axis} takes less than {size} {axis} of padding, not {total}: "
                    "a window would lie in padding alone"
                )
        if (self.get_attr("dilation_height", 1), self.get_attr("dilation_width", 1)) != (1, 1):
            raise ConfigurationError(f"layer {self.name!r}: dilated convolution is not supported")
        if 0 in window.output():
            raise ConfigurationError(f"layer {self.name!r}: the kernel is larger than the padded image")
        return window
