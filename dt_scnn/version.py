"""The version of the toolkit, and the option of each command that tells it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

__version__ = "0.1.0"


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
