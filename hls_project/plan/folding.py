"""How many cycles each layer may take for a pixel without slowing the network down."""

from __future__ import annotations

from typing import NamedTuple


class Foldable(NamedTuple):
    """What folding needs to know of a layer.

    beats: input beats of one frame, padding steps included. divisible: what a reuse factor R computes `divisible / R` of
    in each cycle: its kernels (convolution), its input channels (dense), or 1 if it does not fold. windows: the beats
    that take R cycles, the others taking one; None for all.
    """

    name: str
    beats: int
    divisible: int
    windows: int | None = None

    def cycles(self, reuse_factor: int) -> int:
        """Return the cycles of one frame."""
        windows = self.beats if self.windows is None else self.windows
        return self.beats + (reuse_factor - 1) * windows


def fold(layers: list[Foldable]) -> dict[str, int]:
    """Return the largest reuse factor of each layer that keeps the frame rate of the unfolded network.

    Layers run at the same time, each on another frame's or row's pixels, so the slowest alone sets the cycles of a
    frame; after pooling, layers have fewer pixels and may share hardware between kernels for free.
    """
    slowest = max((layer.beats for layer in layers), default=0)
    return {layer.name: _largest(layer, slowest) for layer in layers}


def _largest(layer: Foldable, cycles: int) -> int:
    divisors = (factor for factor in range(1, layer.divisible + 1) if layer.divisible % factor == 0)
    return max(factor for factor in divisors if factor == 1 or layer.cycles(factor) <= cycles)
