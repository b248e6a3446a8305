"""Quantization-aware training of dual-threshold spiking CNNs, exported as QONNX.

`export` writes any module of Brevitas layers, batch norm, pooling and `ThresholdFire` as a QONNX file. Both names are imported
when they are asked for: torch takes seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quant_train.neurons import ThresholdFire
    from quant_train.own_module import export

__all__ = ["ThresholdFire", "export"]


def __getattr__(name: str) -> Any:
    if name == "ThresholdFire":
        from quant_train.neurons import ThresholdFire

        return ThresholdFire
    if name == "export":
        from quant_train.own_module import export

        return export
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
