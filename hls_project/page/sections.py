"""The page's sections on the network, its accuracy and what it does on images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hls_project.page.cards import training_command
from hls_project.page.computed import totals
from hls_project.page.contents import Compare
from hls_project.page.facts import Facts
from hls_project.page.view import Column, Missing, Section, Slot, Table
from hls_project.pictures.comparison import accuracy_picture, counts_picture
from hls_project.pictures.firing import maps_picture, rates_picture, vm_picture
from hls_project.pictures.network import network_picture
from hls_project.pictures.style import Picture

_COUNTS = {
    "synaptic_operations": "synaptic operations",
    "spike_operations": "additions that spikes cause",
    "weights": "weights",
    "weight_storage_bits": "bits of weights",
    "vm_bits": "bits of Vm",
}


_NAME = 16
"""Characters of a name beside a picture."""


def ladder(facts: Facts) -> Section:
    """Return who computes the scores, and whether all agree."""
    lead = "Each stage computes every score of every image; all are compared with ==, without a tolerance."
    return Section("parity", "Parity ladder", lead, ladder=facts.ladder)


def network(facts: Facts, folder: Path) -> Section:
    """Return the network drawn, and its layers in numbers."""
    plan = facts.planned.plan
    folds = plan.folds if plan else {}
    drawn = network_picture(facts.graph.layers, facts.graph.input_shape, folds, folder / "network.svg")
    slots: list[Slot] = [drawn]
    if plan is None:
        slots.append(Missing("Engines and folds", facts.planned.why, facts.command("explore")))
    return Section(
        "network",
        "Network",
        "A fold is the kernels x inputs x pixels that an engine computes at once. Vm is as wide as its exact bounds need.",
        tuple(slots),
        (_layers(facts),),
    )


def _layers(facts: Facts) -> Table:
    choice = facts.planned.choice
    rows = []
    for layer in facts.graph.layers:
        option = choice.options[layer.name] if choice else None
        low, high = layer.vm_range
        rows.append(
            (
                layer.name,
                f"{layer.weights.size:,} x {layer.weight_bits} bit",
                f"{layer.vm_width} bit",
                f"{low:,} .. {high:,}",
                f"{layer.synaptic_operations:,}",
                str(option.fold) if option else "no plan",
                f"{option.cycles:,}" if option else "no plan",
            )
        )
    columns = (
        Column("layer"),
        Column("weights", "model", True),
        Column("Vm", "model", True),
        Column("Vm, exact bounds", "model", True),
        Column("operations", "model", True),
        Column("engine and fold"),
        Column("cycles", "model", True),
    )
    return Table(columns, tuple(rows), "Layers")


def accuracy(facts: Facts, folder: Path) -> Section:
    """Return accuracy beside the conventional network, and the counts of both."""
    slots = (_accuracy(facts, folder / "accuracy.svg"), _counts(facts, folder / "counts.svg"))
    return Section(
        "accuracy",
        "Accuracy and counts",
        "The conventional SCNN has the same spike maps, and a kernel and a Vm map for each of them.",
        tuple(slot for slot in slots if slot),
        tuple(table for table in (_training(facts), _count_table(facts)) if table.rows),
    )


def _accuracy(facts: Facts, path: Path) -> Slot:
    trained, baseline = facts.trained, facts.baseline
    if trained.card is None:
        return Missing("Accuracy on all test images", trained.why, facts.command("evaluate"))
    networks = [(trained.name, trained.shares)]
    if baseline is not None and baseline.card is not None:
        networks.append((baseline.name, baseline.shares))
    return accuracy_picture(networks, path)


def _training(facts: Facts) -> Table:
    rows = []
    for one in (facts.trained, facts.baseline):
        if one is None:
            continue
        if one.card is None:
            rows.append((one.name, "not known", one.why, "", training_command(one, facts.command)))
            continue
        seeds = ", ".join(f"{seed}: {correct:,}" for seed, correct in sorted(one.seeds.items()))
        rows.append(
            (
                one.name,
                f"{100 * one.card.correct / one.card.test_images:.2f} %",
                f"{one.card.correct:,} of {one.card.test_images:,}",
                seeds,
                training_command(one, facts.command),
            )
        )
    columns = (
        Column("network"),
        Column("accuracy", "measured", True),
        Column("right labels", "measured", True),
        Column("right labels by seed", "measured"),
        Column("command"),
    )
    return Table(columns, tuple(rows), "Right labels of all test images, by onnxruntime")


def _both(facts: Facts) -> tuple[dict[str, float], dict[str, float], bool]:
    """Return the counts of this network and of the conventional one, and whether spikes were counted of both."""
    compared = facts.content("compare")
    if compared and compared.dual_threshold.name == facts.workspace.name and _is_beside(facts, compared):
        sides = (compared.dual_threshold, compared.conventional)
        ours, theirs = ({name: figure.value for name, figure in vars(side.totals).items()} for side in sides)
        return ours, theirs, True
    layers = facts.graph.layers
    return dict(totals(layers)), dict(totals(layers, conventional=True)), False


def _is_beside(facts: Facts, compared: Compare) -> bool:
    """Whether a comparison is with the conventional network as it is now, not as it was before another training."""
    now = facts.baseline
    if now is None or now.card is None or now.name != compared.conventional.name:
        return True
    return compared.conventional_sha256 in ("", now.card.model_sha256)


def _counts(facts: Facts, path: Path) -> Slot | None:
    if facts.n_thresholds != 2:
        return None
    return counts_picture(*_both(facts), path)


def _count_table(facts: Facts) -> Table:
    ours, theirs, measured = _both(facts)
    if facts.n_thresholds != 2:
        two = (Column("one image"), Column("this network", "model", True))
        return Table(two, tuple((_COUNTS[key], f"{value:,.0f}") for key, value in ours.items()), "Counts")
    rows = [
        (
            _COUNTS[key] + (" (measured)" if key == "spike_operations" else ""),
            f"{value:,.0f}",
            f"{theirs[key]:,.0f}",
            f"{100 * (1 - value / theirs[key]):.1f} %" if theirs[key] else "",
        )
        for key, value in ours.items()
    ]
    columns = (
        Column("one image"),
        Column("this network", "model", True),
        Column("conventional", "model", True),
        Column("saved", "model", True),
    )
    title = "Counts" if measured else f"Counts; additions that spikes cause: {facts.command('compare')}"
    return Table(columns, tuple(rows), title)


def activity(facts: Facts, folder: Path) -> Section:
    """Return what the network does on images, or why nothing is known."""
    title, lead = (
        "Spikes and membrane potentials",
        "Of the kernel of each layer whose two maps differ most on the first image.",
    )
    watched = facts.watched
    if watched is None:
        return Section("activity", title, "", (Missing(title, facts.no_images, facts.command("report")),))
    seen = tuple(zip(facts.graph.layers, watched.activity, strict=True))
    caption = _caption(facts)
    made: list[tuple[str, Callable[[], Picture | None]]] = [
        ("Spike maps", lambda: maps_picture(watched.images[0], seen, caption, folder / "maps.svg")),
        ("Membrane potentials", lambda: vm_picture(seen, folder / "vm.svg")),
        ("Firing rates", lambda: rates_picture(seen, folder / "rates.svg")),
    ]
    none = "no layer of this network has a map that fires"
    slots = tuple(draw() or Missing(what, none) for what, draw in made)
    return Section("activity", title, lead, slots)


def _caption(facts: Facts) -> str:
    watched, classes = facts.watched, facts.graph.classes
    assert watched is not None
    found = int(watched.scores[0].argmax())
    lines = [f"Image 0 of {_short(facts.dataset or 'the sample')}"]
    if watched.labels is not None:
        lines.append(f"label: {_short(classes[int(watched.labels[0])])}")
    best = _second(watched.scores[0].tolist())
    lines += [f"found: {_short(classes[found])}", f"score {int(watched.scores[0][found]):,}, next {best:,}"]
    return "\n".join(lines)


def _short(name: str) -> str:
    """Return a name that fits beside a picture."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _second(values: list[int]) -> int:
    """Return the second highest value, the highest if it is alone."""
    return sorted(values)[-2] if len(values) > 1 else values[0]
