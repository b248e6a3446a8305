"""The dataflow simulation: deadlocks found and named, exact smallest depths, and a parser that guesses nothing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from dt_scnn.compiler import Compiler
from dt_scnn.errors import FlowError
from hls_project.c_simulation import dataflow
from hls_project.graph.integer import integerize
from hls_project.parity import golden, golden_file
from hls_project.plan.fold import Fold
from hls_project.targets.hls import PROJECT
from hls_project.targets.hls.convert import write_project
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace.folder import Workspace
from tests import models
from tests.hls_project.c_simulation.conftest import SHAPE, SPEC

FAST = Compiler(flags=("-O0",))
PIXELS = 5

TYPES = """
#pragma once
#include "hls_stream.h"
template <unsigned N> struct beat_of {
    static const unsigned size = N;
    int values[N];
    int &operator[](unsigned i) { return values[i]; }
    int operator[](unsigned i) const { return values[i]; }
};
typedef beat_of<1> input_t;
typedef beat_of<2> result_t;
"""

# `fork` feeds two branches; `collect` puts nothing out before it has the whole frame; `join` takes one of each.
PROCESSES = f"""
#pragma once
static const unsigned N = {PIXELS};
inline void fork(hls::stream<input_t> &in, hls::stream<input_t> &a, hls::stream<input_t> &b) {{
    for (unsigned i = 0; i < N; i++) {{
        const input_t beat = in.read();
        a.write(beat);
        b.write(beat);
    }}
}}
inline void collect(hls::stream<input_t> &in, hls::stream<input_t> &out) {{
    hls::stream<input_t> frame; // local and without a bound
    for (unsigned i = 0; i < N; i++)
        frame.write(in.read());
    while (!frame.empty())
        out << frame.read();
}}
inline void join(hls::stream<input_t> &a, hls::stream<input_t> &b, hls::stream<result_t> &out) {{
    result_t sum = {{{{0, 0}}}};
    for (unsigned i = 0; i < N; i++)
        sum[0] += a.read()[0] + 2 * b.read()[0];
    out.write(sum);
}}
template <class T> void pass(hls::stream<T> &in, hls::stream<T> &out) {{
    for (unsigned i = 0; i < N; i++)
        out.write(in.read());
}}
inline void total(hls::stream<input_t> &in, hls::stream<result_t> &out) {{
    result_t sum = {{{{0, 0}}}};
    for (unsigned i = 0; i < N; i++)
        sum[0] += 3 * in.read()[0];
    out.write(sum);
}}
"""

FORK_JOIN = """
    hls::stream<input_t> a("a");
    #pragma HLS STREAM variable=a depth=3
    hls::stream<input_t> b("b");
    #pragma HLS STREAM variable=b depth={depth}
    hls::stream<input_t> c("c");
    fork(in, a, b); // Split
    auto& flat = b;
    collect(a, c); // Collect
    join(c, flat, out); // Join
"""

CHAIN = """
    hls::stream<input_t> a("a");
    #pragma HLS STREAM variable=a depth=9
    hls::stream<input_t> b("b");
    pass<input_t>(in, a);
    pass<input_t>(a, b);
    total(b, out);
"""


def region(body: str) -> str:
    return (
        f"void {PROJECT}(\n    hls::stream<input_t> &in,\n    hls::stream<result_t> &out\n) {{\n"
        f"    #pragma HLS INTERFACE axis port=in,out\n    #pragma HLS DATAFLOW\n{body}\n}}\n"
    )


def make_project(folder: Path, body: str, wrong: int | None = None) -> tuple[Path, Path]:
    """Write a project and golden vectors of 7 images; the score of image `wrong` is off by one."""
    firmware = folder / "firmware"
    firmware.mkdir(parents=True)
    (firmware / f"{PROJECT}.cpp").write_text(region(body))
    (firmware / f"{PROJECT}.h").write_text(TYPES)
    (firmware / "parameters.h").write_text(PROCESSES)
    images = np.random.default_rng(0).integers(0, 256, (7, 1, PIXELS, 1), np.uint8)
    scores = 3 * images.astype(np.int32).sum(axis=(1, 2, 3))[:, None]
    if wrong is not None:
        scores[wrong] += 1
    golden_file.write(folder / "golden.bin", images, scores)
    return folder, folder / "golden.bin"


def simulate(folder: Path, body: str, wrong: int | None = None) -> dataflow.DataflowReport:
    project, golden = make_project(folder, body, wrong)
    return dataflow.run(project, golden, 7, folder / "out", FAST)


def test_reconvergence_needs_all_but_one_beat(tmp_path: Path) -> None:
    report = simulate(tmp_path, FORK_JOIN.format(depth=11))
    assert {s.name: (s.depth, s.smallest_depth) for s in report.streams} == {
        "a": (3, 1),
        "b": (11, PIXELS - 1),
        "Collect": (2, 1),
    }
    assert (report.frames, report.exact) == (7, 7)
    assert all(1 <= stream.highest_fill <= stream.depth for stream in report.streams)
    assert report.to_json()["streams"][1]["smallest_depth"]["value"] == PIXELS - 1


def test_too_shallow_a_branch_is_a_deadlock_that_is_named(tmp_path: Path) -> None:
    with pytest.raises(FlowError) as error:
        simulate(tmp_path, FORK_JOIN.format(depth=PIXELS - 2))
    message = str(error.value)
    assert "Split writes to full stream b\n" in message
    assert "Collect reads from empty stream a\n" in message
    assert "Join reads from empty stream Collect\n" in message
    assert f"b: {PIXELS - 2} of {PIXELS - 2} beats" in message
    assert f"these depths work: b {PIXELS - 1}" in message


def test_chain_runs_on_single_beats_every_time(tmp_path: Path) -> None:
    project, golden = make_project(tmp_path, CHAIN)
    for _ in range(5):
        report = dataflow.run(project, golden, 7, tmp_path / "out", FAST)
        assert [(s.name, s.depth, s.smallest_depth) for s in report.streams] == [("a", 9, 1), ("b", 2, 1)]
        assert report.exact == 7


def test_wrong_score_is_counted(tmp_path: Path) -> None:
    assert simulate(tmp_path, CHAIN, wrong=3).exact == 6


def test_missing_beat_is_a_deadlock_no_depth_helps(tmp_path: Path) -> None:
    project, golden = make_project(tmp_path, CHAIN)
    source = project / "firmware" / "parameters.h"
    source.write_text(source.read_text().replace("sum[0] += 3", "in.read(), sum[0] += 3"))
    with pytest.raises(FlowError, match="sink of results reads from empty stream out(.|\n)*no depth"):
        dataflow.run(project, golden, 7, tmp_path / "out", FAST)


def test_a_thread_of_its_own_that_waits_is_no_deadlock_but_named(tmp_path: Path) -> None:
    project, golden = make_project(tmp_path, CHAIN)
    source = project / "firmware" / "parameters.h"
    # It reads more than there is, so at the latest it waits after the last beat.
    reads = "std::thread([&in] { in.read(), in.read(); }).join();"
    source.write_text(source.read_text().replace("sum[0] += 3 * in.read()[0];", reads))
    with pytest.raises(FlowError, match="status 2: stream b blocks outside of every process"):
        dataflow.run(project, golden, 7, tmp_path / "out", FAST)


@pytest.mark.parametrize(
    ("beats", "message"),
    [
        ("N - (++calls <= N)", "left in streams after the last frame: .*'b': 1"),
        # Every frame leaves one: any depth is full one day.
        ("N - 1", "pass #2 writes to full stream b(.|\n)*no depth"),
    ],
)
def test_leftover_beats_are_refused(tmp_path: Path, beats: str, message: str) -> None:
    project, golden = make_project(tmp_path, CHAIN)
    source = project / "firmware" / "parameters.h"
    text = source.read_text().replace(
        "i < N; i++)\n        sum[0] += 3", f"i < {beats}; i++)\n        sum[0] += 3"
    )
    source.write_text(
        text.replace("static const unsigned N", "static unsigned calls;\nstatic const unsigned N")
    )
    with pytest.raises(FlowError, match=message):
        dataflow.run(project, golden, 7, tmp_path / "out", FAST)


def test_generated_network(workspace: Workspace) -> None:
    vectors = workspace.folder / "csim" / "golden.bin"
    report = dataflow.run(workspace.project, vectors, 12, workspace.folder / "dataflow", FAST)
    assert (report.exact, report.frames) == (12, 12)
    names = [stream.name for stream in report.streams]
    assert len(names) >= 3 and names[0] == "conv0" and names[-1] == "dense0"
    assert all(re.fullmatch(r"(conv|dense)\d", name) for name in names)
    # A chain of processes needs no depth to be free of deadlock.
    assert {stream.smallest_depth for stream in report.streams} == {1}


def test_folded_network(tmp_path: Path) -> None:
    """Folds over kernels, channels and pixels of a row, one of which does not divide, read and write as they go."""
    model = models.build(SPEC, SHAPE, seed=3)
    folds = {
        "conv0": Fold("folded", 3, 1, 2),
        "conv1": Fold("folded", 2, 4, 4),
        "dense0": Fold("dense", 2, 6),
    }
    write_project(integerize(model), tmp_path / "hls", HlsOptions(folds=folds))
    pictures = models.images(SHAPE, 6)
    golden_file.write(tmp_path / "golden.bin", pictures, golden.scores(model, pictures))
    report = dataflow.run(tmp_path / "hls", tmp_path / "golden.bin", 6, tmp_path / "dataflow", FAST)
    assert report.exact == report.frames == 6
    assert {stream.smallest_depth for stream in report.streams} == {1}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (CHAIN + "int x = 3;", "not understood: int x = 3;"),
        (CHAIN + "#pragma HLS STREAM variable=z depth=3", "no such stream: .*variable=z"),
        (CHAIN.replace("depth=9", "depth=0"), "not understood: #pragma .* depth=0"),
        (CHAIN.replace("total(b", "total(a"), "stream a is an argument of 3 processes, not of 2"),
        (CHAIN.replace("total(b, out)", "total(b, b)"), "stream out is an argument of 0 processes, not of 1"),
        (CHAIN + "auto& x = unknown;", "not understood: auto& x = unknown;"),
    ],
)
def test_parser_refuses(tmp_path: Path, body: str, message: str) -> None:
    source = tmp_path / "top.cpp"
    source.write_text(region(body))
    with pytest.raises(FlowError, match=message):
        dataflow.parse(source)


def test_parser_needs_the_function_and_its_pragma(tmp_path: Path) -> None:
    source = tmp_path / "top.cpp"
    source.write_text("void other() {}")
    with pytest.raises(FlowError, match=f"no function {PROJECT}"):
        dataflow.parse(source)
    source.write_text(region(CHAIN).replace("#pragma HLS DATAFLOW", ""))
    with pytest.raises(FlowError, match="no #pragma HLS DATAFLOW"):
        dataflow.parse(source)


def test_parser_aliases_and_default_depth(tmp_path: Path) -> None:
    source = tmp_path / "top.cpp"
    source.write_text(region(FORK_JOIN.format(depth=4)))
    found = dataflow.parse(source)
    assert found.ports == ("in", "out")
    assert found.depths == {"in": 2, "out": 2, "a": 3, "b": 4, "c": 2}
    assert found.processes == {
        "Split": "fork(in, a, b);",
        "Collect": "collect(a, c);",
        "Join": "join(c, b, out);",
    }
