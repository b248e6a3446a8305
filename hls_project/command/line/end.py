"""How a verb of the command line ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

from dt_scnn.models import BUILD
from dt_scnn.next_verb import next_line


def end(
    status: int,
    verb: str,
    model: str,
    build: Path = BUILD,
    *,
    data: str | None = None,
    host: str | None = None,
) -> NoReturn:
    """Exit; after success, say which command mostly comes next for `model`, "" for nothing to say."""
    if status == 0 and model and (line := next_line(verb, model, build=build, data=data, host=host)):
        print(line)
    sys.exit(status)
