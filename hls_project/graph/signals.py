"""What flows through a network between its nodes, in exact numbers: maps of integers, and membrane potentials."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from hls_project.graph.exact import Rationals
from hls_project.graph.scaling import Affine, Axes

Layout = Literal["NCHW", "NHWC"]
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Map:
    """Pixels or spikes: a channel of the file's tensor is `scale * (sum of its integers) + offset`.

    shape: (H, W, C) of the file's tensor before flattening. blocks: integer maps that a channel is the sum of; the integer
    map has `blocks * C` channels in block order. largest: of one integer, from 0 up. mean_of: (H, W) of the map whose mean
    this is, or None; the shape is then that of the map.
    """

    shape: Shape
    layout: Layout
    scale: Rationals
    offset: Rationals
    blocks: int = 1
    largest: int = 1
    flat: bool = False
    mean_of: tuple[int, int] | None = None

    @property
    def integer_shape(self) -> Shape:
        """Return (H, W, C) of the integers."""
        return self.shape[0], self.shape[1], self.blocks * self.shape[2]

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Return the shape of the file's tensor, for one image."""
        height, width = (1, 1) if self.mean_of else self.shape[:2]
        return _tensor_shape((height, width, self.shape[2]), self.layout, self.flat)

    @property
    def axes(self) -> Axes:
        """Return the axes of the file's tensor."""
        shape = self.tensor_shape
        if self.flat:
            return Axes(2, 1, shape[1])
        return Axes(4, 1 if self.layout == "NCHW" else 3, self.shape[2])

    def after(self, change: Affine) -> Map:
        """Return the map after a change of every channel."""
        scale = tuple(f * s for f, s in zip(change.factor, self.scale, strict=True))
        offset = tuple(f * o + a for f, o, a in zip(change.factor, self.offset, change.addend, strict=True))
        return replace(self, scale=scale, offset=offset)


@dataclass(frozen=True)
class Potential:
    """Membrane potentials of the last layer: a channel is `max(scale * Vm + offset, floor)` for integers Vm.

    shape: (H, W, C). floor: None without a ReLU. monotone: a pooling or a ReLU came, after which no factor may be negative.
    """

    shape: Shape
    layout: Layout
    scale: Rationals
    offset: Rationals
    floor: Rationals | None = None
    monotone: bool = False
    flat: bool = False

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Return the shape of the file's tensor, for one image."""
        return _tensor_shape(self.shape, self.layout, self.flat)

    @property
    def axes(self) -> Axes:
        """Return the axes of the file's tensor."""
        if self.flat:
            return Axes(2, 1, self.shape[2])
        return Axes(4, 1 if self.layout == "NCHW" else 3, self.shape[2])

    def after(self, change: Affine) -> Potential:
        """Return the potentials after a change of every channel; `monotone` ones take factors from 0 up."""
        scale = tuple(f * s for f, s in zip(change.factor, self.scale, strict=True))
        offset = tuple(f * o + a for f, o, a in zip(change.factor, self.offset, change.addend, strict=True))
        floor = None
        if self.floor is not None:
            floor = tuple(f * o + a for f, o, a in zip(change.factor, self.floor, change.addend, strict=True))
        return replace(self, scale=scale, offset=offset, floor=floor)

    def rectified(self) -> Potential:
        """Return the potentials after a ReLU."""
        zeros = (Fraction(0),) * self.shape[2]
        floor = zeros if self.floor is None else tuple(max(value, Fraction(0)) for value in self.floor)
        return replace(self, floor=floor, monotone=True)


def _tensor_shape(shape: Shape, layout: Layout, flat: bool) -> tuple[int, ...]:
    height, width, channels = shape
    if flat:
        return 1, height * width * channels
    return (1, channels, height, width) if layout == "NCHW" else (1, height, width, channels)
