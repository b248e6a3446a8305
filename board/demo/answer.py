"""What the hardware answers for one image, beside the maps of the same network on this processor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from ..manifest import Manifest
from ..reference import LayerMaps, Reference
from ..results import Classification


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer for one image.

    frame: uint8 (H, W, C), what the hardware was given. result: its label, scores and the seconds of the call. cycles: clock
    cycles of the hardware, first word in to last word out. mhz: its clock. simulated: whether a simulation took its place.
    classes: their names. truth: the image's class, if it is known. layers: membrane potentials and spikes of every layer. The
    hardware gives scores alone: these are of `board.reference.Reference`, empty where the overlay has no network file.
    """

    frame: np.ndarray
    result: Classification
    cycles: int
    mhz: float
    simulated: bool
    classes: tuple[str, ...]
    truth: Optional[str]
    layers: tuple[LayerMaps, ...]

    @property
    def expected(self) -> Optional[np.ndarray]:
        """The scores (classes,) int32 that come of `layers`, None where there are none."""
        return self.layers[-1].vm.reshape(-1) if self.layers else None

    @property
    def is_exact(self) -> Optional[bool]:
        """Whether the hardware's scores are those of `layers`, every one; None where there are none."""
        expected = self.expected
        return None if expected is None else bool(np.array_equal(self.result.scores, expected))

    def __repr__(self) -> str:
        compared = {None: "no maps", True: "every score equal", False: "SCORES DIFFER"}[self.is_exact]
        labelled = "" if self.truth is None else f", labelled {self.truth}"
        return f"<Answer {self.result.class_name}{labelled}; {self.cycles} cycles; {compared}>"

    def _repr_html_(self) -> str:
        """Return what Jupyter shows."""
        from .view import answer_html

        return answer_html(self)


def network_of(manifest: Manifest) -> Optional[Reference]:
    """Return the integer network of an overlay, None if the overlay came without it.

    Its digest is among those that `Manifest.check_files` has compared.
    """
    if manifest.network_file.name not in manifest.files:
        return None
    return Reference(manifest.network_file)


def ask(overlay: Any, network: Optional[Reference], frame: np.ndarray, truth: Optional[str] = None) -> Answer:
    """Return the answer of the hardware, and the maps of `network`, for `frame`, uint8 (H, W, C).

    Raises:
        BoardError: the hardware failed.
    """
    classifier = overlay.classifier
    result = classifier.classify(frame)
    return Answer(
        frame=frame,
        result=result,
        cycles=classifier.registers.read("LATENCY"),
        mhz=classifier.clock.mhz,
        simulated=classifier.manifest.kind == "simulated",
        classes=classifier.manifest.classes,
        truth=truth,
        layers=() if network is None else tuple(network.maps(frame)),
    )
