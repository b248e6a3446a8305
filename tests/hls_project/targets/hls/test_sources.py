"""The generated C++ and its headers: clang as C++11 with warnings on, and sanitizers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import clang.cindex
import pytest

from dt_scnn.compiler import STANDARD, Compiler
from hls_project.c_simulation.compile import build
from hls_project.cosimulation.vitis.synthesis import SOLUTION_TCL
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets.hls import PROJECT
from hls_project.targets.hls.convert import write_project
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.hls.templates import KERNELS
from tests import models

WARNINGS = ("-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wno-unknown-pragmas", "-Wno-unused-label")
OURS = {header.name for header in KERNELS.glob("*.h")} | {
    "golden_vectors.h",
    f"{PROJECT}_test.cpp",
    f"{PROJECT}.cpp",
}


SPEC, SHAPE = "4C3-P2-3C5x3s2v-P2-FC6-FC4", (20, 17, 3)
FOLDS = {
    "automatic": {},
    "folded": {
        "conv0": Fold("folded", 3, 2, 2),
        "conv1": Fold("folded", 2, 6, 4),
        "dense0": Fold("dense", 4, 4),
        "dense1": Fold("dense", 3, 10),
    },
}


@pytest.fixture(scope="module", params=FOLDS)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with every kernel: pixels, folded and strided convolutions, a hidden dense layer, argmax."""
    folder = tmp_path_factory.mktemp("sources") / "hls"
    write_project(integerize(models.build(SPEC, SHAPE)), folder, HlsOptions(folds=FOLDS[request.param]))
    return folder


@pytest.mark.parametrize("standard", [STANDARD, "-std=c++14"])
@pytest.mark.parametrize("source", [f"firmware/{PROJECT}.cpp", f"{PROJECT}_test.cpp"])
def test_clang_finds_nothing(project: Path, source: str, standard: str) -> None:
    """Vitis HLS is built on clang and is told C++11 by the Tcl; a newer level must read the same."""
    builtin = subprocess.run(
        ["g++", "-print-file-name=include"], check=True, capture_output=True, text=True
    ).stdout.strip()
    flags = [
        standard,
        *WARNINGS,
        "-isystem",
        builtin,
        "-isystem",
        f"{project}/firmware/ap_types",
        f"-I{project}",
    ]
    unit = clang.cindex.Index.create().parse(str(project / source), args=flags)
    remarks = [
        f"{Path(str(remark.location.file)).name}:{remark.location.line}: {remark.spelling}"
        for remark in unit.diagnostics
        if remark.severity >= clang.cindex.Diagnostic.Error or Path(str(remark.location.file)).name in OURS
    ]
    assert remarks == [], "\n".join(remarks)


def test_the_tool_is_told_the_language_level_that_is_tested() -> None:
    told = re.findall(r'-cflags "([^"]*)"', SOLUTION_TCL.read_text())
    assert told == 2 * ["-std=c++0x"] and STANDARD == "-std=c++11"  # two names of one level


@pytest.mark.parametrize("synthesis", [False, True])
def test_gcc_finds_nothing(project: Path, tmp_path: Path, synthesis: bool) -> None:
    """As synthesis sees it, too: with __SYNTHESIS__, which the open ap_types refuse, the ROMs are plain arrays."""
    lines = [
        "dtscnn.h",
        "nnet_utils/nnet_helpers.h",
        *(["#define __SYNTHESIS__"] if synthesis else []),
        f"{PROJECT}.cpp",
    ]
    source = tmp_path / "unit.cpp"
    source.write_text(
        "\n".join(line if line.startswith("#") else f'#include "firmware/{line}"' for line in lines)
    )
    call = ["g++", STANDARD, *WARNINGS, "-isystem", "firmware/ap_types", "-I.", "-fsyntax-only", str(source)]
    done = subprocess.run(call, cwd=project, capture_output=True, text=True, check=False)
    remarks = [
        line
        for line in done.stderr.splitlines()
        if "warning:" in line and Path(line.split(":")[0]).name in OURS
    ]
    assert done.returncode == 0, done.stderr
    assert remarks == [], "\n".join(remarks)


def test_sanitizers_find_nothing(project: Path, tmp_path: Path) -> None:
    from hls_project.c_simulation.simulate import simulate
    from hls_project.parity import golden, golden_file

    model = models.build(SPEC, SHAPE)
    pictures = models.images(SHAPE, 6)
    scores = golden.scores(model, pictures)
    golden_file.write(tmp_path / "golden.bin", pictures, scores)
    flags = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    # C++20 defines the left shift of negative numbers, which the vendor's ap_int does.
    program = build(project, tmp_path / "csim", Compiler(flags=flags, standard="-std=c++20"))
    result = simulate(program, tmp_path / "golden.bin", len(pictures), scores.shape[1])
    assert (result.scores == scores).all()
