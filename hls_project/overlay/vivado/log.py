"""What Vivado's log says: stages for the progress line, critical warnings, and errors in the user's terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path

from dt_scnn.errors import FlowError

Progress = Callable[[str, int, int], None]

_STAGE = re.compile(r"dtscnn: (.+)")
_CRITICAL = re.compile(r"CRITICAL WARNING: \[([^\]]+)\] ?(.*)")
_OVER_USE = re.compile(
    r"requires more (.+?) cells than are available.*?requires (\d{1,18}) of such cell types? but only (\d{1,18})",
    re.DOTALL,
)
_MOST = 10


def listener(progress: Progress) -> Callable[[str], None]:
    """Return what turns lines of the log into progress: each stage begins as the one before it ends."""
    current: list[str] = []

    def hear(line: str) -> None:
        if found := _STAGE.fullmatch(line.strip()):
            if current:
                progress(current.pop(), 1, 1)
            if found[1] not in ("synthesized", "implemented"):
                current.append(found[1])
                progress(found[1], 0, 1)

    return hear


def check_end(log: Path, last: str) -> None:
    """Judge the log of a run that ended with status 0. last: what its last stage announces.

    Raises:
        FlowError: the run did not come to its end, or the log has errors.
    """
    lines = log.read_text(errors="replace").splitlines()
    if errors := [line for line in lines if line.startswith("ERROR:")]:
        raise FlowError(
            "Vivado reports errors, though it ended with status 0", log, "\n".join(errors[:_MOST])
        )
    if f"dtscnn: {last}" not in (line.strip() for line in lines):
        raise FlowError(f"Vivado ended with status 0 before it was {last}", log, "\n".join(lines[-_MOST:]))


def check_warnings(log: Path, accepted: Collection[str]) -> None:
    """Judge the critical warnings of a log. accepted: IDs of those that are no error.

    Raises:
        FlowError: there are others.
    """
    lines = log.read_text(errors="replace").splitlines()
    found = [
        (match[1], line) for line in lines if (match := _CRITICAL.match(line)) and match[1] not in accepted
    ]
    if found:
        ids = ",".join(sorted({name for name, _ in found}))
        raise FlowError(
            f"Vivado gives {len(found)} critical warnings; if all are harmless here, run again with ACCEPT='{ids}'",
            log,
            "\n".join(line for _, line in found[:_MOST]),
        )


def cause(log: Path) -> str | None:
    """Return in a line why a run failed, if its log says it in a way that is known here."""
    text = log.read_text(errors="replace") if log.is_file() else ""
    if found := _OVER_USE.search(text):
        return (
            f"the design does not fit: it needs {int(found[2]):,} {found[1]} cells, the part has {int(found[3]):,}; "
            "a plan with fewer kernels and inputs at once or a smaller network helps"
        )
    if found := re.search(r"ERROR: \[dtscnn\] (timing is not met: .*)", text):
        return f"{found[1]}; a lower clock helps: CLOCK=<MHz>"
    if "ERROR: [Coretcl 2-106]" in text:
        return "this Vivado does not know the board's part; its installer can add device families"
    return None
