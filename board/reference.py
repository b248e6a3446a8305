"""The network in numpy, on the processor: every membrane potential and spike of an image, and what the hardware is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Optional, Union

import numpy as np

from .errors import BoardError


class LayerMaps(NamedTuple):
    """One layer's maps of one image.

    vm: membrane potentials (H, W, C) int32. thresholds: (K, C) int32. spikes: (H, W, K * C) bool before pooling, all of
    `Vth1` first. Both are None for the layer of scores.
    """

    name: str
    vm: np.ndarray
    thresholds: Optional[np.ndarray]
    spikes: Optional[np.ndarray]


class _Layer(NamedTuple):
    name: str
    taps: np.ndarray
    thresholds: Optional[np.ndarray]
    stride: tuple[int, int]
    pads: tuple[int, int, int, int]
    pool: int


class Reference:
    """The integer network of `<model>.network.npz`.

    Its arrays: `layers`, the names in order; for each `<name>/weights` (kh, kw, Cin, Cout), `<name>/geometry` (stride down
    and across, padding top, left, bottom and right, pooling factor) and, where it fires, `<name>/thresholds` (K, Cout).
    A dense layer's kernel covers its map.
    """

    def __init__(self, path: Union[str, Path]):
        """Read the file.

        Raises:
            BoardError: it is missing, damaged or something else.
        """
        try:
            with np.load(str(path), allow_pickle=False) as arrays:
                self._layers = [_read(arrays, str(name)) for name in arrays["layers"]]
        except Exception as error:  # a damaged archive can raise nearly anything
            raise BoardError(
                f"{path} is not the network of an overlay: {error!r}; copy all files of an overlay together"
            ) from error

    def maps(self, image: np.ndarray) -> list[LayerMaps]:
        """Return every layer's maps of one image, uint8 (H, W, C)."""
        # Every partial sum is an integer below 2^24, which the conversion checked: float32 is exact.
        inputs, found = image.astype(np.float32), []
        for layer in self._layers:
            vm = _convolve(inputs, layer)
            if layer.thresholds is None:
                found.append(LayerMaps(layer.name, vm.astype(np.int32), None, None))
                break
            spikes = np.concatenate([vm >= threshold for threshold in layer.thresholds], axis=2)
            found.append(LayerMaps(layer.name, vm.astype(np.int32), layer.thresholds, spikes))
            inputs = _pooled(spikes, layer.pool).astype(np.float32)
        return found

    def scores(self, image: np.ndarray) -> np.ndarray:
        """Return the int32 scores (classes,) of one image, uint8 (H, W, C)."""
        return self.maps(image)[-1].vm.reshape(-1)


def _read(arrays: np.lib.npyio.NpzFile, name: str) -> _Layer:
    stride_down, stride_across, top, left, bottom, right, pool = (int(n) for n in arrays[f"{name}/geometry"])
    thresholds = arrays[f"{name}/thresholds"] if f"{name}/thresholds" in arrays.files else None
    taps = arrays[f"{name}/weights"].astype(np.float32)
    return _Layer(name, taps, thresholds, (stride_down, stride_across), (top, left, bottom, right), pool)


def _convolve(inputs: np.ndarray, layer: _Layer) -> np.ndarray:
    top, left, bottom, right = layer.pads
    padded = np.pad(inputs, ((top, bottom), (left, right), (0, 0)))
    kernel_height, kernel_width, _, kernels = layer.taps.shape
    down, across = layer.stride
    height = (padded.shape[0] - kernel_height) // down + 1
    width = (padded.shape[1] - kernel_width) // across + 1
    vm = np.zeros((height, width, kernels), np.float32)
    for row in range(kernel_height):
        for column in range(kernel_width):
            seen = padded[row : row + down * height : down, column : column + across * width : across]
            vm += seen[:height, :width] @ layer.taps[row, column]
    return vm


def _pooled(spikes: np.ndarray, factor: int) -> np.ndarray:
    height, width, channels = spikes.shape
    rows, columns = height // factor, width // factor
    whole = spikes[: rows * factor, : columns * factor]
    return whole.reshape(rows, factor, columns, factor, channels).any(axis=(1, 3))
