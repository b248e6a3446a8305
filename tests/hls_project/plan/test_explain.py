"""The table of a plan: 80 columns, in pipes too, and nothing cut."""

from __future__ import annotations

import io

from rich.console import Console

from hls_project.plan.budget import Goal
from hls_project.plan.explain import plan_json, print_plan
from hls_project.plan.fold import Fold
from hls_project.plan.options import Option
from hls_project.plan.reach import reach
from hls_project.plan.solver import Choice
from hls_project.synthesis.cells import Resources
from tests.hls_project.plan.test_reach import SITE, SUBJECT


def table(plan: object, choice: Choice) -> list[str]:
    text = io.StringIO()
    print_plan(Console(file=text, width=80), plan, choice, SITE)  # type: ignore[arg-type]
    return text.getvalue().splitlines()


def test_the_table_says_every_fold_and_who_limits() -> None:
    plan, choice = reach(SUBJECT, SITE, Goal(20_000.0))
    lines = table(plan, choice)
    assert lines[0] == "fake on xc7z020clg400-1 (pynq-z2), 100 MHz"
    assert "21,701 images/s, 4,608 cycles an image" in lines
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.strip()}
    assert rows["conv1"] == ["folded", "8", "8", "2", "*4,608", "704", "4", "1.3"]
    assert rows["total"][0] == "4,608" and rows["part"] == ["53,200", "140"]
    assert rows["between"][0] == "120"
    assert "* limited by conv1; BRAM of 36 kbit" in lines
    assert "also 952 FF (0.9 %), 0 DSP (0.0 %)" in lines
    assert sum(int(rows[name][5].replace(",", "")) for name in ("conv0", "conv1", "dense0")) + 120 == int(
        rows["total"][1].replace(",", "")
    )


def test_wide_figures_stay_within_80_columns() -> None:
    plan, _ = reach(SUBJECT, SITE, Goal())
    wide = Option(
        Fold("folded_lut", 1152, 1024, 16), 123_456_789, Resources(lut=272_384, ff=1_272_384, bram18=271)
    )
    lines = table(plan, Choice({"conv0": wide, "dense0": wide}, Resources(), 1))
    assert all(len(line) <= 80 for line in lines) and not any("…" in line for line in lines)
    assert any("*123,456,789" in line and "135.5" in line for line in lines)


def test_the_report_tags_its_figures() -> None:
    plan, choice = reach(SUBJECT, SITE, Goal())
    report = plan_json(plan, choice, SITE)
    assert report["plan"] == plan.to_json() and report["fits"] is True
    assert report["cycles_per_image"] == {"value": 512, "kind": "model"}
    assert report["layers"]["conv0"]["lut"] == {"value": choice.options["conv0"].cost.lut, "kind": "model"}
    assert report["total"]["lut"]["value"] == choice.total.lut
    assert report["limited_by"] == ["conv0", "conv1", "dense0"]
