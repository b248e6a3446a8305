"""The Tcl, run by a plain interpreter in which the commands of Vitis HLS are noted down."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hls_project.cosimulation.vitis.cosim import _write_settings
from hls_project.cosimulation.vitis.synthesis import SOLUTION_TCL
from hls_project.vendor import tcl
from tests.hls_project.cosimulation.vitis.conftest import write_project

COMMANDS = (
    "open_project set_top add_files open_solution config_array_partition config_compile set_part config_schedule "
    "create_clock set_clock_uncertainty csynth_design cosim_design csim_design export_design"
)
RECORDER = f"""
foreach name {{{COMMANDS}}} {{
    proc $name args [string map [list NAME $name] {{
        puts "CALL\\x1f[join [list NAME {{*}}$args] \\x1f]"
        if {{[info exists ::env(FAILING)] && $::env(FAILING) eq "NAME"}} {{ error "NAME went wrong" }}
    }}]
}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / 'a [b] $c {d "e" \\f' / "hls")


def interpret(
    project: Path, script: Path, failing: str = ""
) -> tuple[subprocess.CompletedProcess[str], list[list[str]]]:
    """Source `script` with the recorder in place; return the ended interpreter and the calls."""
    tclsh = shutil.which("tclsh")
    if tclsh is None:
        pytest.skip("there is no tclsh (Debian, Ubuntu: apt install tcl)")
    text = RECORDER + f"source {tcl.word(str(script))}\n"
    (project / "recorder.tcl").write_text(text, encoding="utf-8")
    ended = subprocess.run(
        [tclsh, "recorder.tcl"],
        cwd=project,
        env={"FAILING": failing, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    lines = ended.stdout.splitlines()
    return ended, [line.split("\x1f")[1:] for line in lines if line.startswith("CALL\x1f")]


def settings_of(project: Path, random_stall: bool = False, style: str = "flp") -> Path:
    settled = f'set solution_pipeline_style "{style}"\nsource {tcl.word(str(SOLUTION_TCL))}\n'
    return _write_settings(project, Path("/x/golden.bin"), Path("/x/results.bin"), random_stall, settled)


def test_every_command_has_its_arguments(project: Path) -> None:
    settings = settings_of(project)
    ended, calls = interpret(project, settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert calls[0] == ["open_project", "-reset", "dtscnn_prj"]
    assert ["set_top", "dtscnn"] in calls
    assert ["set_part", "xc7z020clg400-1"] in calls
    assert ["create_clock", "-period", "10.0", "-name", "default"] in calls
    assert [call[0] for call in calls[-2:]] == ["csynth_design", "cosim_design"]
    options = dict(zip(calls[-1][1::2], calls[-1][2::2], strict=True))
    assert options.pop("-argv") == "--golden /x/golden.bin --results /x/results.bin"
    assert options == {"-rtl": "verilog", "-tool": "xsim", "-trace_level": "none"}


def test_every_file_exists(project: Path) -> None:
    _, calls = interpret(project, settings_of(project))
    files = [next(word for word in call[1:] if word != "-tb") for call in calls if call[0] == "add_files"]
    assert files == ["firmware/dtscnn.cpp", "dtscnn_test.cpp", "firmware/weights", "tb_data"]
    assert all((project / file).exists() for file in files)


def test_random_stalls_are_asked_for(project: Path) -> None:
    _, calls = interpret(project, settings_of(project, random_stall=True))
    assert "-random_stall" in calls[-1]


@pytest.mark.parametrize("command", ["add_files", "csynth_design", "cosim_design"])
def test_a_failed_command_ends_the_run(project: Path, command: str) -> None:
    settings = settings_of(project)
    ended, calls = interpret(project, settings, command)
    assert ended.returncode == 1
    assert f"ERROR: [dtscnn] {command} went wrong" in ended.stdout
    assert calls[-1][0] == command


@pytest.mark.parametrize("style", ["flp", ""])
def test_pipelines_flush_and_do_not_rewind(project: Path, style: str) -> None:
    _, calls = interpret(project, settings_of(project, style=style))
    compile_ = [call[1:] for call in calls if call[0] == "config_compile"]
    assert compile_ == [
        ["-name_max_length", "80", "-enable_auto_rewind=false"],
        *([["-pipeline_style", "flp"]] if style else []),
    ]


def test_the_solution_is_that_of_hls4ml(project: Path) -> None:
    hls4ml = pytest.importorskip("hls4ml")
    template = Path(hls4ml.__file__).parent / "templates" / "vitis" / "build_prj.tcl"
    shutil.copy(template, project / "build_prj.tcl")
    options = {name: 0 for name in ("csim", "cosim", "validation", "export", "vsynth", "fifo_opt")}
    pairs = " ".join(f"{name} {value}" for name, value in (options | {"reset": 1, "synth": 1}).items())
    (project / "build_opt.tcl").write_text(f"array set opt {{{pairs}}}\n")
    theirs_ended, theirs = interpret(project, project / "build_prj.tcl")
    assert theirs_ended.returncode == 0, theirs_ended.stderr
    _, ours = interpret(project, settings_of(project))
    # What solution.tcl says of the differences.
    theirs = [call for call in theirs if call[0] != "config_array_partition"]
    known = ["config_compile", "-name_max_length", "80"]
    assert [
        call[:3] if call[:3] == known else call for call in ours[:-1] if "-pipeline_style" not in call
    ] == theirs
    assert len(theirs) == 13


@pytest.mark.parametrize(
    "text", ["plain", "a b", "[exit 3]", "$env(HOME)", "{", "}", '"', "\\", "a\\nb", "é;#"]
)
def test_any_text_is_one_word(project: Path, text: str) -> None:
    script = project / "word.tcl"
    script.write_text(f"set_top {tcl.word(text)}\n", encoding="utf-8")
    ended, calls = interpret(project, script)
    assert ended.returncode == 0, ended.stderr
    assert calls == [["set_top", text]]
