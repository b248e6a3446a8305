"""A small model, and a program that takes the place of Vivado."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import pytest

from hls_project.overlay import boards
from hls_project.overlay.bitstream import BitstreamOptions, bitstream
from hls_project.overlay.boards import Board
from hls_project.vendor.run import Limits
from hls_project.workspace.folder import Workspace, open_workspace
from tests import models

HERE = Path(__file__).parent
SPEC, SHAPE = "2C3-P2-FC3", (6, 6, 1)


@dataclass(frozen=True)
class Bench:
    """A workspace, and the fake tool that is told how to behave."""

    workspace: Workspace
    fake: Path
    phases: list[tuple[str, int, int]] = field(default_factory=list)

    def run(self, behaviour: str = "succeed", board: str | Board = "pynq-z2", **options: object) -> Path:
        found = boards.find(board) if isinstance(board, str) else board
        self.behave(
            behaviour, found.part.removeprefix("xc").rpartition("-")[0] if "7z" in found.part else found.part
        )
        options.setdefault("limits", Limits(60, 60))
        return bitstream(
            self.workspace,
            BitstreamOptions(board=found, **options),  # type: ignore[arg-type]
            lambda *phase: self.phases.append(phase),
        )

    def behave(self, behaviour: str, part: str = "7z020clg400") -> None:
        (self.fake / "behaviour").write_text(behaviour)
        (self.fake / "part").write_text(part)

    @property
    def runs(self) -> list[str]:
        """The Tcl files that the tool was given."""
        file = self.fake / "runs"
        return [line.split("\0")[-1] for line in file.read_text().splitlines()] if file.exists() else []


def install_vivado(folder: Path) -> Path:
    """Write the fake tool as an executable; return its path."""
    folder.mkdir(parents=True)
    program = folder / "vivado"
    program.write_text(f"#!{sys.executable} -S\n" + (HERE / "fake_vivado.py").read_text())
    program.chmod(0o755)
    (folder / "tests").write_text(str(HERE.parents[1]))
    return program


def write_model(folder: Path, seed: int = 0) -> Path:
    """Write a small model with a sample; return the QONNX file."""
    folder.mkdir()
    onnx.save(models.build(SPEC, SHAPE, seed=seed), folder / "small.onnx")
    np.savez(folder / "sample.npz", images=models.images(SHAPE, 5), labels=np.arange(5) % 3)
    return folder / "small.onnx"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    program = install_vivado(tmp_path / "tool [b] $c")
    monkeypatch.setenv("VIVADO", str(program))
    model = write_model(tmp_path / "model")
    return Bench(open_workspace(str(model), tmp_path / "build d"), program.parent)
