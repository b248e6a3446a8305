"""Parts as data."""

from __future__ import annotations

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.synthesis.parts import DEFAULT_PART, find, parts


def test_every_part_is_whole() -> None:
    for part in parts().values():
        assert part.family == ("xc7" if part.name.startswith("xc7") else "xcup")
        assert part.ff == 2 * part.lut  # both families: two flip-flops for each LUT
        assert min(part.bram36, part.dsp) > 0 and part.board and part.source


def test_the_default_part() -> None:
    part = find(DEFAULT_PART)
    assert (part.board, part.lut, part.ff, part.bram36, part.dsp) == ("PYNQ-Z2", 53_200, 106_400, 140, 220)


def test_package_and_speed_grade_may_be_left_out() -> None:
    assert find("xczu7ev").board == "ZCU104"
    assert find("XCK26").board == "KV260"


@pytest.mark.parametrize("name", ["", "xc7z", "xc7z045", "xc7z020clg400-1x", 'xc7z020clg400-1"; exit'])
def test_unknown_or_ambiguous_part(name: str) -> None:
    with pytest.raises(ConfigurationError, match="known: xc7z020clg400-1, xc7z010clg400-1, xczu7ev"):
        find(name)
