"""A small hls4ml project, and programs that take the place of Vitis HLS."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hls_project.cosimulation.vitis import Limits, VitisHls, VitisReport, cosim

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bench:
    """A project, images and golden scores, and the fake tool that is told how to behave."""

    project: Path
    output: Path
    tool: VitisHls
    images: NDArray[np.uint8]
    scores: NDArray[np.int32]
    phases: list[tuple[str, int, int]]

    @property
    def fake(self) -> Path:
        return Path(self.tool.program).parent

    @property
    def solution(self) -> Path:
        return self.project / "dtscnn_prj" / "solution1"

    def run(
        self,
        behaviour: str,
        limits: Limits | None = None,
        random_stall: bool = False,
        release: str = "2023.2",
    ) -> VitisReport:
        (self.fake / "behaviour").write_text(behaviour)
        (self.fake / "release").write_text(release)
        return cosim(
            self.project,
            self.images,
            self.scores,
            self.scores.shape[1],
            self.output,
            limits or Limits(20, 20),
            lambda *phase: self.phases.append(phase),
            self.tool,
            random_stall,
        )


def write_project(project: Path) -> Path:
    """Write the files that the Tcl reads."""
    for name in ("firmware/dtscnn.cpp", "dtscnn_test.cpp", "firmware/weights/w.h", "tb_data/golden.bin"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("")
    (project / "steps.json").write_text('{"conv0": 841, "dense0": 49}')
    (project / "project.tcl").write_text(
        'variable project_name\nset project_name "dtscnn"\nvariable backend\nset backend "vitis"\n'
        'variable part\nset part "xc7z020clg400-1"\nvariable clock_period\nset clock_period 10.0\n'
        "variable clock_uncertainty\nset clock_uncertainty 27%\n"
        'variable version\nset version "1.0.0"\nvariable maximum_size\nset maximum_size 4096\n'
    )
    return project


def install(folder: Path, name: str) -> str:
    """Write the fake tool as an executable."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!{sys.executable} -S\n" + (HERE / "fake_vitis.py").read_text())
    program.chmod(0o755)
    shutil.copy(HERE / "release.tcl", folder)
    return str(program)


@pytest.fixture(params=["vitis-run", "vitis_hls"])
def either(request: pytest.FixtureRequest, bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of(request.param)


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("vitis-run")


@pytest.fixture
def bench_of(tmp_path: Path) -> Callable[[str], Bench]:
    def make(name: str) -> Bench:
        random = np.random.default_rng(3)
        return Bench(
            write_project(tmp_path / "a [b] $c {d" / "hls"),
            tmp_path / "reports",
            VitisHls(install(tmp_path / "bin", name), name == "vitis-run"),
            random.integers(0, 256, (3, 4, 5, 2), np.uint8),
            random.integers(-99, 99, (3, 4), np.int32),
            [],
        )

    return make
