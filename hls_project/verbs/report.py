"""The verb `report`: all that is known of a model, on one page."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dt_scnn import models
from dt_scnn.errors import ConfigurationError
from dt_scnn.next_verb import WITHOUT_BUILD, WITHOUT_DATA
from dt_scnn.qonnx_format import DATASET
from hls_project.graph.integer import integerize
from hls_project.graph.validate import load_proto
from hls_project.page import cards, computed, render
from hls_project.page.cards import Trained
from hls_project.page.computed import Watched
from hls_project.page.facts import Facts
from hls_project.page.parts import Part, read_parts
from hls_project.page.planned import read_plan
from hls_project.page.rungs import Rung, climb
from hls_project.reports.drawing import pyplot
from hls_project.verbs.given import BUILD, Model, Progress, Tell, mute, opened, pictures, silent
from hls_project.verbs.planned import subject_of
from hls_project.workspace.folder import Workspace

FILE = "report.html"
PICTURES = "report"
_OF_ITS_OWN_DATA = (*WITHOUT_DATA, "train")
"""Verbs that a page on other data calls as one on the model's own: trained on others it would be another model."""


@dataclass(frozen=True)
class Report:
    """A page. path: of the HTML file. pictures: its pictures, as SVG. ladder: who computes the scores, and whether all agree.

    parts: the reports that it was made of, by file; each says whether it is there, and the command that makes it.
    """

    path: Path
    pictures: tuple[Path, ...]
    ladder: tuple[Rung, ...]
    parts: dict[str, Part]

    @property
    def is_exact(self) -> bool:
        """Whether no rung that is known differs."""
        return not any(rung.verdict in ("differs", "failed") for rung in self.ladder)


def report(
    model: Model,
    *,
    data: str | Path | None = None,
    data_root: str | Path | None = None,
    build: str | Path = BUILD,
    progress: Progress = silent,
    tell: Tell = mute,
) -> Report:
    """Write the page of a model, `report.html`, and its pictures, `report/*.svg`; return where they are.

    model, data, data_root, build: as for `csim`. The page holds what other verbs have left of this very model and plan;
    what they have not is named with the command that makes it. Counts, firing and spike maps are computed now, on the model's
    sample. No plan is made.

    Raises:
        ConfigurationError: the model or the images are refused, or matplotlib or jinja2 is missing.
    """
    pyplot("report")
    render.templates()
    with opened(model, build, tell) as workspace:
        command = commands(workspace, Path(build), data)
        facts = _facts(workspace, model, Path(build), data, data_root, command, progress)
        page = render.assemble(facts, workspace.folder / PICTURES, datetime.now())
        path = workspace.folder / FILE
        drawn = render.write_page(page, path)
        return Report(path, tuple(picture.path for picture in drawn), facts.ladder, facts.parts)


def commands(workspace: Workspace, build: Path, data: str | Path | None) -> Callable[..., str]:
    """Return what says a verb's command for this model: `make` where the results are in `build`, else `dt-scnn`."""

    def make(verb: str, **words: str) -> str:
        given = {"MODEL": words.pop("model", workspace.given or str(workspace.model))} | words
        if data is not None and verb not in _OF_ITS_OWN_DATA:
            given["DATA"] = str(data)
        return " ".join(["make", verb, *(f"{name}={shlex.quote(value)}" for name, value in given.items())])

    def typed(verb: str, **words: str) -> str:
        said = [
            "dt-scnn",
            verb.replace("dataflow", "csim"),
            words.pop("model", workspace.given or str(workspace.model)),
        ]
        said += ["--dataflow"] if verb == "dataflow" else []
        said += [part for name, value in words.items() for part in (f"--{name.lower()}", value)]
        said += [] if data is None or verb in _OF_ITS_OWN_DATA else ["--data", str(data)]
        said += [] if verb in WITHOUT_BUILD else ["--build", str(build)]
        return shlex.join(said)

    return make if build == BUILD else typed


def _facts(
    workspace: Workspace,
    model: Model,
    build: Path,
    data: str | Path | None,
    data_root: str | Path | None,
    command: Callable[..., str],
    progress: Progress,
) -> Facts:
    properties = {prop.key: prop.value for prop in load_proto(workspace.model).metadata_props}
    graph = integerize(workspace.model)
    watched, no_images = _watch(workspace, graph, data, data_root, progress)
    trained, baseline = _cards(workspace, model, build)
    parts = read_parts(workspace.folder, command)
    planned = read_plan(workspace.folder, subject_of(workspace))
    ladder = tuple(climb(trained, watched, parts, command, no_images))
    dataset = properties.get(DATASET, "") if data is None else str(data)
    return Facts(
        workspace, graph, dataset, planned, trained, baseline, watched, no_images, parts, ladder, command
    )


def _watch(
    workspace: Workspace,
    graph: computed.IntegerGraph,
    data: str | Path | None,
    data_root: str | Path | None,
    progress: Progress,
) -> tuple[Watched | None, str]:
    """Return the network on images, or why there are none; what is asked for and is not there is an error."""
    if workspace.sample is None and data is None:
        try:
            images, labels = pictures(workspace, None, None, None, data_root)
        except ConfigurationError as error:
            return None, str(error)
    else:
        images, labels = pictures(workspace, None, None, data, data_root)
    return computed.watch_network(workspace, graph, images, labels, progress), ""


def _cards(workspace: Workspace, model: Model, build: Path) -> tuple[Trained, Trained | None]:
    name = workspace.called or workspace.name
    if not isinstance(model, (str, Path)):
        return Trained(name, why="a model in memory has no card"), None
    trained = cards.read_trained(models.find(str(model), build).path, name, build)
    if trained.card is not None and trained.card.n_thresholds == 1:
        return trained, None
    return trained, cards.read_baseline(name, trained, build)
