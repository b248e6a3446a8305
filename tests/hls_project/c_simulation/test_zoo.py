"""Every model of the zoo, through the generated C++, on its whole sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dt_scnn import zoo
from dt_scnn.compiler import Compiler
from hls_project.c_simulation.csim_verdict import csim
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace.folder import open_workspace
from hls_project.workspace.images import read_sample

QUICK = ("fashion-mnist", "mnist-scnn")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow)
        for name in zoo.names()
        if zoo.find(name).model.is_file()
    ],
)
def test_a_zoo_model_is_exact_on_its_sample(name: str, tmp_path: Path) -> None:
    images, labels = read_sample(zoo.find(name).sample)
    workspace = open_workspace(name, tmp_path)
    report = csim(workspace, images, labels, HlsOptions(), Compiler.from_environment())
    assert report.difference is None and report.exact == len(images) == 200
    with np.load(zoo.find(name).sample) as sample:
        assert np.array_equal(report.simulation.scores, sample["scores"])
