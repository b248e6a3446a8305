"""The parity ladder: who computes the scores, whether they are all equal, and the command that finds out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hls_project.page.cards import Trained, training_command
from hls_project.page.computed import Watched
from hls_project.page.contents import Board, Cosim, Csim, Dataflow, Gatesim, SimulatedBoard
from hls_project.page.parts import Command, Part
from hls_project.reports.figure import Kind
from hls_project.reports.made_from import images_digest

Verdict = Literal["exact", "differs", "failed", "reference", "not run", "of other inputs", "damaged"]


@dataclass(frozen=True)
class Rung:
    """who: what computes the scores. detail: what was compared, or why nothing is known. command: what finds out."""

    who: str
    verdict: Verdict
    detail: str
    command: str
    kind: Kind | None = None
    remark: str = ""


def climb(
    trained: Trained, watched: Watched | None, parts: dict[str, Part], command: Command, no_images: str
) -> list[Rung]:
    """Return the ladder from PyTorch to the board. no_images: why there are none, if `watched` is None."""
    again = command("report")
    rungs = [_torch(trained, command)]
    if watched is None:
        for who in ("onnxruntime, the QONNX file", "integer network, numpy"):
            rungs.append(Rung(who, "not run", no_images, again))
    else:
        rungs += [_onnxruntime(watched, again), _integers(watched, again)]
    cosim = parts["cosim"].content
    core = (
        "C++ by Vitis HLS, clock by clock"
        if cosim and cosim.target == "hls"
        else "SystemVerilog, clock by clock"
    )
    for file, who in (
        ("csim", "C++ of target hls"),
        ("dataflow", "C++, a thread for each process"),
        ("cosim", core),
        ("gatesim", "netlist for 7 series by yosys"),
        ("simulated_board", "driver on the simulated board"),
        ("board", "driver on the board"),
    ):
        rungs.append(_reported(parts[file], who, watched))
    return rungs


def _torch(trained: Trained, command: Command) -> Rung:
    who = "PyTorch, batch norm folded"
    card = trained.card
    train = training_command(trained, command)
    if card is None or card.parity is None:
        return Rung(
            who,
            "not run",
            trained.why or "its card does not say: it was trained before cards noted it",
            train,
        )
    exact, images = card.parity.get("exact_images", 0), card.parity.get("images", -1)
    return Rung(who, _equal(exact, images), _of(exact, images), train, "measured")


def _onnxruntime(watched: Watched, command: str) -> Rung:
    who, total = "onnxruntime, the QONNX file", len(watched.images)
    if watched.recorded is None:
        return Rung(who, "reference", f"{total:,} images, computed for this page", command, "measured")
    detail = f"{_of(watched.recorded, total)} that training noted; all others are compared with these"
    return Rung(who, _equal(watched.recorded, total), detail, command, "measured")


def _integers(watched: Watched, command: str) -> Rung:
    exact, total = watched.numpy_exact, watched.numpy_images
    return Rung("integer network, numpy", _equal(exact, total), _of(exact, total), command, "simulated")


def _reported(part: Part, who: str, watched: Watched | None) -> Rung:
    if part.state != "there":
        return Rung(who, part.state, part.why or f"{part.kept.title} was not run", part.command)
    exact, total, extra, difference = _counts(part.content)
    remarks = [part.remark] if part.remark else []
    if watched is not None and part.images is not None:
        count, first = part.images
        if images_digest(watched.images[:count]) != first:
            remarks.append("on other images than this page's")
    remark = "; ".join(remarks)
    if exact is None:
        return Rung(who, "failed", extra, part.command, "measured", remark)
    detail = _of(exact, total) + extra
    verdict = _equal(exact, total)
    if difference:
        verdict, detail = "differs", f"{detail}; first: {_place(difference)}"
    kind: Kind = "measured" if isinstance(part.content, Board) else "simulated"
    return Rung(who, verdict, detail, part.command, kind, remark)


def _counts(content: Any) -> tuple[int | None, int, str, dict[str, Any] | None]:
    """Return exact images, images, what else to say, and the first difference."""
    if isinstance(content, Csim):
        return content.exact_images.value, content.images, "", content.first_difference
    if isinstance(content, Dataflow):
        return content.exact_frames.value, content.frames, "", None
    if isinstance(content, Cosim):
        exact = content.exact_images.value
        total = content.images if isinstance(content.images, int) else content.images.value
        traffic = ", random gaps and back-pressure" if content.target == "rtl" else ""
        return exact, total, traffic, content.first_difference
    if isinstance(content, Gatesim):
        return content.exact_images.value, content.images, f", {content.netlist}", content.first_difference
    if isinstance(content, SimulatedBoard):  # the driver fails where one differs
        return content.exact_images.value, content.exact_images.value, ", through pynq and DMA", None
    assert isinstance(content, Board)
    golden = content.golden
    return golden.exact, golden.exact or 0, golden.error or "its checks did not reach the golden images", None


def _equal(exact: int, total: int) -> Verdict:
    return "exact" if exact == total > 0 else "differs"


def _of(exact: int, total: int) -> str:
    return f"{exact:,} of {total:,} images, every score"


def _place(difference: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in difference.items() if value is not None)
