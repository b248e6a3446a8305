"""The option of each command that tells the version."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from dt_scnn import __version__


def _tell(asked: bool) -> None:
    if asked:
        try:
            print(f"dt-scnn {version('dt-scnn')}")
        except PackageNotFoundError:  # a clone that is not installed
            print(f"dt-scnn {__version__}")
        raise typer.Exit


VersionOption = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_tell, help="Say the version.")
]
"""Of a callback of a typer app."""
