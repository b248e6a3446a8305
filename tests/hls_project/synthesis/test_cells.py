"""Cell counts to resources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dt_scnn.errors import FlowError
from hls_project.synthesis.cells import Resources, Statistics, resources_of
from tests.hls_project.synthesis.conftest import RECORDED


def test_recorded_statistics() -> None:
    statistics = Statistics(RECORDED / "cells_conv0.json")
    cells = statistics.cells("dtscnn_conv0")
    assert cells["LUT6"] == 11 and cells["LUT5"] == 11  # 8 + 3 and 3 + 8: the layer's own and its kernel's
    assert "dtscnn_conv0_kernel" not in cells
    assert resources_of(cells) == (Resources(lut=76, ff=57, carry=16), {})
    own = statistics.cells("dtscnn_conv0", leaves=("dtscnn_conv0_kernel",))
    assert own.pop("dtscnn_conv0_kernel") == 1
    assert resources_of(own)[0] == Resources(lut=15, ff=57, carry=4)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("LUT1", Resources(lut=1)),
        ("LUT6", Resources(lut=1)),
        ("RAM32M", Resources(lut=4, lut_memory=4)),
        ("RAM64M", Resources(lut=4, lut_memory=4)),
        ("RAM32X1D", Resources(lut=2, lut_memory=2)),
        ("RAM64X1D", Resources(lut=2, lut_memory=2)),
        ("RAM128X1D", Resources(lut=4, lut_memory=4)),
        ("RAM32M16", Resources(lut=8, lut_memory=8)),
        ("SRL16E", Resources(lut=1, lut_memory=1)),
        ("SRLC32E", Resources(lut=1, lut_memory=1)),
        ("FDRE", Resources(ff=1)),
        ("FDSE", Resources(ff=1)),
        ("CARRY4", Resources(carry=1)),
        ("CARRY8", Resources(carry=1)),
        ("RAMB18E1", Resources(bram18=1)),
        ("RAMB36E2", Resources(bram36=1)),
        ("URAM288", Resources(uram=1)),
        ("DSP48E2", Resources(dsp=1)),
        ("INV", Resources()),
        ("MUXF7", Resources()),
    ],
)
def test_what_a_cell_takes(cell: str, expected: Resources) -> None:
    assert resources_of({cell: 1}) == (expected, {})
    assert resources_of({cell: 3})[0] == expected + expected + expected


def test_two_small_block_rams_share_a_large_one() -> None:
    assert [Resources(bram18=n, bram36=2).bram36_used for n in range(4)] == [2, 3, 3, 4]


def test_unknown_cells_are_listed_and_not_counted() -> None:
    assert resources_of({"LUT2": 1, "XADC": 2}) == (Resources(lut=1), {"XADC": 2})


def test_unmapped_cells_are_an_error() -> None:
    with pytest.raises(FlowError, match=r"left 2 cells \$_DLATCH_P_"):
        resources_of({"LUT2": 1, "$_DLATCH_P_": 2})


def test_a_module_that_is_there_twice_counts_twice(tmp_path: Path) -> None:
    content = json.loads((RECORDED / "cells_conv0.json").read_text())
    outer = content["modules"]["\\dtscnn_conv0"]
    outer["num_cells_by_type"]["dtscnn_conv0_kernel"] = outer["num_submodules"] = 2
    (tmp_path / "cells.json").write_text(json.dumps(content))
    assert resources_of(Statistics(tmp_path / "cells.json").cells("dtscnn_conv0"))[0].lut == 15 + 2 * 61


def damaged(kind: str) -> str:
    text = (RECORDED / "cells_conv0.json").read_text()
    content = json.loads(text)
    module = content["modules"]["\\dtscnn_conv0"]
    match kind:
        case "truncated":
            return text[: len(text) // 2]
        case "empty":
            return ""
        case "a list":
            return "[]"
        case "no modules":
            del content["modules"]
        case "negative":
            module["num_cells_by_type"]["FDRE"] = -57
            module["num_cells"] -= 2 * 57
        case "text":
            module["num_cells_by_type"]["FDRE"] = "57"
        case "sum":
            module["num_cells_by_type"]["FDRE"] -= 1
        case "no table":
            module["num_cells_by_type"] = 7
    return json.dumps(content)


@pytest.mark.parametrize(
    "kind", ["truncated", "empty", "a list", "no modules", "negative", "text", "sum", "no table"]
)
def test_damaged_or_lying_statistics(tmp_path: Path, kind: str) -> None:
    (tmp_path / "cells.json").write_text(damaged(kind))
    with pytest.raises(FlowError, match=r"no usable cell statistics in .*cells\.json"):
        Statistics(tmp_path / "cells.json")


def test_missing_statistics(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="no usable cell statistics"):
        Statistics(tmp_path / "cells.json")


def test_missing_module() -> None:
    with pytest.raises(FlowError, match="leave out the module dtscnn_conv1"):
        Statistics(RECORDED / "cells_conv0.json").cells("dtscnn_conv1")
