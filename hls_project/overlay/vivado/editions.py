"""Which edition of Vivado builds a part, and what an installation takes: what public sources say, for none was tried here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST, NEWEST = "2020.2", "2024.2"
"""Releases that the Tcl was written for."""

_FILE = Path(__file__).with_name("editions.json")
_RELEASE = re.compile(r"^(20\d\d\.\d)(\.\d)?$")


@dataclass(frozen=True)
class Edition:
    """Whether the free edition builds a part: None where no public source was found. source: who says so."""

    part: str
    free: bool | None
    source: str

    def __str__(self) -> str:
        if self.free:
            return f"{self.part}: the free edition builds it ({self.source})"
        if self.free is None:
            return f"{self.part}: no public source was found for the free edition; see the devices in AMD's UG973"
        return f"{self.part}: a licence is needed ({self.source})"


def edition_of(part: str) -> Edition:
    """Return which edition builds a part, given by its full name."""
    known = _known()["parts"]
    name = next((name for name in known if part.lower().startswith(name)), None)
    return Edition(part, None, "") if name is None else Edition(part, **known[name])


def requirements() -> tuple[str, ...]:
    """Return, a sentence each, what the free edition is called and what an installation takes."""
    known = _known()
    sizes = known["installations"][0]
    return (
        f"free edition: Vivado ML Standard from 2021.1 on, WebPACK before; written for {OLDEST} to {NEWEST}, which need no "
        f"licence file for it. From {known['tiers']['since']} on Vivado asks for a licence of a tier "
        f"({known['tiers']['source']})",
        f"an installation of {sizes['release']} with few devices: {sizes['download_gb']} GB to download, "
        f"{sizes['during_gb']} GB of disk meanwhile, {sizes['after_gb']} GB afterwards ({sizes['source']}); about "
        f"{known['hours']['value']} hour besides the download ({known['hours']['source']}); at least "
        f"{known['memory_gb']['value']} GB of memory ({known['memory_gb']['source']})",
        "TARGET=hls takes Vitis HLS too, which the same installer brings",
    )


def release_of(program: str) -> str | None:
    """Return the release that the path of an installed program names, as AMD's installer lays it out; None if it names none."""
    found = [part[1] for part in map(_RELEASE.match, Path(program).parts) if part]
    return found[-1] if found else None


def is_written_for(release: str) -> bool:
    """Say whether the Tcl was written for a release."""
    return OLDEST <= release <= NEWEST


def _known() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(_FILE.read_text())
    return content
