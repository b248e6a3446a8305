"""How many cycles each layer may take for a pixel without slowing the network down."""

from __future__ import annotations

from typing import NamedTuple


class Foldable(NamedTuple):
    """What folding needs to know of a layer.

    beats: input beats of one frame, padding steps included. divisible: its kernels (convolution) or input channels
    (dense), of which a reuse factor R computes `divisible / R` in each cycle.
    """

    name: str
    beats: int
    divisible: int

    def cycles(self, reuse_factor: int) -> int:
        """Return the cycles of one frame."""
        return self.beats * reuse_factor


def fold(layers: list[Foldable]) -> dict[str, int]:
    """Return the largest reuse factor of each layer that keeps the frame rate of the unfolded network.

    Layers run at the same time, each on another frame's or row's pixels, so the slowest alone sets the cycles of a
    frame; after pooling, layers have fewer pixels and may share hardware between kernels for free.
    """
    slowest = max((layer.beats for layer in layers), default=0)
    return {layer.name: _largest_divisor(layer.divisible, slowest // max(layer.beats, 1)) for layer in layers}


def _largest_divisor(of: int, at_most: int) -> int:
    return max(divisor for divisor in range(1, of + 1) if of % divisor == 0 and divisor <= max(at_most, 1))
