"""The ONNX domain of the firing operator.

qonnx finds the operators of a domain by importing the domain's name, so this package's import path is the
domain `hls_project.qonnx` and its `__all__` lists the operators. qonnx itself is imported only when an
operator is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hls_project.qonnx.channels_last import FireToChannelsLast
    from hls_project.qonnx.dual_threshold_fire import DualThresholdFire

DOMAIN: Final = __name__

__all__ = ["DOMAIN", "DualThresholdFire", "FireToChannelsLast"]


def __getattr__(name: str) -> Any:
    if name == "DualThresholdFire":
        from hls_project.qonnx.dual_threshold_fire import DualThresholdFire

        return DualThresholdFire
    if name == "FireToChannelsLast":
        from hls_project.qonnx.channels_last import FireToChannelsLast

        return FireToChannelsLast
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
