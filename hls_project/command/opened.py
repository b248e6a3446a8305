"""A model, as every verb takes it: found by the one rule, and named to the user."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from hls_project.reports.console import say
from hls_project.workspace.folder import Workspace, open_workspace
from hls_project.workspace.images import with_data


def opened(
    model: str,
    build: Path,
    console: Console,
    dataset: str | None = None,
    count: int | None = None,
    data_root: Path | None = None,
) -> Workspace:
    """Return the workspace of a model, and say which model was taken: of the zoo, trained here, or a file.

    dataset: a name or a path, whose first `count` test images (200) take the place of the model's sample.

    Raises:
        ConfigurationError: there is no such model or data set, or they do not fit.
    """
    workspace = open_workspace(model, build)
    say(console, f"model: {workspace.origin}")
    return workspace if dataset is None else with_data(workspace, dataset, count, data_root)
