from __future__ import annotations

from pathlib import Path

from hls_project.compare.curves import Curve, read


def write(folder: Path, version: int, rows: str) -> None:
    place = folder / "csv" / f"version_{version}"
    place.mkdir(parents=True)
    (place / "metrics.csv").write_text("epoch,loss,step,test_accuracy\n" + rows)


def test_the_logs_of_a_resumed_training_are_one_curve(tmp_path: Path) -> None:
    write(tmp_path, 2, "1,,20,0.6\n1,0.5,20,\n2,,30,0.75\n2,0.25,30,\n")
    write(tmp_path, 10, "3,,40,0.875\n3,0.125,40,\n")  # ten comes after two
    write(tmp_path, 0, "0,,10,0.5\n0,1.0,10,\n1,,20,0.1\n")  # killed before the epoch's loss was there
    write(tmp_path / "stage_one", 0, "0,2.0,10,\n0,,10,0.25\n")
    assert read(tmp_path) == (
        Curve("stage one", (1,), (2.0,), (0.25,)),
        Curve("stage two", (1, 2, 3, 4), (1.0, 0.5, 0.25, 0.125), (0.5, 0.6, 0.75, 0.875)),
    )


def test_a_network_that_was_not_trained_here_has_no_curves(tmp_path: Path) -> None:
    assert read(tmp_path / "train") == ()
    write(tmp_path, 0, "0,,10,0.5\n")
    assert read(tmp_path) == ()
