"""What every command does with errors: one message and an exit status, not a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dt_scnn.errors import DTSCNNError

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


@contextmanager
def exit_statuses(after_interruption: str) -> Iterator[None]:
    """Turn the errors of the user, of tools and of the disk into exit status 1, and Ctrl-C into 130.

    after_interruption: what the user should know then. Decorates a command, or guards a block.
    """
    try:
        yield
    except (DTSCNNError, OSError) as error:  # OSError: a full disk, a folder without permission
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print(f"interrupted; {after_interruption}", file=sys.stderr)
        sys.exit(INTERRUPTED)
