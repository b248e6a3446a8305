"""What a verb is given, as a script says it: a model, images and labels, a plan, and who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypedDict, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import write_npz
from dt_scnn.labels import class_numbers
from hls_project.plan.request import Request
from hls_project.workspace.folder import Workspace, open_proto, open_workspace
from hls_project.workspace.images import class_names, load_images, with_data

if TYPE_CHECKING:
    from onnx import ModelProto

Model: TypeAlias = Union[str, Path, "ModelProto"]
"""A name of the zoo or of a training, the path of a QONNX file, or the model itself."""

Images: TypeAlias = Union[NDArray[np.uint8], int, None]
"""uint8 (N, H, W, C), or (N, H, W) of one channel; a number of test images of the model's data set; None for its sample."""

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a stage, its units done, and all of them."""

Tell: TypeAlias = Callable[[str], None]
"""Called with a line for the user: which model, which plan."""

BUILD = Path("build")
"""Folder of all results, below the current one."""


class PlanWords(TypedDict, total=False):
    """What may be said of the plan. What is left out is as saved before, else of PYNQ-Z2 at 100 MHz, as fast as fits.

    board: a name or a JSON file; part: an FPGA in its place. clock_mhz: MHz. fps: images/s to reach with the least LUTs, or
    "max". budget: of the part, such as "70%" or "lut=70%,bram=90%". plan: a file with the folds of every layer.
    """

    board: str | Path | None
    part: str | None
    clock_mhz: float | None
    fps: float | str | None
    budget: str | None
    plan: str | Path | None


def silent(stage: str, done: int, total: int) -> None:
    """Hear of progress, and print nothing."""


def mute(line: str) -> None:
    """Hear a line, and print nothing."""


@contextmanager
def opened(model: Model, build: str | Path, tell: Tell) -> Iterator[Workspace]:
    """Give the workspace of a model, held for this process until the block ends, and tell which model it is.

    Raises:
        ConfigurationError: there is no such model, or another run goes on using its folder.
    """
    if isinstance(model, (str, Path)):
        workspace = open_workspace(str(model), Path(build))
    elif not hasattr(model, "SerializeToString"):
        raise ConfigurationError(
            f"a model is a name, a path or an onnx.ModelProto, not {type(model).__name__}"
        )
    else:
        workspace = open_proto(model, Path(build))
    try:
        tell(f"model: {workspace.origin}")
        if workspace.note:
            tell(workspace.note)
        yield workspace
    finally:
        workspace.release()


def check_seed(seed: int) -> None:
    """Check the seed of a simulation's traffic: the simulators take those of 32 bits, a thousand runs of each.

    Raises:
        ConfigurationError: it is below 0 or beyond.
    """
    if not 0 <= seed < 2**32:
        raise ConfigurationError(f"a seed is a whole number from 0 to {2**32 - 1:,}, not {seed}")


def request_of(words: PlanWords) -> Request:
    """Return what is asked of the plan.

    Raises:
        TypeError: a word is none of `PlanWords`.
    """
    if unknown := sorted(set(words) - set(PlanWords.__annotations__)):
        raise TypeError(f"unknown keywords {unknown}; a plan takes {list(PlanWords.__annotations__)}")
    board, budget = words.get("board"), words.get("budget")
    fps, plan = words.get("fps"), words.get("plan")
    return Request(
        None if board is None else str(board),
        words.get("part"),
        words.get("clock_mhz"),
        None if fps is None else str(fps),
        None if budget is None else str(budget),
        None if plan is None else Path(plan),
    )


def pictures(
    workspace: Workspace,
    images: Images,
    labels: ArrayLike | Sequence[str] | None,
    data: str | Path | None = None,
    data_root: str | Path | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return images (N, H, W, C) and labels (N,), if they are known, that fit the workspace's model.

    labels: of images that are given: (N,) numbers from 0 up, or names of the model's classes. data: a data set in place of
    the model's own, a name or a path; data_root: the folder of those with names.

    Raises:
        ConfigurationError: they do not fit, or there are none.
    """
    if images is None or isinstance(images, (int, np.integer)):
        if images is not None and images < 1:
            raise ConfigurationError(f"a number of images is from 1 up, not {images}")
        if labels is not None:
            raise ConfigurationError("labels are of images: give both, or none for the model's own")
        root = None if data_root is None else Path(data_root)
        if data is not None:
            workspace = with_data(workspace, str(data), images, root)
        return load_images(workspace, images, root)
    if data is not None:
        raise ConfigurationError(f"give images, or a data set to take them from ({data}), not both")
    from hls_project.graph.integer import integerize

    height, width, channels = integerize(workspace.model).input_shape
    array = np.asarray(images)
    if array.ndim == 3 and channels == 1:
        array = array[..., None]
    if array.dtype != np.uint8 or array.shape[1:] != (height, width, channels) or not len(array):
        raise ConfigurationError(
            f"images must be uint8 (N, {height}, {width}, {channels}), N > 0, not {array.dtype} {np.shape(images)}"
        )
    if labels is None:
        return array, None
    numbers = np.asarray(labels)
    if numbers.shape != (len(array),):
        raise ConfigurationError(f"labels must be ({len(array)},), one for each image, not {numbers.shape}")
    return array, class_numbers(Path("labels"), numbers, class_names(workspace))


def with_sample(
    workspace: Workspace,
    images: Images,
    labels: ArrayLike | Sequence[str] | None,
    data: str | Path | None = None,
) -> Workspace:
    """Return the workspace with images that are given as its sample, for an overlay's golden vectors.

    Raises:
        ConfigurationError: they do not fit the model, or there are none; that is said before minutes of building.
    """
    found, numbers = pictures(workspace, images, labels, data)
    if images is None and data is None:
        return workspace
    path = workspace.folder / "given.npz"
    write_npz(path, {"images": found} | ({} if numbers is None else {"labels": numbers}))
    return replace(workspace, sample=path)
