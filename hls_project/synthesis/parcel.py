"""A synthesis that can run anywhere: sources in, yosys' counts out; no folder is shared with who asks for it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import FlowError
from hls_project.synthesis import yosys
from hls_project.synthesis.process import run
from hls_project.synthesis.resources import STATISTICS, Job, count


@dataclass(frozen=True)
class Parcel:
    """A module to synthesize. passes: of yosys. files: content by name. timeout: seconds. key: of the result."""

    module: str
    passes: tuple[tuple[str, ...], ...]
    files: dict[str, bytes]
    timeout: float
    key: str


def pack(job: Job, rtl: Path, timeout: float = yosys.TIMEOUT) -> Parcel:
    """Return the parcel of a synthesis whose sources are in the folder `rtl`."""
    passes = tuple(tuple(command) for command in job.passes)
    return Parcel(
        job.module, passes, {name: (rtl / name).read_bytes() for name in job.files}, timeout, job.key
    )


def synthesize(parcel: Parcel) -> str:
    """Run yosys in a folder of its own, and return the counts that it writes, as JSON.

    Raises:
        ToolNotFoundError: no pyosys. FlowError: yosys failed, hung or left no counts; the message has its last lines.
    """
    with tempfile.TemporaryDirectory(prefix="dt-scnn-") as temporary:
        folder = Path(temporary)
        for name, content in parcel.files.items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise FlowError(f"{name!r} leads out of the folder that {parcel.module} is synthesized in")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        passes = [list(command) for command in parcel.passes]
        call = yosys.call(
            parcel.module, [*passes, count(folder)], folder, folder / "yosys.log", parcel.timeout
        )
        try:
            run([call])
            return (folder / STATISTICS).read_text()
        except OSError as error:
            raise FlowError(f"yosys left no cell statistics of {parcel.module}: {error}") from error
        except FlowError as error:
            raise FlowError(str(error).partition("\nlog: ")[0]) from error  # the log goes with the folder
