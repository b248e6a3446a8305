"""Faults of plans and boards, of vendor tools, and of overlays on their way to a board."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hls_project.overlay import boards
from tests.board import instant
from tests.docs.faults.fault import Fault, verb
from tests.docs.faults.models import write
from tests.hls_project.overlay.conftest import install_vivado


def explore(*words: str) -> Callable[[Path], str]:
    """Return an act: plan a good model."""

    def act(folder: Path) -> str:
        write(folder)
        return verb("explore", "net.onnx", *words)

    return act


def with_board(old: str, new: str) -> Callable[[Path], str]:
    """Return an act: plan for a board whose file has `new` in place of `old`."""

    def act(folder: Path) -> str:
        text = (boards.FOLDER / "pynq-z2.json").read_text()
        assert old in text
        (folder / "mine.json").write_text(text.replace(old, new, 1))
        return explore("--board", "mine.json")(folder)

    return act


def with_plan(change: Callable[[dict], object]) -> Callable[[Path], str]:  # type: ignore[type-arg]
    """Return an act: take a plan that `change` has spoilt."""

    def act(folder: Path) -> str:
        write(folder)
        verb("estimate", "net.onnx", "--by-model")
        plan = json.loads((folder / "build" / "net" / "plan.json").read_text())
        change(plan)
        (folder / "mine.json").write_text(json.dumps(plan))
        return verb("estimate", "net.onnx", "--by-model", "--plan", "mine.json")

    return act


def vivado(behaviour: str, *words: str) -> Callable[[Path], str]:
    """Return an act: make a bitstream with a stand-in of Vivado that behaves so."""

    def act(folder: Path) -> str:
        write(folder)
        program = install_vivado(folder / "tool")
        (program.parent / "behaviour").write_text(behaviour)
        (program.parent / "part").write_text("7z020clg400")
        return verb("bitstream", "net.onnx", *words, VIVADO=str(program))

    return act


def without_tools(*words: str) -> Callable[[Path], str]:
    """Return an act: run a verb where no vendor tool is installed."""

    def act(folder: Path) -> str:
        write(folder)
        return verb(
            words[0], "net.onnx", *words[1:], VIVADO="/nowhere/vivado", VITIS_HLS="/nowhere/vitis-run"
        )

    return act


def _damaged_plan(folder: Path) -> str:
    write(folder)
    (folder / "mine.json").write_text('{"format": 1, "network": ')
    return verb("estimate", "net.onnx", "--by-model", "--plan", "mine.json")


def _path_with_a_blank(folder: Path) -> str:
    write(folder)
    return verb("cosim", "net.onnx", "--target", "rtl", "--build", "my build")


def _another_models_overlay(folder: Path) -> str:
    write(folder)
    made = folder / "build" / "net" / "overlay"
    made.mkdir(parents=True)
    instant.overlay(made, name="net", model="0" * 64)
    return verb("package", "net.onnx")


PLANS = [
    Fault("A board that there is not", explore("--board", "pynq-z3")),
    Fault("A board's file that is damaged", with_board("{", "[")),
    Fault("A board's file with a key that is misspelt", with_board('"pll_mhz"', '"pll"')),
    Fault("A board's file with a clock of 0", with_board('"clock_mhz": 100', '"clock_mhz": 0')),
    Fault("Two cells at one address", with_board("0x43C00000", "0x40400000")),
    Fault("A rate that is none", explore("--fps", "fast")),
    Fault("A rate that nothing reaches", explore("--fps", "1e9")),
    Fault("A budget that is none", explore("--budget", "lots")),
    Fault("A budget of another resource", explore("--budget", "ram=50%")),
    Fault("A budget that nothing fits", explore("--budget", "0.1%")),
    Fault("A part that there is not", explore("--part", "xc7z999")),
    Fault("A plan that is damaged", _damaged_plan),
    Fault("A plan of another network", with_plan(lambda plan: plan.update(model="0" * 64))),
    Fault("A plan without a layer", with_plan(lambda plan: plan["folds"].popitem())),
    Fault("A plan with an engine that there is not", with_plan(lambda plan: plan["folds"]["conv0"].update(engine="magic"))),
    Fault("A plan with a fold that does not divide", with_plan(lambda plan: plan["folds"]["dense0"].update(simd=1 << 19))),
]  # fmt: skip

TOOLS = [
    Fault("No Vivado", without_tools("bitstream")),
    Fault("No Vitis HLS", without_tools("cosim", "--target", "hls")),
    Fault("A target that there is not", without_tools("bitstream", "--target", "vhdl")),
    Fault("A build path that Verilator does not take", _path_with_a_blank),
    Fault("A Vivado that does not know the part", vivado("unknown part"), quick=False),
    Fault("A design that does not fit", vivado("too large"), quick=False),
    Fault("A design that misses its timing", vivado("misses its timing"), quick=False),
    Fault("Critical warnings", vivado("critical warnings"), quick=False),
    Fault("Vivado ends early, with status 0", vivado("exit at once"), quick=False),
    Fault("Vivado is killed", vivado("killed"), quick=False),
    Fault("A hardware handoff that is cut off", vivado("truncated handoff"), quick=False),
    Fault("A handoff of another design", vivado("another handoff"), quick=False),
    Fault("A bitstream that is cut off", vivado("truncated bitstream"), quick=False),
    Fault("A bitstream for another part", vivado("another part"), quick=False),
    Fault("A report that is cut off", vivado("truncated utilization.rpt"), quick=False),
]

OVERLAYS = [
    Fault("A package without an overlay", lambda folder: (write(folder), verb("package", "net.onnx"))[1]),
    Fault("A package of another model's overlay", _another_models_overlay),
    Fault("A host that is none", lambda folder: (write(folder), verb("board-report", "net.onnx", "--host", "-oProxyCommand=x"))[1]),
]  # fmt: skip

NOTEBOOKS = [
    Fault("A notebook that there is not", lambda folder: verb("notebook", "mnist", "--name", "learn")),
    Fault("A notebook that takes no data", lambda folder: verb("notebook", "mnist", "--name", "train", "--data", "digits")),
    Fault("A notebook of a model that there is not", lambda folder: verb("notebook", "minst", "--run")),
]  # fmt: skip
