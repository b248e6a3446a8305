"""A plan as people read it: a row for each layer, the total, the part, and which layer limits the rate."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from hls_project.plan.budget import RESOURCES, used, whole
from hls_project.plan.plan import Plan
from hls_project.plan.solver import Choice
from hls_project.plan.subject import Site
from hls_project.reports.figure import figure
from hls_project.synthesis.cells import Resources

_LIMITS = "*"
_BETWEEN = "between"


def print_plan(console: Console, plan: Plan, choice: Choice, site: Site) -> None:
    """Print the table of a plan; it fits 80 columns. Figures are the engines' models."""
    rate = plan.images_per_second(choice.cycles)
    console.print(f"{plan.network} on {site.label}, {plan.clock_mhz:g} MHz", style="italic", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for column in ("layer", "engine"):
        table.add_column(column, no_wrap=True)
    for column in ("PE", "SIMD", "MMV", "cycles", "LUT", "BRAM", "% of LUT"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, option in choice.options.items():
        fold = option.fold
        mark = _LIMITS if name in choice.slowest else ""
        table.add_row(
            name,
            fold.engine,
            *(str(count) for count in (fold.pe, fold.simd, fold.mmv)),
            f"{mark}{option.cycles:,}",
            *_amounts(option.cost, site),
        )
    if choice.fixed != Resources():
        table.add_row(_BETWEEN, *[""] * 5, *_amounts(choice.fixed, site))
    table.add_section()
    table.add_row("total", *[""] * 4, f"{choice.cycles:,}", *_amounts(choice.total, site), style="bold")
    part = site.part
    table.add_row("part", *[""] * 5, f"{part.lut:,}", f"{part.bram36:,}", "")
    taken = used(choice.total)
    share = {name: f"{100 * taken[name] / most:,.1f} %" if most else "" for name, most in whole(part).items()}
    table.add_row("share", *[""] * 5, share["lut"], share["bram"], "")
    console.print(table)
    limits = ", ".join(choice.slowest) or "the bus"
    console.print(f"{rate:,.0f} images/s, {choice.cycles:,} cycles an image", style="bold", highlight=False)
    console.print(f"{_LIMITS} limited by {limits}; BRAM of 36 kbit", highlight=False)
    console.print(
        f"also {taken['ff']:,} FF ({share['ff']}), {taken['dsp']:,} DSP ({share['dsp']})", highlight=False
    )
    if plan.goal is not None:
        console.print(f"made for {plan.goal}", highlight=False)


def plan_json(plan: Plan, choice: Choice, site: Site) -> dict[str, Any]:
    """Return the plan with its figures, each of which says that it comes from a model."""
    limits = plan.goal.budget.limits(site.part) if plan.goal else None
    taken = used(choice.total)
    return {
        "plan": plan.to_json(),
        "cycles_per_image": figure(choice.cycles, "model"),
        "images_per_second": figure(plan.images_per_second(choice.cycles), "model"),
        "limited_by": list(choice.slowest) or ["bus"],
        "layers": {
            name: {
                "fold": plan.to_json()["folds"][name],
                "cycles": figure(option.cycles, "model"),
                **resources_json(option.cost),
            }
            for name, option in choice.options.items()
        },
        "between_layers": resources_json(choice.fixed),
        "total": resources_json(choice.total),
        "budget": limits,
        "fits": limits is None or all(taken[name] <= limits[name] for name in RESOURCES),
    }


def resources_json(resources: Resources) -> dict[str, Any]:
    """Return what counts of `resources`, as a model's figures."""
    return {
        name: figure(getattr(resources, name), "model") for name in ("lut", "ff", "bram18", "bram36", "dsp")
    } | {"bram": figure(resources.bram36_used, "model", "block RAMs of 36 kbit")}


def _amounts(cost: Resources, site: Site) -> list[str]:
    blocks = cost.bram36 + cost.bram18 / 2
    return [
        f"{cost.lut:,}",
        f"{blocks:,g}",
        f"{100 * cost.lut / site.part.lut:.1f}",
    ]
