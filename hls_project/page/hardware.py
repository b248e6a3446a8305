"""The page's section on the hardware: resources, cycles, FIFOs, other rates, timing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hls_project.page.contents import Estimate
from hls_project.page.facts import Facts
from hls_project.page.view import Column, Missing, Section, Slot, Table
from hls_project.pictures.hardware import (
    Source,
    cycles_picture,
    fifo_picture,
    front_picture,
    resources_picture,
)


def hardware(facts: Facts, folder: Path) -> Section:
    """Return what the core takes of its part and how fast it is."""
    planned = facts.planned
    plan = planned.plan
    slots: list[Slot] = []
    if plan is None:
        slots.append(Missing("Resources, cycles and rate", planned.why, facts.command("explore")))
        lead = "No plan was chosen: nothing is known of resources and rate."
    else:
        assert planned.choice is not None and planned.part is not None
        place = f"{plan.board or planned.part.board} ({plan.part})"
        lead = (
            f"The plan is for {place} at {plan.clock_mhz:g} MHz; made for {plan.goal or 'folds set by hand'}."
        )
        slots += [_resources(facts, folder / "resources.svg"), _cycles(facts, folder / "cycles.svg")]
    slots += [_fifos(facts, folder / "fifos.svg"), _streams(facts, folder / "streams.svg")]
    slots.append(_front(facts, folder / "front.svg"))
    rows = [*_estimated(facts), *_timing(facts), *_vivado(facts)]
    columns = (Column("what"), Column("figure", None, True), Column("by"), Column("command"))
    return Section(
        "hardware", "Resources and rate", lead, tuple(slots), (Table(columns, tuple(rows), "Figures"),)
    )


def counted(content: Estimate) -> dict[str, float]:
    """Return what yosys counts, in the units of a budget: block RAMs of 36 kbit, two of 18 kbit in each."""
    total = content.total
    blocks = total.bram36.value + -(-total.bram18.value // 2)
    return {"lut": total.lut.value, "ff": total.ff.value, "bram": blocks, "dsp": total.dsp.value}


def _resources(facts: Facts, path: Path) -> Slot:
    planned, estimate, vivado = facts.planned, facts.content("estimate"), facts.content("bitstream")
    assert planned.plan is not None
    sources = [Source("the plan's model", "model", planned.taken)]
    if estimate and estimate.part == planned.plan.part:
        sources.append(Source("yosys", "synthesis-estimate", counted(estimate)))
    if vivado:
        use = vivado.utilisation
        names = {"lut": "lut", "ff": "ff", "bram": "bram36", "dsp": "dsp"}
        amounts = {name: use[key].value for name, key in names.items() if key in use}
        sources.append(Source("Vivado, routed, shell too", "synthesis-estimate", amounts))
    return resources_picture(sources, planned.available, planned.limits, planned.plan.part, path)


def _cycles(facts: Facts, path: Path) -> Slot:
    choice, simulated, interval = facts.planned.choice, facts.content("cosim"), facts.interval
    assert choice is not None and interval is not None
    planned = {name: option.cycles for name, option in choice.options.items()}
    busy = {layer.name: layer.busy.value for layer in simulated.layers} if simulated else {}
    return cycles_picture(planned, {name: busy[name] for name in planned if name in busy}, interval, path)


def _fifos(facts: Facts, path: Path) -> Slot:
    part, title = facts.parts["cosim"], "FIFOs of the SystemVerilog core"
    if part.content is None:
        return Missing(title, part.why or "co-simulation was not run", part.command)
    if not part.content.fifos:
        return Missing(title, "this co-simulation counts no FIFO, or there is none between layers")
    fifos = [(fifo.name, fifo.depth, fifo.highest_fill.value) for fifo in part.content.fifos]
    return fifo_picture(fifos, title, path)


def _streams(facts: Facts, path: Path) -> Slot:
    part, title = facts.parts["dataflow"], "Streams of the C++"
    if part.content is None:
        return Missing(title, part.why or "its processes were not run as threads", part.command)
    if not part.content.streams:
        return Missing(title, "there is no stream between layers")
    streams = [(one.name, one.depth, one.highest_fill.value) for one in part.content.streams]
    return fifo_picture(streams, title, path)


def _front(facts: Facts, path: Path) -> Slot:
    part, title = facts.parts["explore"], "What each rate takes"
    if part.content is None:
        return Missing(title, part.why or "the rates were not explored", part.command)
    if not part.content.front.get("lut"):
        return Missing(title, "the report has no front", part.command)
    planned, now = facts.planned, None
    if planned.plan is not None and planned.choice is not None:
        now = (planned.plan.images_per_second(planned.choice.cycles), float(planned.taken["lut"]))
    return front_picture(part.content, now, planned.available, path)


def _estimated(facts: Facts) -> list[tuple[str, ...]]:
    part = facts.parts["estimate"]
    if part.content is None:
        return [("LUT, FF, BRAM, DSP by synthesis", "not run", part.why or "yosys", part.command)]
    amounts = counted(part.content)
    said = ", ".join(f"{amount:,.10g} {name.upper()}" for name, amount in amounts.items())
    return [("synthesized core", said, f"{part.content.tool} (synthesis-estimate)", part.command)]


def _timing(facts: Facts) -> list[tuple[str, ...]]:
    rows = []
    interval, plan, simulated = facts.interval, facts.planned.plan, facts.content("cosim")
    if interval is not None and plan is not None:
        known = facts.is_interval_simulated
        by = "co-simulation (simulated)" if known else "the plan (model)"
        command = facts.command("cosim" if known else "explore")
        rate = plan.clock_mhz * 1e6 / interval
        rows.append((f"rate at {plan.clock_mhz:g} MHz", f"{rate:,.0f} images/s", by, command))
    if simulated is not None:
        first = f"{simulated.first_result.value:,} cycles"
        rows.append(("first result", first, "co-simulation (simulated)", facts.command("cosim")))
    part = facts.parts["timing"]
    if part.content is None:
        return [*rows, ("routed frequency", "not run", part.why or "nextpnr, on an ECP5", part.command)]
    content = part.content
    by = f"{content.device}, a stand-in for the part (synthesis-estimate)"
    return [*rows, ("routed frequency", f"{content.fmax.value:.1f} MHz", by, part.command)]


def _vivado(facts: Facts) -> list[tuple[str, ...]]:
    part = facts.parts["bitstream"]
    if part.content is None:
        return [("bitstream", "not made", part.why or "Vivado", part.command)]
    slack: Any = part.content.timing.get("wns", {})
    value = slack.get("value") if isinstance(slack, dict) else None
    said = "made" if value is None else f"made, setup slack {value:g} ns"
    return [("bitstream", said, f"Vivado for {part.content.board} (synthesis-estimate)", part.command)]
