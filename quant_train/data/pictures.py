"""Pictures of a data set: their common size, and their pixels by the rule that the driver has too (`board.pictures`)."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from board.errors import BoardError
from board.pictures import fitted, header, read
from dt_scnn.archives import MOST_BYTES
from dt_scnn.errors import ConfigurationError
from quant_train.data.config import DataConfig
from quant_train.data.kept import kept

Shape = tuple[int, int, int]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def common_shape(root: Path, files: Sequence[Path], config: DataConfig) -> Shape:
    """Return (H, W, C): what `config` says, and, of what it does not, what all pictures are.

    Raises:
        ConfigurationError: one cannot be read, or they differ; the message names one and says what to write.
    """
    if config.size is not None and config.channels is not None:
        return (*config.size, config.channels)
    headers = _each(files, header)
    size = config.size or _common_size(root, files, [size for size, _ in headers])
    channels = config.channels or _common_channels(files, [channels for _, channels in headers])
    return (*size, channels)


def decoded(files: Sequence[Path], shape: Shape) -> NDArray[np.uint8]:
    """Return the pixels of pictures, uint8 (N, H, W, C), cut and scaled to `shape` (H, W, C).

    Raises:
        ConfigurationError: one cannot be read, or all together are more than this project holds in memory.
    """
    height, width, channels = shape
    if len(files) * height * width * channels > MOST_BYTES:
        raise ConfigurationError(
            f"{len(files):,} pictures of {height} x {width} pixels are more than {MOST_BYTES >> 30} GiB; give a smaller size = "
            "[H, W] under [data] in the recipe, such as size = [32, 32]"
        )

    def decode() -> NDArray[np.uint8]:
        images = np.empty((len(files), *shape), np.uint8)

        def one(index: int) -> None:
            images[index] = fitted(read(files[index], channels), (height, width))

        _each(range(len(files)), one)
        return images

    return kept(files, shape, decode)


def _each(items: Sequence[_Item], work: Callable[[_Item], _Result]) -> list[_Result]:
    """Return what `work` makes of each item, in order; Pillow lets other threads run while it decodes.

    Raises:
        ConfigurationError: it fails for some; the message has the first.
    """

    def attempt(item: _Item) -> _Result | BoardError:
        try:
            return work(item)
        except BoardError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(attempt, items))
    failures = [result for result in results if isinstance(result, BoardError)]
    if failures:
        more = f" ({len(failures) - 1:,} more cannot be read either)" if len(failures) > 1 else ""
        raise ConfigurationError(
            f"{failures[0]}{more}; save it again as PNG or JPEG, or move it out of the data set"
        )
    return [result for result in results if not isinstance(result, BoardError)]


def _common_size(root: Path, files: Sequence[Path], sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    counts = Counter(sizes)
    ((height, width), most), *others = counts.most_common()
    if not others:
        return height, width
    ask = (
        f"say what the network takes: size = [{height}, {width}] under [data] in the recipe, or size=({height}, {width}); the "
        "middle of each picture is then cut out and scaled"
    )
    odd = next(index for index, size in enumerate(sizes) if size != (height, width))
    named = f"{files[odd]} has {sizes[odd][0]} x {sizes[odd][1]} pixels"
    if len(files) - most == 1:
        raise ConfigurationError(
            f"{named}, all {most:,} others have {height} x {width}; replace it, or {ask}"
        )
    raise ConfigurationError(
        f"{root}: its {len(files):,} pictures have {len(counts):,} sizes, from {_text(min(counts))} to {_text(max(counts))}, "
        f"most often {height} x {width} ({most:,}); {named}; {ask}"
    )


def _common_channels(files: Sequence[Path], channels: Sequence[int]) -> int:
    if len(set(channels)) == 1:
        return channels[0]
    grey, colour = channels.count(1), channels.count(3)
    raise ConfigurationError(
        f"{files[channels.index(1)]} is grey like {grey:,} pictures, and {files[channels.index(3)]} is in colour like {colour:,}; say "
        "what the network takes: channels = 1 for grey or channels = 3 for RGB under [data] in the recipe, or channels=1 or 3"
    )


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
