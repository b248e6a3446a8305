"""The tables of the reference pages that say what the sources say.

`python -m tests.docs.generated` writes them anew. In a page they stand between `<!-- generated: NAME -->` and
`<!-- end: NAME -->`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer
from pydantic import TypeAdapter

from board import manifest, registers
from dt_scnn import qonnx_format
from dt_scnn_console.__main__ import app
from hls_project.graph import (
    answers,
    bias_neuron,
    constants,
    firing,
    geometry,
    quantizer,
    scaling,
    validate,
    weights,
)
from hls_project.overlay import boards
from quant_train import config
from quant_train.data import DataConfig
from tests.benchmarks.models import BEGIN, END
from tests.docs.docstrings import split

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
_TABLE = re.compile(r"<!-- generated: ([\w-]+) -->\n.*?<!-- end: \1 -->", re.S)


def described(owner: type) -> dict[str, str]:
    """Return what a dataclass's docstring says of each field.

    Raises:
        KeyError: it says nothing of a field.
    """
    names = [field.name for field in fields(owner)]
    found: dict[str, str] = {}
    for paragraph in (owner.__doc__ or "").split("\n\n"):
        found |= split(paragraph, names)[1]
    return {name: found[name] for name in names}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def recipe_keys(owner: type) -> str:
    """Return the keys of a recipe's section: what they may be, what they are unless given, and what they mean."""
    schema, texts = TypeAdapter(owner).json_schema(), described(owner)
    return table(
        ("key", "value", "default", "meaning"),
        (
            (f"`{name}`", _values(entry), _default(name, entry, schema), texts[name])
            for name, entry in schema["properties"].items()
        ),
    )


def _values(entry: dict[str, Any]) -> str:
    """Return what an entry of a JSON schema allows."""
    if "anyOf" in entry:
        return " or ".join(_values(option) for option in entry["anyOf"] if option != {"type": "null"})
    if "enum" in entry:
        return ", ".join(f"`{json.dumps(option)}`" for option in entry["enum"])
    if entry["type"] == "array":
        return f"[{'; '.join(map(_values, entry['prefixItems']))}]"
    said = {"string": "text", "boolean": "`true`, `false`"}.get(entry["type"], entry["type"])
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    return ", ".join([said, *(f"{sign} {entry[name]}" for name, sign in signs.items() if name in entry)])


def _default(name: str, entry: dict[str, Any], schema: dict[str, Any]) -> str:
    if name in schema.get("required", ()):
        return "must be given"
    return "none" if entry["default"] is None else f"`{json.dumps(entry['default'])}`"


def manifest_fields() -> str:
    """Return the fields of a manifest."""
    texts = described(manifest.Manifest)
    return table(
        ("field", "meaning"), ((f"`{name}`", text) for name, text in texts.items() if name != "path")
    )


def register_map() -> str:
    """Return the shell's registers."""
    entries = json.loads((Path(registers.__file__).parent / "shell" / "registers.json").read_text())
    return table(
        ("address", "name", "access", "meaning"),
        ((f"`0x{e['address']:02X}`", f"`{e['name']}`", e["access"], e["meaning"]) for e in entries),
    )


def operators() -> str:
    """Return the operators that are understood, by what they are for."""
    standard = {*validate.STANDARD}
    behind = {*answers._KEEPING, *answers._LABELS}
    rows = [
        ("layers", {*standard, "Squeeze", "Transpose"} - {"ArgMax", "TopK", "Softmax", "LogSoftmax"}),
        ("firing", {"DualThresholdFire", *validate._QUANTIZERS, *firing.COMPARISONS}),
        ("factors and addends of a channel", {*scaling.OPERATORS}),
        ("behind the scores", behind),
        ("of constants alone", {*constants.OPERATORS} - standard - {*scaling.OPERATORS} - behind),
    ]
    return table(("use", "operators"), ((use, _code(sorted(names))) for use, names in rows))


def domains() -> str:
    """Return the operators' domains."""
    rows = [(name, ops) for name, ops in validate.SUPPORTED.items() if name]
    return table(("domain", "operators"), ((f"`{name}`", _code(ops)) for name, ops in rows))


def limits() -> str:
    """Return what a file's numbers may be."""
    return table(
        ("what", "limit"),
        [
            (
                "opset",
                f"{validate.OPSETS[0]} to {validate.OPSETS[1]}, the newest that the installed onnx knows",
            ),
            ("weights", f"integers from -{weights.LARGEST_WEIGHT} to {weights.LARGEST_WEIGHT}"),
            ("kernel of a convolution", f"up to {geometry.LARGEST_KERNEL} x {geometry.LARGEST_KERNEL}"),
            ("thresholds of a neuron", f"1 or {firing.MOST_LEVELS}"),
            ("neurons that are added for biases of the scores", f"up to {bias_neuron._MOST_NEURONS}"),
            ("rounding modes of a quantizer", _code(quantizer._MODES)),
        ],
    )


def properties() -> str:
    """Return the properties (`metadata_props`) of a file."""
    tree = ast.parse(Path(qonnx_format.__file__).read_text()).body
    rows = []
    for node, after in zip(tree, tree[1:], strict=False):
        if not isinstance(node, ast.Assign) or not isinstance(after, ast.Expr):
            continue
        text = ast.literal_eval(after.value)
        if text.startswith("Property: "):
            rows.append((f"`{ast.literal_eval(node.value)}`", text.removeprefix("Property: ")))
    return table(("property", "meaning"), rows)


def board_keys() -> str:
    """Return the keys of a board's file, as `board/boards/README.md` has them."""
    lines = (boards.FOLDER / "README.md").read_text().splitlines()
    return "\n".join(line for line in lines if line.startswith("|"))


def models() -> str:
    """Return the accuracy and rates of the zoo, as `docs/models.md` has them."""
    shown = (DOCS / "models.md").read_text().partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    rows = [[cell.strip().partition(";")[0] for cell in line.strip("| ").split(" | ")] for line in shown]
    return table(rows[0], rows[2:])


def commands(app: typer.Typer) -> str:
    """Return the verbs of a command line with their arguments and options."""
    parts = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        arguments = [entry for entry in command.params if entry.param_type_name == "argument"]
        options = [
            entry for entry in command.params if entry.param_type_name == "option" and not entry.hidden
        ]
        said = [(f"`{entry.name.upper()}`", entry.help) for entry in arguments]
        said += [(_code(entry.opts), entry.help) for entry in options]
        title = " ".join([name, *(entry.name.upper() for entry in arguments)])
        rows = ((what, " ".join((text or "").split()).replace("<", "&lt;")) for what, text in said)
        parts += [f"### `{title}`", command.help, table(("what", "meaning"), rows)]
    return "\n\n".join(parts)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


TABLES: dict[str, Callable[[], str]] = {
    "recipe-data": lambda: recipe_keys(DataConfig),
    "recipe-network": lambda: recipe_keys(config.NetworkConfig),
    "recipe-training": lambda: recipe_keys(config.TrainingConfig),
    "recipe-stage-one": lambda: recipe_keys(config.StageOneConfig),
    "recipe-teacher": lambda: recipe_keys(config.TeacherConfig),
    "manifest": manifest_fields,
    "registers": register_map,
    "operators": operators,
    "domains": domains,
    "limits": limits,
    "properties": properties,
    "board-keys": board_keys,
    "commands": lambda: commands(app),
    "models": models,
}


def written(page: str) -> str:
    """Return a page with its tables as they are today.

    Raises:
        KeyError: it asks for a table that there is not.
    """
    return _TABLE.sub(
        lambda match: f"<!-- generated: {match[1]} -->\n\n{TABLES[match[1]]()}\n\n<!-- end: {match[1]} -->",
        page,
    )


def main() -> None:
    """Write the tables of all pages anew."""
    for path in PAGES:
        before = path.read_text()
        if (after := written(before)) != before:
            path.write_text(after)


if __name__ == "__main__":
    main()
