"""C++ of the spiking layers for hls4ml's Vitis backend: configurations and calls of the kernels in `kernels/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.model.layers import Layer

from hls_project.layers.dual_threshold_fire import DualThresholdFire
from hls_project.layers.scores_argmax import ScoresArgmax
from hls_project.layers.spike_pool import SpikePool
from hls_project.layers.spiking_conv2d import SpikingConv2D
from hls_project.layers.spiking_dense import SpikingDense
from hls_project.targets.hls.layer_kernel import layer_kernel

KERNELS = Path(__file__).parent / "kernels"


class _Instance(NamedTuple):
    """A kernel of namespace nnet and the constants of its configuration."""

    function: str
    constants: dict[str, int]


class _Source(NamedTuple):
    """How a layer becomes C++. functions: those that may compute it, each with its header. types, arrays: that it has."""

    layer: type[Layer]
    functions: tuple[str, ...]
    instance: Callable[[Layer], _Instance]
    types: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()


def _folded(node: Layer) -> _Instance:
    kernel = layer_kernel(node)
    return _Instance(kernel.function, kernel.constants)


def _simple(function: str, *constants: str) -> Callable[[Layer], _Instance]:
    return lambda node: _Instance(function, {name: int(node.get_attr(name)) for name in constants})


_ROMS = ("weight", "threshold")
_SOURCES = (
    _Source(SpikingConv2D, ("spiking_conv2d", "folded_conv2d"), _folded, (*_ROMS, "vm"), _ROMS),
    _Source(SpikingDense, ("spiking_dense",), _folded, (*_ROMS, "vm"), _ROMS),
    _Source(
        DualThresholdFire,
        ("dual_threshold_fire",),
        _simple("dual_threshold_fire", "n_pixels", "n_chan", "n_thresholds"),
        ("threshold",),
        ("threshold",),
    ),
    _Source(SpikePool, ("spike_pool",), _simple("spike_pool", "in_height", "in_width", "pool")),
    _Source(ScoresArgmax, ("scores_argmax",), _simple("scores_argmax", "n_classes")),
)


def _config_template(source: _Source) -> type[LayerConfigTemplate]:
    class Config(LayerConfigTemplate):
        def __init__(self) -> None:
            super().__init__(source.layer)

        def format(self, node: Layer) -> str:
            function, constants = source.instance(node)
            lines = [f"struct config{node.index} : nnet::{function}_config {{"]
            lines.append(f"    static const unsigned layer = {node.index};")
            lines += [f"    static const unsigned {name} = {value};" for name, value in constants.items()]
            for name in source.types:
                if node.get_attr(f"{name}_t") is not None:
                    lines.append(f"    typedef {node.get_attr(f'{name}_t').name} {name}_t;")
            return "\n".join([*lines, "};", ""])

    return Config


def _call_template(source: _Source) -> type[FunctionCallTemplate]:
    class Call(FunctionCallTemplate):
        def __init__(self) -> None:
            headers = [f"nnet_utils/nnet_{function}.h" for function in source.functions]
            super().__init__(source.layer, include_header=headers)

        def format(self, node: Layer) -> str:
            call: dict[str, Any] = self._default_function_params(node)
            arrays = [node.weights[name].name for name in source.arrays if name in node.weights]
            arguments = ", ".join([call["input"], call["output"], *arrays])
            types = ", ".join((call["input_t"], call["output_t"], call["config"]))
            return f"nnet::{source.instance(node).function}<{types}>({arguments});"

    return Call


def register_templates(backend: Any) -> None:
    """Give an hls4ml backend of the Vivado family the C++ of every spiking layer and the kernels' headers."""
    for source in _SOURCES:
        backend.register_template(_config_template(source))
        backend.register_template(_call_template(source))
    for header in sorted(KERNELS.glob("*.h")):
        backend.register_source(header)
