"""What is found held against what verbs need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from dt_scnn.errors import ConfigurationError
from hls_project.command.doctor.machine import Machine, this_machine
from hls_project.command.doctor.needs import VERBS
from hls_project.command.doctor.things import Thing, look_for
from hls_project.overlay import boards
from hls_project.overlay.vivado import editions
from hls_project.plan.request import DEFAULT_BOARD


@dataclass(frozen=True)
class Diagnosis:
    """What `verbs` need, by name, and what there is. vivado: for bitstreams, which edition builds the part, and what it takes."""

    verbs: tuple[str, ...]
    things: Mapping[str, Thing]
    machine: Machine
    vivado: tuple[str, ...]

    def lacks(self, verb: str) -> tuple[str, ...]:
        """Return what a verb cannot run without and is not there."""
        needs = VERBS[verb]
        missing = [self.things[what].what for what in needs.always if self.things[what].found is None]
        if self.machine.disk_gb < needs.disk_gb:
            missing.append(f"{needs.disk_gb:g} GB of disk")
        if self.machine.memory_gb < needs.memory_gb:
            missing.append(f"{needs.memory_gb:g} GB of memory")
        return tuple(missing)

    def needed_for(self, what: str) -> tuple[str, ...]:
        """Return the verbs that need a thing, with the use that alone needs it."""
        always = [verb for verb in self.verbs if what in VERBS[verb].always]
        uses = {
            f"{verb} {VERBS[verb].sometimes[what]}" for verb in self.verbs if what in VERBS[verb].sometimes
        }
        return (*always, *sorted(uses))

    def is_required(self, what: str) -> bool:
        """Say whether any of the verbs cannot run at all without a thing."""
        return any(what in VERBS[verb].always for verb in self.verbs)

    def to_json(self) -> dict[str, Any]:
        """Return all of it, for programs."""
        return {
            "machine": asdict(self.machine),
            "verbs": {
                verb: {"can_run": not self.lacks(verb), "missing": self.lacks(verb)} for verb in self.verbs
            },
            "things": [
                {
                    **asdict(thing),
                    "required": self.is_required(name),
                    "needed_for": self.needed_for(name),
                }
                for name, thing in self.things.items()
            ],
            "vivado": self.vivado,
        }


def diagnose(verb: str | None = None, board: str | None = None) -> Diagnosis:
    """Look for what a verb needs, without one for what any of them needs.

    board: that a bitstream is for; without it, the default one.

    Raises:
        ConfigurationError: there is no such verb or board.
    """
    if verb is not None and verb not in VERBS:
        near = get_close_matches(verb, VERBS, 1, 0.6)
        meant = f" did you mean {near[0]}?" if near else ""
        raise ConfigurationError(f"there is no verb {verb!r};{meant} there are {', '.join(VERBS)}")
    verbs = tuple(VERBS) if verb is None else (verb,)
    names = dict.fromkeys(what for name in verbs for what in (*VERBS[name].always, *VERBS[name].sometimes))
    part = boards.find(board or DEFAULT_BOARD).part
    vivado = (str(editions.edition_of(part)), *editions.requirements()) if "Vivado" in names else ()
    return Diagnosis(verbs, {name: look_for(name) for name in names}, this_machine(), vivado)
