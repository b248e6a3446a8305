"""Quantization-aware training of dual-threshold spiking CNNs, exported as QONNX.

`train` trains by a recipe, or any module of Brevitas layers, batch norm, pooling and `ThresholdFire`; `export` writes such a module as a
QONNX file; `load_data` reads a data set. The names are imported when they are asked for: torch takes seconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quant_train.config import NetworkConfig, Recipe, StageOneConfig, TrainingConfig
    from quant_train.data import DataConfig, Dataset, load_data
    from quant_train.library import train
    from quant_train.neurons import ThresholdFire
    from quant_train.own_module import export

__all__ = [
    "DataConfig",
    "Dataset",
    "NetworkConfig",
    "Recipe",
    "StageOneConfig",
    "ThresholdFire",
    "TrainingConfig",
    "export",
    "load_data",
    "train",
]

_PLACES = {
    **dict.fromkeys(("NetworkConfig", "Recipe", "StageOneConfig", "TrainingConfig"), "config"),
    **dict.fromkeys(("DataConfig", "Dataset", "load_data"), "data"),
    "ThresholdFire": "neurons",
    "export": "own_module",
    "train": "library",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
