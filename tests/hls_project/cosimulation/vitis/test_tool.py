"""Which program of Vitis HLS is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError, ToolNotFoundError
from hls_project.cosimulation.vitis import VitisHls, locate, require
from tests.hls_project.cosimulation.vitis.conftest import install


def test_the_newer_program_is_preferred(tmp_path: Path) -> None:
    older = install(tmp_path, "vitis_hls")
    assert locate({"PATH": str(tmp_path)}) == VitisHls(older, False)
    newer = install(tmp_path, "vitis-run")
    assert locate({"PATH": str(tmp_path)}) == VitisHls(newer, True)


def test_the_variable_is_preferred_to_the_path(tmp_path: Path) -> None:
    install(tmp_path / "a", "vitis-run")
    older = install(tmp_path / "b", "vitis_hls")
    assert locate({"PATH": str(tmp_path / "a"), "VITIS_HLS": older}) == VitisHls(older, False)


@pytest.mark.parametrize(
    ("value", "message"), [("/x/vivado", "must be"), ("/x/vitis_hls", "no such program")]
)
def test_a_variable_that_points_nowhere_is_refused(value: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        locate({"PATH": "", "VITIS_HLS": value})


def test_without_vitis_the_error_says_what_to_install(tmp_path: Path) -> None:
    assert locate({"PATH": str(tmp_path)}) is None
    with pytest.raises(ToolNotFoundError) as error:
        require({"PATH": str(tmp_path)})
    for part in ("vitis-run", "vitis_hls", "2023.2", "2020.2", "VITIS_HLS"):
        assert part in str(error.value)
