"""Faults on the board: of the driver, on hardware that answers at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.board import instant
from tests.docs.faults.fault import Fault, raised


def loaded(use: Callable[[Any], object]) -> Callable[[Path], str]:
    """Return an act: use a loaded overlay."""

    def act(folder: Path) -> str:
        from board.overlay import DTSCNNOverlay

        bitstream = instant.overlay(folder)
        with DTSCNNOverlay(bitstream, device=instant.instant_board(bitstream)) as overlay:
            return raised(lambda: use(overlay))

    return act


def loading(spoil: Callable[[Path], object], **options: object) -> Callable[[Path], str]:
    """Return an act: load an overlay that `spoil` has spoilt."""

    def act(folder: Path) -> str:
        from board.overlay import DTSCNNOverlay

        instant.overlay(folder)
        spoil(folder)
        return raised(lambda: DTSCNNOverlay(folder / "net.bit", **options))

    return act


def manifest(**changes: object) -> Callable[[Path], str]:
    """Return an act: load an overlay whose manifest has other values."""

    def spoil(folder: Path) -> None:
        path = folder / "net.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return loading(spoil)


def _closed(folder: Path) -> str:
    from board.overlay import DTSCNNOverlay

    bitstream = instant.overlay(folder)
    with DTSCNNOverlay(bitstream, device=instant.instant_board(bitstream)) as overlay:
        pass
    return raised(lambda: overlay.classify(np.zeros((28, 28, 1), np.uint8)))


def _another_build(folder: Path) -> str:
    from board.overlay import DTSCNNOverlay

    bitstream = instant.overlay(folder)
    device = instant.instant_board(bitstream)
    instant.overlay(folder, build_id="f" * 16)
    return raised(lambda: DTSCNNOverlay(bitstream, device=device))


def _no_picture(overlay: Any) -> object:
    Path("digit.png").write_text("digit")
    return overlay.classify("digit.png")


def _no_network(folder: Path) -> str:
    from board.reference import Reference

    (folder / "net.network.npz").write_bytes(b"PK\3\4")
    return raised(lambda: Reference(folder / "net.network.npz"))


BOARD = [
    Fault("An overlay that is not there", loading(lambda f: [path.unlink() for path in f.iterdir()])),
    Fault("A simulated board's overlay on a real one", loading(lambda f: None)),
    Fault("A manifest that is not there", loading(lambda f: (f / "net.json").unlink())),
    Fault("A manifest that is damaged", loading(lambda f: (f / "net.json").write_text("{"))),
    Fault("A manifest of another format", manifest(format=2)),
    Fault("A manifest that contradicts itself", manifest(frame_bytes=783)),
    Fault("A manifest that names a file elsewhere", manifest(files={"../../etc/passwd": ""})),
    Fault("A bitstream of another build", loading(lambda f: (f / "net.bit").write_bytes(b"other"))),
    Fault("A file of the overlay that is missing", loading(lambda f: (f / "net.bit").unlink())),
    Fault("Another bitstream is loaded", _another_build),
    Fault("An image of another size", loaded(lambda overlay: overlay.classify(np.zeros((32, 32, 1), np.uint8)))),
    Fault("An image of floats", loaded(lambda overlay: overlay.classify(np.zeros((28, 28, 1))))),
    Fault("A list in place of an image", loaded(lambda overlay: overlay.classify([[0] * 28] * 28))),
    Fault("A picture that is none", loaded(_no_picture)),
    Fault("A preparation that there is not", loaded(lambda overlay: overlay.classify(np.zeros((40, 40), np.uint8), prepare="photo"))),
    Fault("A preparation for drawings, and a network of other images", loaded(lambda overlay: overlay.classify(np.zeros((40, 40), np.uint8), prepare="digit"))),
    Fault("Images of two shapes", loaded(lambda overlay: overlay.predict(np.zeros((3, 28, 27, 1), np.uint8)))),
    Fault("An overlay that was closed", _closed),
    Fault("An integer network that is damaged", _no_network),
]  # fmt: skip
