"""`make bitstream` up to the tools: every model, board and target, with the Tcl recorded and every file read by three front ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from board.manifest import Manifest
from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from hls_project.graph.network_summary import FILE, NetworkSummary
from hls_project.overlay import bitstream as module
from hls_project.overlay import boards
from hls_project.overlay.bitstream import Target
from hls_project.overlay.vivado import scripts
from hls_project.plan.plan import Plan
from hls_project.plan.request import Request
from hls_project.verbs.given import mute
from hls_project.verbs.planned import taken_plan
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace, open_workspace
from tests.board.vivado.block_design import BlockDesign, read_calls, tcl_list
from tests.front_ends import problems, stand_in
from tests.hls_project.overlay.conftest import Bench, install_vivado

TRAINED = [name for name in zoo.names() if zoo.find(name).model.is_file()]
TARGETS: tuple[Target, ...] = ("rtl", "hls")
TOP = "dtscnn_axi"


@pytest.fixture
def without_vitis(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of what Vitis HLS makes, a module with its ports."""

    def synthesize(project: Path, log: Path, *unused: object) -> list[Path]:
        made = project / "dtscnn.sv"
        made.write_text(stand_in(project / "dtscnn_core.sv", NetworkSummary.load(project / FILE)))
        return [made]

    monkeypatch.setattr(module.vitis, "require", lambda: module.vitis.VitisHls("/nowhere/vitis-run", True))
    monkeypatch.setattr(module.vitis, "synthesize", synthesize)


_read: dict[str, dict[str, str]] = {}
"""What the front ends said of sources, by their digest: boards that are handed the same are read once."""


def dry_run(bench: Bench, board: str, target: Target, plan: Plan | None) -> None:
    """Make the overlay; hold the recorded Tcl to the board, and read every file that Vivado was handed."""
    overlay = bench.run(board=board, target=target, plan=plan)
    manifest = Manifest.load(overlay / f"{bench.workspace.name}.json")
    manifest.check_files()
    assert (manifest.board, manifest.target) == (board, target)
    work = bench.workspace.folder / "bitstream" / f"{board}-{target}" / "vivado"
    calls = read_calls(work / "calls")
    assert BlockDesign(calls, work / scripts.WRAPPER).problems == []
    added = next(tcl_list(call[-1]) for call in calls if call[0] == "add_files")
    assert sorted(added) == sorted(path.name for path in work.iterdir() if path.suffix in (".sv", ".v"))
    assert boards.find(board).part in next(call for call in calls if call[0] == "create_project")
    # A board part's preset would set clocks and memory once more, and Vivado knows few boards by itself.
    assert not any("board_part" in word for call in calls for word in call)
    digest = stage.tree_key(work, ("*.sv", "*.v"))
    if digest not in _read:
        _read[digest] = problems(work, added, TOP)
    assert _read[digest] == {}, (board, target)


def plan_for(workspace: Workspace, board: str) -> Plan | None:
    """Return the plan of a model for a board; None if the solver finds none that fits."""
    try:
        return taken_plan(workspace, Request(board=board), mute).plan
    except ConfigurationError as error:
        assert "fit" in str(error), error
        return None


@pytest.mark.parametrize("target", TARGETS)
def test_a_dry_run_for_every_board(bench: Bench, without_vitis: None, target: Target) -> None:
    for board in boards.names():
        dry_run(bench, board, target, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_a_dry_run_of_the_zoo_for_every_board_and_target(
    name: str, tmp_path: Path, without_vitis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = install_vivado(tmp_path / "tool")
    monkeypatch.setenv("VIVADO", str(program))
    bench = Bench(open_workspace(name, tmp_path / "build"), program.parent)
    ran = []
    for board in boards.names():
        plan = plan_for(bench.workspace, board)
        for target in TARGETS if plan is not None else ():
            dry_run(bench, board, target, plan)
            ran.append((board, target))
    # Every model of the zoo fits every board, but for the largest: docs/models.md.
    assert len(ran) == (4 if name == "cifar-10-accurate-scnn" else 8)
