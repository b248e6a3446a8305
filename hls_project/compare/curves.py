"""Training curves, read from the logs that `train` leaves."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Curve:
    """Loss and accuracy after each epoch of one stage; accuracy: of the test images, or of those held out, as a share."""

    stage: str
    epochs: tuple[int, ...]
    loss: tuple[float, ...]
    accuracy: tuple[float, ...]


def read(training: Path) -> tuple[Curve, ...]:
    """Return the curves in a training's folder, stage one first; none where it was not trained here."""
    places = {"stage one": training / "stage_one", "stage two": training}
    curves = (_read(stage, folder) for stage, folder in places.items())
    return tuple(curve for curve in curves if curve is not None)


def _read(stage: str, folder: Path) -> Curve | None:
    """Join the logs of all runs; an epoch that was run again counts as the later run has it."""
    values: dict[int, dict[str, float]] = {}
    logs = sorted(
        folder.glob("csv/version_*/metrics.csv"), key=lambda path: int(path.parent.name.split("_")[1])
    )
    for path in logs:
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                for name, value in row.items():
                    if value and (name == "loss" or name.endswith("accuracy")):
                        key = "loss" if name == "loss" else "accuracy"
                        values.setdefault(int(row["epoch"]), {})[key] = float(value)
    whole = {epoch: row for epoch, row in sorted(values.items()) if len(row) == 2}
    if not whole:
        return None
    return Curve(
        stage,
        tuple(epoch + 1 for epoch in whole),
        tuple(row["loss"] for row in whole.values()),
        tuple(row["accuracy"] for row in whole.values()),
    )
