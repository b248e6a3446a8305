"""Pictures by matplotlib, written whole or not at all."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path


def pyplot(extra: str = "explore") -> Any:
    """Return matplotlib's pyplot, which draws without a display. extra: what installs it, with what else is needed.

    Raises:
        ConfigurationError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise ConfigurationError(
            f"plots need matplotlib; install it: pip install 'dt-scnn[{extra}]'"
        ) from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def save(figure: Any, path: Path) -> Path:
    """Write the figure as its suffix says, `.png` or `.svg`, and close it; return `path`."""
    write(figure, path)
    pyplot().close(figure)
    return path


def write(figure: Any, path: Path) -> None:
    """Write the figure as its suffix says, `.png` or `.svg`: the same file for the same figure."""
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    with (
        atomic_path(path) as partial,
        warnings.catch_warnings(),
        pyplot().rc_context({"svg.hashsalt": path.name}),
    ):
        warnings.simplefilter("ignore")
        figure.savefig(partial, format=path.suffix[1:], dpi=120, bbox_inches="tight", metadata=metadata)
