"""The verb `cosim`: command-line values in, progress and tables out."""

from __future__ import annotations

from pathlib import Path

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import write_json
from hls_project.command.opened import opened
from hls_project.command.planned import hls_options, rtl_options, taken_plan
from hls_project.cosimulation.cosim_verdict import cosim
from hls_project.cosimulation.verilate import Verilator
from hls_project.plan.explain import print_plan
from hls_project.plan.saved import Request, Taken
from hls_project.programs.compiler import Compiler
from hls_project.reports.console import open_console, say
from hls_project.reports.figure import figure
from hls_project.reports.progress import StageProgress
from hls_project.targets.rtl import core
from hls_project.workspace.folder import Workspace
from hls_project.workspace.images import load_images


def run(
    model: str,
    images: int | None,
    target: str | None,
    request: Request,
    seed: int,
    waves: bool,
    build: Path,
    data_root: Path | None,
    saif: bool = False,
    dataset: str | None = None,
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project cosim --help`.

    Raises:
        ConfigurationError: an unknown target.
    """
    from hls_project.cosimulation import vitis

    if target not in (None, "rtl", "hls"):
        raise ConfigurationError(f"the target is rtl or hls, not {target!r}")
    if saif and (waves or target == "hls"):
        raise ConfigurationError(
            "switching activity is of target rtl, and a run writes either it or waveforms"
        )
    if saif:
        target = "rtl"
    if target is None:
        found = vitis.locate()
        target = "hls" if found else "rtl"
        print(f"target {target}: Vitis HLS was {'found' if found else 'not found'}")
    if target == "rtl":
        return run_rtl(model, images, request, seed, waves, build, data_root, saif, dataset)
    return run_hls(model, images, request, build, data_root, dataset)


def run_hls(
    model: str,
    images: int | None,
    request: Request,
    build: Path,
    data_root: Path | None,
    dataset: str | None = None,
) -> int:
    """Run the verb on target hls, through Vitis HLS; return the exit status."""
    from hls_project.cosimulation import vitis
    from hls_project.parity.golden import golden_vectors
    from hls_project.targets.hls.project import TESTBENCH_IMAGES, convert

    console = open_console()
    tool = vitis.require()
    workspace = opened(model, build, console, dataset, images, data_root)
    pictures, labels = load_images(workspace, images, data_root)
    if images is None:  # this simulator is slow
        pictures, labels = pictures[:TESTBENCH_IMAGES], None if labels is None else labels[:TESTBENCH_IMAGES]
    say(console, f"{len(pictures):,} images, target hls (Vitis HLS)")
    options = hls_options(taken_plan(workspace, request, console))
    with StageProgress(console) as progress:
        network = convert(workspace, options)
        vectors = golden_vectors(workspace, pictures, labels)
        report = vitis.cosim(
            workspace.project,
            vectors.images,
            vectors.scores,
            len(network.classes),
            workspace.folder / "cosim-hls",
            progress=progress.update,
            tool=tool,
        )
    measured = report.cosimulation
    shared = {
        "model": workspace.name,
        "target": "hls",
        "exact_images": figure(len(report.scores), "simulated", "images with every score equal"),
        "first_result": figure(measured.latency.most, "simulated", "cycles, the most of any image"),
        "cycles_per_image": measured.interval
        and figure(measured.interval.mean or measured.interval.most, "simulated"),
    }
    write_json(workspace.reports / "cosim.json", report.to_json() | shared)
    say(
        console,
        f"exact: {len(report.scores):,} images, every score; latency {measured.latency.least:,} to "
        f"{measured.latency.most:,} cycles",
    )
    say(console, f"report: {workspace.reports / 'cosim.json'}")
    return 0


def write_core(model: str, request: Request, build: Path) -> tuple[Workspace, Taken]:
    """Write the RTL core of a model, unless it is current; return its workspace and the plan that it is written by."""
    console = open_console()
    workspace = opened(model, build, console)
    taken = taken_plan(workspace, request, console)
    core.convert(workspace, rtl_options(taken))
    return workspace, taken


def run_rtl(
    model: str,
    images: int | None,
    request: Request,
    seed: int,
    waves: bool,
    build: Path,
    data_root: Path | None,
    saif: bool = False,
    dataset: str | None = None,
) -> int:
    """Run the verb on target rtl; return the exit status. Parameters: see `python -m hls_project cosim --help`."""
    console = open_console()
    workspace = opened(model, build, console, dataset, images, data_root)
    verilator = Verilator.find(Compiler.from_environment(), waves, saif, build)
    pictures, labels = load_images(workspace, images, data_root)
    say(console, f"{len(pictures):,} images, target rtl (Verilator)")
    taken = taken_plan(workspace, request, console)
    print_plan(console, taken.plan, taken.choice, taken.site)
    options = rtl_options(taken)
    with StageProgress(console) as progress:
        report, difference = cosim(workspace, pictures, labels, options, verilator, seed, progress.update)
    report.print(console)
    say(console, f"report: {workspace.reports / 'cosim.json'}")
    if saif:
        say(console, f"switching activity: {workspace.folder / 'cosim' / 'activity.saif'}")
    if waves:
        say(console, f"waves: {workspace.folder / 'cosim' / 'waves.fst'}")
    if difference is not None:
        say(console, str(difference), style="bold red")
        return 1
    return 0
