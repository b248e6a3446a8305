"""The cells of a notebook, run from top to bottom in a kernel of their own that Ctrl-C ends."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

from dt_scnn.errors import FlowError
from dt_scnn.files import atomic_path

_TIMEOUT = 1800
"""Seconds of one cell."""

_PATIENCE = 10.0
"""Seconds in which an interrupted kernel ends by itself."""


def run_cells(source: Path, result: Path) -> None:
    """Run every cell of `source`, write the notebook with its outputs to `result`, and print their text.

    What the kernel itself prints goes to `kernel.log` beside it.

    Raises:
        FlowError: a cell failed; the outputs so far are kept. KeyboardInterrupt: the kernel has ended.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from traitlets.config import Config

    book = nbformat.read(source, as_version=4)
    result.parent.mkdir(parents=True, exist_ok=True)
    failure = None
    with tempfile.TemporaryDirectory(prefix="dtscnn-") as sockets:
        client = NotebookClient(
            book,
            timeout=_TIMEOUT,
            coalesce_streams=True,  # a slow kernel sends two lines apart
            kernel_name="python3",
            resources={"metadata": {"path": str(Path.cwd())}},
            # Sockets of files: nobody else on this machine can talk to the kernel. Without a place they lie in the current folder.
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}}),
        )
        try:
            with open(result.with_name("kernel.log"), "w") as log:
                _execute(client, log)
        except CellExecutionError as error:
            failure = FlowError(f"{source.name}: a cell failed", result, str(error))
        finally:
            with atomic_path(result) as partial:
                nbformat.write(book, partial)
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            print(output.get("text") or output.get("data", {}).get("text/plain", ""), end="\n")
    if failure is not None:
        raise failure


def _execute(client: Any, log: IO[str]) -> None:
    """Run the client in a thread: in the main one it would take SIGINT for itself, and end in an error of its own."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            client.execute(stdout=log, stderr=subprocess.STDOUT)
        except BaseException as error:  # handed to the main thread
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.2)
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGKILL):
            _signal_kernel(client, number)
            thread.join(_PATIENCE)
            if not thread.is_alive():
                break
        atexit.unregister(client._cleanup_kernel)  # the client would end the kernel once more, and fail
        raise
    if errors:
        raise errors[0]


def _signal_kernel(client: Any, number: int) -> None:
    """Send a signal to the kernel and what its cells have started: they are a process group of their own."""
    provisioner = getattr(client.km, "provisioner", None)
    group = getattr(provisioner, "pgid", None)
    if group and group != os.getpgrp():
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
