"""Which package may import which: the shared ground and the parity ladder lie below what stands on them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def imported(package: str) -> Iterator[tuple[str, str]]:
    """Yield (file, module) for each module that a package imports, with the name taken from it."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                yield from ((path.name, f"{node.module}.{name.name}") for name in node.names)
            elif isinstance(node, ast.Import):
                yield from ((path.name, name.name) for name in node.names)


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("dt_scnn", ("quant_train", "hls_project", "board", "dt_scnn_console")),
        ("quant_train", ("hls_project", "dt_scnn_console")),
        ("board", ("dt_scnn", "quant_train", "hls_project")),
        (
            "hls_project/parity",
            ("hls_project.c_simulation", "hls_project.cosimulation", "hls_project.targets"),
        ),
        (
            "hls_project/c_simulation",
            ("hls_project.cosimulation", "hls_project.command", "hls_project.verbs"),
        ),
        (
            "hls_project/cosimulation",
            ("hls_project.c_simulation", "hls_project.command", "hls_project.verbs"),
        ),
        (
            "hls_project/targets",
            ("hls_project.c_simulation", "hls_project.cosimulation", "hls_project.command"),
        ),
        ("hls_project/overlay", ("hls_project.c_simulation", "hls_project.command", "hls_project.verbs")),
        ("hls_project/plan", ("hls_project.command", "hls_project.verbs")),
        ("hls_project/verbs", ("hls_project.command", "rich")),
        ("hls_project", ("dt_scnn_console",)),
    ],
)
def test_no_package_imports_what_stands_on_it(package: str, forbidden: tuple[str, ...]) -> None:
    wrong = [
        (file, module)
        for file, module in imported(package)
        if any(module == name or module.startswith(f"{name}.") for name in forbidden)
    ]
    assert not wrong


def test_hardware_takes_only_data_sets_from_training() -> None:
    taken = {module for _, module in imported("hls_project") if module.startswith("quant_train")}
    assert taken <= {"quant_train.data", "quant_train.data.Dataset"}


def test_training_takes_only_the_rule_for_pictures_from_the_driver() -> None:
    taken = {module for _, module in imported("quant_train") if module.startswith("board")}
    assert {".".join(module.split(".")[:2]) for module in taken} == {"board.pictures", "board.errors"}
