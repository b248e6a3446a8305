"""A model, as every verb takes it: found by the one rule, and named to the user."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from hls_project.reports.console import say
from hls_project.workspace.folder import Workspace, open_workspace


def opened(model: str, build: Path, console: Console) -> Workspace:
    """Return the workspace of a model, and say which model was taken: of the zoo, trained here, or a file.

    Raises:
        ConfigurationError: there is no such model.
    """
    workspace = open_workspace(model, build)
    say(console, f"model: {workspace.origin}")
    return workspace
