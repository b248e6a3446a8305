"""The compact notation of a network, such as `8C3-P2-16C3-P2-FC10`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dt_scnn.errors import ConfigurationError

MAX_KERNEL = 7


@dataclass(frozen=True)
class Conv:
    """Convolution with `kernels` kernels of size (rows, columns), each firing; 'same' padding unless `valid`."""

    kernels: int
    size: tuple[int, int]
    stride: int = 1
    valid: bool = False

    @property
    def padding(self) -> tuple[int, int]:
        """Zero padding on each side, as (rows, columns)."""
        return (0, 0) if self.valid else (self.size[0] // 2, self.size[1] // 2)


@dataclass(frozen=True)
class Pool:
    """`size` x `size` max-pooling of spikes: an OR."""

    size: int


@dataclass(frozen=True)
class Dense:
    """Dense layer of `units` outputs; every one but the last fires."""

    units: int


Layer = Conv | Pool | Dense

_CONV = re.compile(r"([1-9]\d*)C([1-9])(?:x([1-9]))?(?:s([1-9]))?(v?)")
_POOL = re.compile(r"P([1-9]\d*)")
_DENSE = re.compile(r"FC([1-9]\d*)")
_OPEN = "FC"
_KERNELS = re.compile(r"^\d+(?=C)|(?<=^FC)\d+")


def parse(spec: str) -> tuple[Layer, ...]:
    """Return the layers of `spec`.

    Tokens, joined by '-': `<kernels>C<rows>[x<columns>][s<stride>][v]` convolution with firing ('same' padding, or valid
    with v), `P<n>` pooling, `FC<n>` dense; the last token is `FC<classes>`, whose outputs are the scores, or `FC`, which leaves their
    number to the data and must be `completed` first.

    Raises:
        ConfigurationError: it is none; the message names the token and its position.
    """
    if spec.split("-")[-1] == _OPEN:
        raise ConfigurationError(
            f"network {spec!r}: its last layer leaves its size to the data, and there are none here; write FC10 for 10 classes"
        )
    layers: list[Layer] = []
    for position, token in enumerate(spec.split("-"), start=1):
        layers.append(_parse_token(token, f"network {spec!r}, token {position}"))
        flat = any(isinstance(layer, Dense) for layer in layers[:-1])
        if flat and not isinstance(layers[-1], Dense):
            raise ConfigurationError(
                f"network {spec!r}, token {position}: only FC can follow FC, not {token!r}"
            )
    if isinstance(layers[0], Pool):
        raise ConfigurationError(
            f"network {spec!r}, token 1: P pools spikes, so it cannot come before a convolution"
        )
    if not isinstance(layers[-1], Dense):
        raise ConfigurationError(f"network {spec!r} must end in FC<classes>, not {spec.split('-')[-1]!r}")
    return tuple(layers)


def completed(spec: str, classes: int) -> str:
    """Return `spec` with the number of classes in its last layer, where that is a bare `FC`."""
    return f"{spec}{classes}" if spec.split("-")[-1] == _OPEN else spec


def widened(spec: str, factor: int) -> str:
    """Return `spec` with `factor` times as many kernels and units in every layer that fires.

    Raises:
        ConfigurationError: as `parse`.
    """
    parse(completed(spec, 1))
    *firing, last = spec.split("-")
    return "-".join(
        [*(_KERNELS.sub(lambda match: f"{factor * int(match[0])}", token) for token in firing), last]
    )


def _parse_token(token: str, where: str) -> Layer:
    if match := _CONV.fullmatch(token):
        kernels, rows, columns, stride, valid = match.groups()
        size = (int(rows), int(columns or rows))
        if max(size) > MAX_KERNEL:
            raise ConfigurationError(
                f"{where}: kernels are at most {MAX_KERNEL} x {MAX_KERNEL}, not {token!r}"
            )
        if not valid and any(extent % 2 == 0 for extent in size):
            raise ConfigurationError(
                f"{where}: 'same' padding needs odd kernels, not {token!r}; append v for valid"
            )
        return Conv(int(kernels), size, int(stride or 1), bool(valid))
    if match := _POOL.fullmatch(token):
        return Pool(int(match[1]))
    if match := _DENSE.fullmatch(token):
        return Dense(int(match[1]))
    raise ConfigurationError(f"{where}: {token!r} is none of <kernels>C<size>[s<stride>][v], P<n>, FC<n>")
