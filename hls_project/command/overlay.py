"""The verbs `simulate-board`, `bitstream`, `package` and `deploy`: command-line values in, figures and places out."""

from __future__ import annotations

import json
import time
from pathlib import Path

from board.errors import BoardError
from dt_scnn.errors import FlowError
from hls_project.overlay.bitstream import REPORT
from hls_project.overlay.deploy import board_report
from hls_project.reports.console import new_table, open_console, say, show
from hls_project.reports.figure import figure
from hls_project.reports.made_from import write_report
from hls_project.reports.progress import StageProgress
from hls_project.verbs import overlay as verbs
from hls_project.verbs.given import PlanWords, opened

_TIMED_SECONDS = 20.0
"""What the simulation's speed is measured for, so that a deep network doesn't take half an hour."""


def timed_images(seconds: float) -> int:
    """Return how many images are timed, 2 to 1,000. seconds: of one image."""
    return min(1000, max(2, int(_TIMED_SECONDS / seconds)))


def run_simulated(model: str, plan: PlanWords, build: Path, data: str | None = None) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project simulate-board --help`.

    Raises:
        FlowError: a score differs. ToolNotFoundError: pynq is missing.
    """
    console = open_console()
    with StageProgress(console) as progress:
        loaded = verbs.simulated_overlay(
            model,
            data=data,
            build=build,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    try:
        with loaded as overlay:
            started = time.perf_counter()
            exact = overlay.verify()
            images = timed_images((time.perf_counter() - started) / exact)
            speed = overlay.throughput_test(images=images, single=max(1, images // 10))
            manifest = overlay.classifier.manifest
    except BoardError as error:
        raise FlowError(f"the simulated board: {error}") from error
    figures = {
        "exact_images": figure(
            exact, "simulated", "golden images with every score equal, through the driver"
        ),
        "images_per_second": figure(speed.images_per_second, "measured", "of the simulation, from Python"),
        "latency_p50": figure(speed.latency_p50, "measured", "s, of the simulation"),
        "latency_p99": figure(speed.latency_p99, "measured", "s, of the simulation"),
        "compute_cycles": figure(speed.compute_cycles, "simulated", "first word in to last word out"),
    }
    reports = manifest.path.parents[1] / "reports"
    write_report(reports / "simulated_board.json", {"model": manifest.name, **figures})
    table = new_table("what", "figure")
    table.add_row("golden images with every score equal", f"{exact:,}")
    table.add_row("the simulation's speed, from Python", f"{speed.images_per_second:,.0f} images/s")
    table.add_row("cycles from first word in to last word out", f"{speed.compute_cycles:,}")
    table.add_row(f"the same at {manifest.clock_mhz:g} MHz", f"{speed.compute_seconds * 1e6:,.2f} us")
    show(console, table, f"{manifest.name} on the simulated board, driven by pynq")
    say(console, f"overlay: {manifest.path.with_suffix('.bit')}")
    return 0


def run_bitstream(
    model: str, target: str, plan: PlanWords, accept: str, build: Path, data: str | None = None
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project bitstream --help`.

    Raises:
        ConfigurationError: an unknown board or target, or a plan for a bare part.
    """
    console = open_console()
    with StageProgress(console) as progress:
        overlay = verbs.bitstream(
            model,
            target=target,  # type: ignore[arg-type]  # another text is refused with a message
            accept=accept,
            data=data,
            build=build,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    report = json.loads((overlay / REPORT).read_text())
    table = new_table("resource", "used", "of the part")
    for name, row in report["utilisation"].items():
        table.add_row(name.upper(), f"{row['value']:,g}", f"{row['available']:,g}")
    show(console, table, f"{overlay.parent.name} on {report['board']}, after routing")
    say(
        console,
        f"clock {report['clock_mhz']['made']:g} MHz, worst setup slack {report['timing']['wns']['value']:g} ns, "
        f"{report['power']['total']['value']:g} W by Vivado's model",
    )
    if energy := report.get("energy"):
        rests = (
            report["power"]["nets_matched"]
            or "rates that Vivado assumes; make cosim SAIF=1 records those of real images"
        )
        say(console, f"{energy['total']['value']:.3g} mJ an image by that model, which rests on {rests}")
    say(console, f"overlay: {overlay}")
    return 0


def run_package(model: str, simulated: bool, build: Path) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project package --help`."""
    archive = verbs.package(model, simulated=simulated, build=build, tell=print)
    print(f"package: {archive} ({archive.stat().st_size / 1e6:.2f} MB)")
    return 0


def run_deploy(model: str, host: str, folder: str, simulated: bool, build: Path) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project deploy --help`."""
    place, left = verbs.deploy(
        model,
        host,
        folder or None,
        simulated=simulated,
        build=build,
        tell=lambda line: print(line, flush=True),
    )
    print(f"on the board: {place}")
    for old in left:
        print(f"files of another user are left of an overlay of before: {old}; there: sudo rm -rf '{old}'")
    return 0


def run_board_report(model: str, host: str, folder: str, build: Path) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project board-report --help`.

    Raises:
        FlowError: the board gives no report, or one that is none.
    """
    from board.report import failures

    with opened(model, build, print) as workspace:
        text = board_report(workspace.name, host, folder or None)
        try:
            report = json.loads(text)
            failed = failures(report)
        except (ValueError, AttributeError) as error:
            raise FlowError(f"{host} gives no report: {error}", log_tail=text[-2000:]) from error
        path = workspace.reports / "board.json"
        write_report(path, report)
    print(f"{len(failed)} checks failed" if failed else "every check passed")
    print(f"report: {path}")
    return 1 if failed else 0
