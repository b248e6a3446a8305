"""One convolution or dense layer of a file, moved into integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hls_project.graph.exact import Rationals
from hls_project.graph.signals import Shape


@dataclass(frozen=True, eq=False)
class SourceLayer:
    """One convolution or dense layer, in integers, and where the file has its tensors.

    input_shape: (H, W, C) of the integer map that it reads; a dense layer reads its flattening.
    weights: integers `(kh, kw, Cin, Cout)`; kh x kw = H x W for a dense layer. bits: of their narrow range.
    scale: what one unit of Vm is in the file's tensor `vm`, for each kernel, in a file that runs as it is (`Network.plain`).
    thresholds: int64 `(K, Cout)` on the integer potentials, or None. pool: factor of the max-pooling after it, 1 for none.
    vm, spikes, pooled: names of the file's tensors.
    """

    kind: Literal["conv", "dense"]
    input_shape: Shape
    vm_shape: Shape
    weights: NDArray[np.int64]
    bits: int
    scale: Rationals
    stride: tuple[int, int]
    pads: tuple[int, int, int, int]
    vm: str
    thresholds: NDArray[np.int64] | None = None
    pool: int = 1
    spikes: str = ""
    pooled: str = ""

    @property
    def output_shape(self) -> Shape:
        """Return (H, W, C) of the integers after firing and pooling."""
        height, width, kernels = self.vm_shape
        maps = 1 if self.thresholds is None else len(self.thresholds)
        return height // self.pool, width // self.pool, maps * kernels
