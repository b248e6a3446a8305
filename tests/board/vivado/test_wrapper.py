"""The Verilog around the shell: lint, and the same ports."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from string import Template

from dt_scnn.compiler import Compiler
from hls_project.cosimulation.verilate import Verilator
from hls_project.overlay.vivado import scripts
from hls_project.targets.rtl.core import SHELL
from tests.board.vivado.test_block_design import PARAMETERS

CORE = Path(__file__).parents[1] / "rtl"


def test_wrapper_shell_and_core_are_clean_for_verilator(tmp_path: Path) -> None:
    wrapper = tmp_path / scripts.WRAPPER
    wrapper.write_text(Template((scripts.TCL / scripts.WRAPPER).read_text()).substitute(PARAMETERS))
    verilator = Verilator.find(Compiler.from_environment())
    done = subprocess.run(
        [verilator.program, "--lint-only", "-Wall", "--top-module", "dtscnn_axi"]
        + [
            f"-DCORE_{name}={PARAMETERS[name]}"
            for name in ("HEIGHT", "WIDTH", "CHANNELS", "PIXELS", "CLASSES")
        ]
        + [str(wrapper), *map(str, sorted(SHELL.glob("*.sv"))), str(CORE / "dtscnn_core.sv")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_wrapper_has_the_shells_ports_and_hands_each_on() -> None:
    wrapper = (scripts.TCL / scripts.WRAPPER).read_text()
    shell = (SHELL / "dtscnn_shell.sv").read_text()
    pattern = re.compile(
        r"^\s*(input|output)\s+(?:wire\s+)?(?:logic\s+)?(?:\[(.*?)\]\s*)?(\w+),?$", re.MULTILINE
    )
    ports = [
        (way, width.replace("${BUS_BITS}", "BUS_BITS"), name) for way, width, name in pattern.findall(wrapper)
    ]
    assert len(ports) > 20 and ports == pattern.findall(shell.partition(");")[0])
    assert re.findall(r"^\s+\.(\w+)\(\1\)", wrapper, re.MULTILINE) == [name for _, _, name in ports]


def test_every_parameter_of_the_shell_is_set() -> None:
    shell = (SHELL / "dtscnn_shell.sv").read_text()
    wanted = re.findall(r"parameter (?:integer|logic \[63:0\]) (\w+)", shell)
    assert wanted == list(PARAMETERS)
    wrapper = (scripts.TCL / scripts.WRAPPER).read_text()
    assert re.findall(r"\.([A-Z_]+)\(\$\{\1\}\)", wrapper) == wanted
