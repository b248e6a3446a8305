"""C++ of the spiking layers for hls4ml's Vitis backend: configurations and calls of the kernels in `kernels/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.model.layers import Layer

from hls_project.layers.dual_threshold_fire import DualThresholdFire
from hls_project.layers.scores_argmax import ScoresArgmax
from hls_project.layers.spike_pool import SpikePool
from hls_project.layers.spiking_conv2d import GEOMETRY, SpikingConv2D
from hls_project.layers.spiking_dense import SpikingDense

KERNELS = Path(__file__).parent / "kernels"


class _Kernel:
    """What a layer's C++ consists of: a function, its constants, its types and its arrays."""

    def __init__(
        self,
        layer: type[Layer],
        function: str,
        constants: dict[str, str],
        types: tuple[str, ...],
        arrays: tuple[str, ...],
    ) -> None:
        self.layer, self.function, self.constants, self.types, self.arrays = (
            layer,
            function,
            constants,
            types,
            arrays,
        )


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


# For each kernel: C++ constant -> layer attribute.
_CONV = {
    **_same(*GEOMETRY, "n_thresholds", "pool", "reuse_factor"),
    "out_height": "vm_height",
    "out_width": "vm_width",
}
_DENSE = _same("n_pixels", "n_chan", "n_out", "n_thresholds", "reuse_factor")
_FIRE = _same("n_pixels", "n_chan", "n_thresholds")

_KERNELS = (
    _Kernel(SpikingConv2D, "spiking_conv2d", _CONV, ("weight", "threshold", "vm"), ("weight", "threshold")),
    _Kernel(SpikingDense, "spiking_dense", _DENSE, ("weight", "threshold", "vm"), ("weight", "threshold")),
    _Kernel(DualThresholdFire, "dual_threshold_fire", _FIRE, ("threshold",), ("threshold",)),
    _Kernel(SpikePool, "spike_pool", _same("in_height", "in_width", "pool"), (), ()),
    _Kernel(ScoresArgmax, "scores_argmax", _same("n_classes"), (), ()),
)


def _config_template(kernel: _Kernel) -> type[LayerConfigTemplate]:
    class Config(LayerConfigTemplate):
        def __init__(self) -> None:
            super().__init__(kernel.layer)

        def format(self, node: Layer) -> str:
            lines = [f"struct config{node.index} : nnet::{kernel.function}_config {{"]
            lines.append(f"    static const unsigned layer = {node.index};")
            for constant, attribute in kernel.constants.items():
                lines.append(f"    static const unsigned {constant} = {int(node.get_attr(attribute))};")
            for name in kernel.types:
                if node.get_attr(f"{name}_t") is not None:
                    lines.append(f"    typedef {node.get_attr(f'{name}_t').name} {name}_t;")
            return "\n".join([*lines, "};", ""])

    return Config


def _call_template(kernel: _Kernel) -> type[FunctionCallTemplate]:
    class Call(FunctionCallTemplate):
        def __init__(self) -> None:
            super().__init__(kernel.layer, include_header=[f"nnet_utils/nnet_{kernel.function}.h"])

        def format(self, node: Layer) -> str:
            call: dict[str, Any] = self._default_function_params(node)
            arrays = [node.weights[name].name for name in kernel.arrays if name in node.weights]
            arguments = ", ".join([call["input"], call["output"], *arrays])
            types = ", ".join((call["input_t"], call["output_t"], call["config"]))
            return f"nnet::{kernel.function}<{types}>({arguments});"

    return Call


def register_templates(backend: Any) -> None:
    """Give an hls4ml backend of the Vivado family the C++ of every spiking layer and the kernels' headers."""
    for kernel in _KERNELS:
        backend.register_template(_config_template(kernel))
        backend.register_template(_call_template(kernel))
    for header in sorted(KERNELS.glob("*.h")):
        backend.register_source(header)
