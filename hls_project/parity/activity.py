"""How often the hardware's signals switch on real images: a SAIF file, and what it was recorded from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from dt_scnn.errors import FlowError
from dt_scnn.files import read_json, write_json

FILE = "activity.saif"
ABOUT = "activity.json"
IMAGES = 20
"""Images that are recorded: the file grows with signals, not with images, but recording is slow."""


@dataclass(frozen=True)
class Activity:
    """What a SAIF file was recorded from. build_id: of core and shell. images: how many, back to back. clock_mhz: MHz."""

    build_id: str
    images: int
    clock_mhz: float

    @property
    def period_ps(self) -> int:
        """Picoseconds of a clock cycle."""
        return round(1e6 / self.clock_mhz)

    def save(self, folder: Path) -> None:
        """Note it beside the SAIF file."""
        write_json(folder / ABOUT, asdict(self))

    @staticmethod
    def load(folder: Path) -> Activity | None:
        """Return what the SAIF file in `folder` was recorded from; None if there is none.

        Raises:
            FlowError: the note beside it is damaged.
        """
        if not (folder / FILE).is_file() or not (folder / ABOUT).is_file():
            return None
        try:
            content = read_json(folder / ABOUT)
            return Activity(str(content["build_id"]), int(content["images"]), float(content["clock_mhz"]))
        except (ValueError, KeyError, TypeError) as error:
            raise FlowError(
                f"{folder / ABOUT} is damaged: {error!r}; record it again: make cosim SAIF=1"
            ) from error


def place(source: Path, scope: str, path: tuple[str, ...]) -> str:
    """Return the text of the SAIF file `source` with its innermost instance called `scope` at another place of a hierarchy.

    path: names of instances from the top of the design down to that instance; the last is its name there.

    Raises:
        FlowError: there is no such instance, or the file is cut off.
    """
    text = source.read_text()
    begin = text.rfind(f"(INSTANCE {scope}\n")
    head = text.find("(INSTANCE")
    if begin < 0:
        raise FlowError(f"{source} has no instance {scope}")
    depth = 0
    for end in range(begin, len(text)):
        depth += (text[end] == "(") - (text[end] == ")")
        if depth == 0:
            break
    else:
        raise FlowError(f"{source} is cut off: its instance {scope} has no end")
    inside = text[begin + len(f"(INSTANCE {scope}") : end + 1]
    above = "".join(f"(INSTANCE {name}\n" for name in path[:-1])
    return f"{text[:head]}{above}(INSTANCE {path[-1]}{inside}{')' * (len(path) - 1)}\n)\n"
