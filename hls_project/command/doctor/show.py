"""A diagnosis, printed: tables of at most 80 columns, or JSON."""

from __future__ import annotations

import json
import textwrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hls_project.command.doctor.diagnosis import Diagnosis, diagnose
from hls_project.command.doctor.machine import Machine
from hls_project.command.doctor.needs import VERBS
from hls_project.reports.console import COLUMNS, new_table, open_console, say, show

BASIS = "csim"
"""The verb whose lack is the exit status where none is asked for."""
_SHOWN = 3
"""Things missing of a verb that the table of all verbs names."""


def main(verb: str | None = None, as_json: bool = False, board: str | None = None) -> int:
    """Print what there is; return 0 if the verb, without one `csim`, can run, else 1.

    Raises:
        ConfigurationError: there is no such verb or board.
    """
    found = diagnose(verb, board)
    asked = verb or BASIS
    lacks = found.lacks(asked)
    if as_json:
        print(json.dumps(found.to_json(), indent=1))
        return 1 if lacks else 0
    console = open_console()
    show(console, _things(found))
    if verb is None:
        console.print()
        show(console, _verbs(found))
    console.print()
    for name, thing in found.things.items():
        if thing.found is None:
            _tell(console, f"{thing.what}: {thing.advice}")
            if name == "Vivado":
                for sentence in found.vivado:
                    _tell(console, f"Vivado: {sentence}")
    if verb == "bitstream" and found.things["Vivado"].found is not None:
        _tell(console, f"Vivado: {found.vivado[0]}")
    _tell(console, _machine(found.machine, asked))
    say(console, f"{asked} cannot run without {', '.join(lacks)}" if lacks else f"{asked} can run")
    return 1 if lacks else 0


def _things(found: Diagnosis) -> Table:
    table = new_table("", "what", "needed for", "found", left=4)
    for name, thing in found.things.items():
        color = "green" if thing.found else "red" if found.is_required(name) else "yellow"
        needed = found.needed_for(name)
        if len(found.verbs) == 1:
            said = "" if found.is_required(name) else needed[0].removeprefix(f"{found.verbs[0]} ")
        else:
            said = needed[0].partition(" ")[0] + (f" +{len(needed) - 1}" if len(needed) > 1 else "")
        table.add_row(Text("yes" if thing.found else "no", color), thing.what, said, thing.found or "")
    return table


def _verbs(found: Diagnosis) -> Table:
    table = new_table("", "verb", "missing", left=3)
    for verb in found.verbs:
        lacks = found.lacks(verb)
        mark = Text("no", "yellow") if lacks else Text("yes", "green")
        few = ", ".join(lacks[:_SHOWN])
        table.add_row(mark, verb, few + (f" and {len(lacks) - _SHOWN} more" if len(lacks) > _SHOWN else ""))
    return table


def _machine(machine: Machine, verb: str) -> str:
    needs = VERBS[verb]
    there = f"machine: {machine.cores} cores; {machine.memory_gb:.1f} GB of memory and {machine.disk_gb:.1f} GB of free disk here"
    if not needs.memory_gb:
        return there
    return f"{there}; {verb} of mnist takes up to {needs.memory_gb:g} GB and {needs.disk_gb:g} GB"


def _tell(console: Console, text: str) -> None:
    """Print a sentence in lines of at most 80 columns; no path or command in it is broken."""
    say(
        console,
        textwrap.fill(text, COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False),
    )
