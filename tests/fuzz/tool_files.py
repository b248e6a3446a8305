"""Readers of what tools print and report: Vivado, Vitis HLS, yosys, nextpnr. Their texts are those of the tools' stand-ins."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import mutations
from tests.fuzz.reader import Reader

HERE = Path(__file__).parents[1] / "hls_project"
VIVADO = HERE / "overlay" / "fake_vivado.py"
VITIS = HERE / "cosimulation" / "vitis" / "fake_vitis.py"


def _text(program: Path, constant: str, **values: str) -> bytes:
    """Return the text that a stand-in has under `constant`."""
    for node in ast.parse(program.read_text()).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == constant
        ):
            return str(ast.literal_eval(node.value)).format(**values).encode()
    raise KeyError(constant)


def _vivado_reports() -> Sequence[bytes]:
    utilization = _text(VIVADO, "UTILIZATION", luts="Slice LUTs", registers="Slice Registers")
    power = {"confidence": "Low", "activity": "---", "matched": "NA"}
    return [utilization, _text(VIVADO, "TIMING", wns=" 1.234"), _text(VIVADO, "POWER", **power)]


def _read_vivado_report(path: Path) -> object:
    """Read the file as each of the three reports that it might be."""
    from dt_scnn.errors import FlowError
    from hls_project.overlay.vivado import reports

    read, refused = [], None
    for parse in (reports.utilisation, reports.timing, reports.power):
        try:
            read.append(reports._read(path, parse))
        except FlowError as error:
            refused = error
    if not read and refused:
        raise refused
    return read


def _vivado_logs() -> Sequence[bytes]:
    lines = [
        "****** Vivado v2023.2 (64-bit)",
        "dtscnn: placement",
        "CRITICAL WARNING: [Timing 38-282] The design failed to meet the timing requirements.",
        "ERROR: [dtscnn] timing is not met: WNS -0.412 ns",
        "dtscnn: implemented",
    ]
    return [
        "\n".join(lines).encode(),
        _text(VIVADO, "TOO_LARGE"),
        b"dtscnn: synthesis\ndtscnn: synthesized\n",
    ]


def _read_vivado_log(path: Path) -> object:
    from dt_scnn.errors import FlowError
    from hls_project.overlay.vivado import log

    hear = log.listener(lambda *phase: None)
    for line in path.read_text(errors="replace").splitlines():
        hear(line)
    for check in (lambda: log.check_end(path, "implemented"), lambda: log.check_warnings(path, ())):
        try:
            check()
        except FlowError:
            continue
    return log.cause(path)


def _synthesis_reports() -> Sequence[bytes]:
    loop = (
        b"<SummaryOfLoopLatency><StepLoop><Name>StepLoop</Name><TripCount>36</TripCount><Latency>40</Latency>"
        b"<PipelineII>1</PipelineII><PipelineDepth>6</PipelineDepth></StepLoop></SummaryOfLoopLatency>"
    )
    return [_text(VITIS, "CSYNTH", name="dtscnn", latency="846", loops=loop.decode())]


def _read_synthesis_report(path: Path) -> object:
    from hls_project.cosimulation.vitis import loops, parse
    from hls_project.targets.hls import STEPS

    root = path.parents[2]
    (root / STEPS).write_text('{"conv0": 36}')
    (root / "log").write_bytes(path.read_bytes())
    found = parse.synthesis(root, "dtscnn", 0)
    return loops.check(found, root, root / "log")


def _cosimulation_reports() -> Sequence[bytes]:
    rule = "+----------+----------+" + 2 * ("-" * 47 + "+") + "----------------------+\n"
    cells = "".join(f"{number:>15}|" for number in (850, 851, 853, 841, 841, 843))
    return [
        f"{rule}+   RTL    +  Status  +\n|   Verilog|      Pass|{cells}                  2535|\n{rule}".encode()
    ]


def _read_cosimulation_report(path: Path) -> object:
    from hls_project.cosimulation.vitis.parse import cosimulation

    return cosimulation(path.parents[2], "dtscnn", 0)


def _vitis_logs() -> Sequence[bytes]:
    lines = [
        "INFO: [HLS 200-1470] Pipelining result : Target II = 1, Final II = 1, Depth = 6, loop 'StepLoop'",
        "exact 3 of 3",
        "INFO: [COSIM 212-316] Starting C post checking ...",
        "exact 3 of 3",
        "INFO: [COSIM 212-1000] *** C/RTL co-simulation finished: PASS ***",
    ]
    return ["\n".join(lines).encode()]


def _read_vitis_log(path: Path) -> object:
    from hls_project.cosimulation.vitis.parse import check_log

    return check_log(path, 3)


def _cell_counts() -> Sequence[bytes]:
    leaf = {"num_cells": 3, "num_submodules": 0, "num_cells_by_type": {"LUT4": 2, "FDRE": 1}}
    top = {"num_cells": 1, "num_submodules": 1, "num_cells_by_type": {"FDRE": 1, "leaf": 1}}
    return [json.dumps({"modules": {"\\leaf": leaf, "\\top": top}}).encode()]


def _read_cell_counts(path: Path) -> object:
    from hls_project.synthesis.cells import Statistics

    return Statistics(path).cells("top")


READERS = (
    Reader("vivado-report", "utilization.rpt", _vivado_reports, _read_vivado_report, mutations.text),
    Reader("vivado-log", "vivado.log", _vivado_logs, _read_vivado_log, mutations.text),
    Reader(
        "vitis-synthesis",
        "syn/report/dtscnn_csynth.xml",
        _synthesis_reports,
        _read_synthesis_report,
        mutations.text,
    ),
    Reader(
        "vitis-cosimulation",
        "sim/report/dtscnn_cosim.rpt",
        _cosimulation_reports,
        _read_cosimulation_report,
        mutations.text,
    ),
    Reader("vitis-log", "vitis.log", _vitis_logs, _read_vitis_log, mutations.text),
    Reader("yosys-cells", "cells.json", _cell_counts, _read_cell_counts, mutations.json_text),
)
