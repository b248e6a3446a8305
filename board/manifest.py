"""The manifest of an overlay: what the bitstream beside it computes, and how to know that it is the right one."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

import numpy as np

from .errors import BoardError, BuildMismatchError
from .preparation import DARK_ON_LIGHT, LIGHT_ON_DARK, Drawing

FORMAT = 1


class GoldenVectors(NamedTuple):
    """images: (N, H, W, C) uint8; labels: (N,) int64; scores: (N, classes) int32, exact."""

    images: np.ndarray
    labels: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Manifest:
    """The content of `<model>.json`.

    path: of the file. name: of the model. kind: "simulated", or "board" for a real one. target: rtl or hls. board: its
    name. part: as Vivado has it. clock_mhz: of the programmable logic. build_id: of core and shell, 64 bits. shape: (H, W, C)
    of an image. classes: their names, in the scores' order. bus_bits: width of the streams. frame_bytes: bytes of an image,
    without padding. result_words: 32-bit words of a result. golden: path and SHA-256 of the vectors. files: SHA-256 of the
    overlay's other files, by name. plan: the engine and folds of each layer, as the toolkit saved them; None in overlays that
    have none. drawing: what the data set's images look like, None where they are no drawings. model: SHA-256 of the QONNX
    file, "" in overlays that do not say it.
    """

    path: Path
    name: str
    kind: str
    target: str
    board: str
    part: str
    clock_mhz: float
    build_id: int
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    bus_bits: int
    frame_bytes: int
    result_words: int
    golden: tuple[str, str]
    files: Mapping[str, str]
    plan: Optional[Mapping[str, Any]] = None
    drawing: Optional[Drawing] = None
    model: str = ""

    @property
    def frame_stride(self) -> int:
        """Bytes of an image on the bus: padded to whole words."""
        word = self.bus_bits // 8
        return -(-self.frame_bytes // word) * word

    @staticmethod
    def load(path: Union[str, Path]) -> Manifest:
        """Read a manifest.

        Raises:
            BoardError: it is missing, or not what this driver understands.
        """
        path = Path(path)
        try:
            content = json.loads(path.read_text())
        except OSError as error:
            raise BoardError(
                f"{path}: the manifest is missing ({error.strerror}); copy .bit, .hwh, .json and .npz of an overlay together"
            ) from error
        except (ValueError, RecursionError) as error:
            raise BoardError(f"{path}: the manifest is damaged: {error}") from error
        try:
            return _parse(path, content)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise BoardError(f"{path}: not a manifest of format {FORMAT}: {error!r}") from error

    @property
    def network_file(self) -> Path:
        """The integer network, for `board.reference.Reference`."""
        return self.path.with_name(f"{self.name}.network.npz")

    def check_files(self) -> None:
        """Compare the overlay's files with the manifest.

        Raises:
            BuildMismatchError: one is missing or another one.
        """
        for name, digest in self.files.items():
            _check(self.path.with_name(name), digest)

    def golden_vectors(self) -> GoldenVectors:
        """Read the golden vectors.

        Raises:
            BuildMismatchError: they are missing or not the manifest's.
        """
        name, digest = self.golden
        path = self.path.with_name(name)
        _check(path, digest)
        try:
            with np.load(str(path), allow_pickle=False) as arrays:
                return GoldenVectors(arrays["images"], arrays["labels"], arrays["scores"])
        except Exception as error:  # a damaged archive can raise nearly anything
            raise BuildMismatchError(
                f"{path} holds no golden vectors: {error!r}; make the overlay again"
            ) from error

    def as_dict(self) -> dict[str, Any]:
        """Return what a user may want to read, as plain values."""
        return {
            "name": self.name,
            "model": self.model,
            "kind": self.kind,
            "target": self.target,
            "board": self.board,
            "part": self.part,
            "clock_mhz": self.clock_mhz,
            "build_id": f"{self.build_id:016x}",
            "shape": self.shape,
            "classes": self.classes,
            "drawing": None if self.drawing is None else self.drawing._asdict(),
            "folds": None if self.plan is None else self.plan.get("folds"),
        }


def _parse(path: Path, content: Any) -> Manifest:
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']!r}")
    height, width, channels = (int(size) for size in content["shape"])
    classes = tuple(str(name) for name in content["classes"])
    manifest = Manifest(
        path=path,
        name=str(content["name"]),
        kind=str(content["kind"]),
        target=str(content["target"]),
        board=str(content["board"]),
        part=str(content["part"]),
        clock_mhz=float(content["clock_mhz"]),
        build_id=int(content["build_id"], 16),
        shape=(height, width, channels),
        classes=classes,
        bus_bits=int(content["bus_bits"]),
        frame_bytes=int(content["frame_bytes"]),
        result_words=int(content["result_words"]),
        golden=(str(content["golden"]["file"]), str(content["golden"]["sha256"])),
        files={str(name): str(digest) for name, digest in content["files"].items()},
        plan=content["plan"] if isinstance(content.get("plan"), dict) else None,
        drawing=_drawing(content.get("drawing")),
        model=str(content.get("model", "")),
    )
    if min(manifest.shape) < 1:
        raise ValueError(f"shape {manifest.shape}")
    if not 0 < manifest.clock_mhz < math.inf or not 0 <= manifest.build_id < 1 << 64:
        raise ValueError(f"clock of {manifest.clock_mhz} MHz, build ID {manifest.build_id:#x}")
    if manifest.bus_bits not in (32, 64) or manifest.frame_bytes != height * width * channels:
        raise ValueError(f"{manifest.bus_bits} bits, {manifest.frame_bytes} bytes for {manifest.shape}")
    if manifest.result_words != len(classes) + 1:
        raise ValueError(f"{manifest.result_words} words for {len(classes)} classes")
    for name in (manifest.golden[0], *manifest.files, f"{manifest.name}.bit"):
        if Path(name).name != name or name in ("", "..") or "\0" in name:
            raise ValueError(f"{name!r} is not the name of a file beside the manifest")
    return manifest


def _drawing(content: Any) -> Optional[Drawing]:
    if content is None:
        return None
    if content["polarity"] not in (LIGHT_ON_DARK, DARK_ON_LIGHT) or int(content["box"]) < 1:
        raise ValueError(f"drawing {content!r}")
    return Drawing(str(content["polarity"]), int(content["box"]))


def _check(path: Path, digest: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BuildMismatchError(f"{path} is missing; copy all files of an overlay together") from error
    if found != digest:
        raise BuildMismatchError(
            f"{path} is not the file that {path.stem}'s manifest was made for: SHA-256 {found[:12]}..., not {digest[:12]}...; "
            "copy all files of an overlay together"
        )
