"""The exception family of the toolkit: what went wrong, what was wanted, and what to do."""

from __future__ import annotations

from pathlib import Path

_WIDEST = 160
"""Characters of a tool's line that a message shows: a literal in a source may have 100,000."""


class DTSCNNError(Exception):
    """Base of every error that is the user's or a tool's and not a defect of this project."""


class ConfigurationError(DTSCNNError):
    """Bad input: a file, a key or a model."""


class ToolNotFoundError(DTSCNNError):
    """A program that a stage needs is not installed.

    tool: its name. versions: those it was written for or tried with. variable: the environment variable that points to it.
    """

    def __init__(self, tool: str, versions: str, variable: str) -> None:
        super().__init__(
            f"{tool} was not found; install it (written for: {versions}) or set {variable} to its path"
        )
        self.tool, self.versions, self.variable = tool, versions, variable


class FlowError(DTSCNNError):
    """A stage or a tool failed. log_path: its log. log_tail: the log's last lines; long ones are shown cut."""

    def __init__(self, message: str, log_path: Path | None = None, log_tail: str = "") -> None:
        lines = [line if len(line) <= _WIDEST else f"{line[:_WIDEST]} ..." for line in log_tail.splitlines()]
        parts = [message, "\n".join(lines).rstrip(), f"log: {log_path}" if log_path else ""]
        super().__init__("\n".join(part for part in parts if part))
        self.log_path, self.log_tail = log_path, log_tail


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, cut if it is long; the error's type where it says nothing."""
    lines = str(error).strip().splitlines()
    line = lines[0].strip() if lines else type(error).__name__
    return line if len(line) <= _WIDEST else f"{line[:_WIDEST]} ..."
