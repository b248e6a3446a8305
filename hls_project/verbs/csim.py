"""The verb `csim`: the generated C++, on images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from numpy.typing import ArrayLike

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from hls_project.c_simulation import csim_verdict
from hls_project.c_simulation import dataflow as threads
from hls_project.c_simulation.csim_report import CsimReport
from hls_project.reports.made_from import write_report
from hls_project.verbs.given import (
    BUILD,
    Images,
    Model,
    PlanWords,
    Progress,
    Tell,
    mute,
    opened,
    pictures,
    request_of,
    silent,
)
from hls_project.verbs.planned import hls_options, same_plan


def csim(
    model: Model,
    images: Images = None,
    labels: ArrayLike | Sequence[str] | None = None,
    *,
    target: str = "hls",
    jobs: int | None = None,
    dataflow: bool = False,
    build: str | Path = BUILD,
    data: str | Path | None = None,
    data_root: str | Path | None = None,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> CsimReport:
    """Simulate the generated C++ on images and compare every score with onnxruntime's; return the report.

    model: a name of the zoo or of a training, a path, or an `onnx.ModelProto`. images: uint8 (N, H, W, C), (N, H, W) of one
    channel, a number of test images, or None for the model's sample. labels: (N,) numbers or class names, of images that
    are given. jobs: processes, one for each core without it. dataflow: also run each process as a thread on
    bounded streams and size them, unless a score differs. build: folder of the results. data: a data set in place of the
    model's own, a name or a path (docs/own-data.md); data_root: the folder of those with names.
    plan: see `PlanWords`. Needs g++ alone. Also writes `<build>/<model>/reports/csim.json`.

    A score that differs is no error: see `is_exact` and `difference` of the report.

    Raises:
        ConfigurationError: the model, the images or the plan are refused. ToolNotFoundError: no compiler. FlowError: a
            stage failed, or the streams have a deadlock.
    """
    if target != "hls":
        raise ConfigurationError(
            f"C-simulation is of target hls, not {target!r}: target rtl has no C++; use cosim(target='rtl')"
        )
    with opened(model, build, tell) as workspace:
        compiler = Compiler.from_environment()
        arrays = pictures(workspace, images, labels, data, data_root)
        tell(f"{len(arrays[0]):,} images")
        options = hls_options(same_plan(workspace, request_of(plan), tell))
        report = csim_verdict.csim(workspace, *arrays, options, compiler, jobs, progress)
        if not dataflow or not report.is_exact:
            return report
        vectors = workspace.folder / "csim" / "golden.bin"
        found = threads.run(
            workspace.project, vectors, report.images, workspace.folder / "dataflow", compiler
        )
        write_report(workspace.reports / "dataflow.json", found.to_json(), arrays[0])
        return replace(report, dataflow=found)
