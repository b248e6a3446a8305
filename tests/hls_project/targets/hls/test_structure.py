"""What synthesis relies on in the kernels and the generated project, read from the text: no vendor tool takes part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.c_simulation import dataflow
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets.hls import PROJECT
from hls_project.targets.hls.automatic import automatic_folds
from hls_project.targets.hls.convert import write_project
from hls_project.targets.hls.limits import WORD_BITS
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.hls.templates import KERNELS
from tests import models

HEADERS = sorted(KERNELS.glob("*.h"))
PRAGMA = re.compile(r"#pragma HLS (\w+)(.*)")
SYNTHESIZED = re.compile(r"^#ifndef __SYNTHESIS__\n.*?^#(?:else|endif)", re.DOTALL | re.MULTILINE)


def synthesized(header: Path) -> str:
    """A kernel's text without what C-simulation alone compiles."""
    return SYNTHESIZED.sub("", header.read_text())


@dataclass
class Loop:
    """A `for` loop: its line, the pragma that begins its body, and the loops around it in the same function."""

    line: str
    pragma: str
    around: list[Loop]


def loops(text: str) -> list[Loop]:
    """Every loop of a kernel; braces tell what is inside what."""
    found: list[Loop] = []
    open_loops: list[tuple[int, Loop]] = []
    depth = 0
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\s*for \(", line):
            loop = Loop(line.strip(), lines[number + 1].strip(), [inner for _, inner in open_loops])
            found.append(loop)
            if line.rstrip().endswith("{"):
                open_loops.append((depth, loop))
        depth += line.count("{") - line.count("}")
        while open_loops and depth <= open_loops[-1][0]:
            open_loops.pop()
    return found


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.stem)
def test_every_loop_is_unrolled_or_a_flat_pipeline(header: Path) -> None:
    """A loop that is pipelined holds unrolled ones only, so that there is nothing left to flatten."""
    for loop in loops(synthesized(header)):
        if loop.pragma == "#pragma HLS UNROLL":
            continue
        assert loop.pragma == "#pragma HLS PIPELINE II = 1 style = flp", loop
        assert not loop.around, f"a pipelined loop within another: {loop}"


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.stem)
def test_every_pragma_names_something_that_is_there(header: Path) -> None:
    """Arrays are declared in the same header, and are taken apart whole along a dimension: no factor could fail to divide."""
    text = header.read_text()
    for kind, rest in PRAGMA.findall(text):
        assert kind in {"INLINE", "UNROLL", "PIPELINE", "ARRAY_PARTITION", "ARRAY_RESHAPE"}
        if not kind.startswith("ARRAY"):
            continue
        match = re.fullmatch(r" variable = (\w+) complete( dim = [0-3])?", rest)
        assert match is not None, rest
        declared = re.search(rf"[\w>]\s+\(?&?{match[1]}\)?((?:\[[^\]]*\]\s*)+)", text)
        assert declared is not None, f"no array {match[1]}"
        dimension = int(match[2].split("=")[1]) if match[2] else 0
        assert dimension <= declared[1].count("["), rest


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.stem)
def test_bits_are_written_at_fixed_places(header: Path) -> None:
    """A bit's place is the index of an unrolled loop: a constant in hardware."""
    text = synthesized(header)
    if header.name != "nnet_integers.h":
        assert not re.search(r"\[static_cast<int>\([^]]*\]\s*[|&^]?=[^=]", text)
    unrolled = {
        match[1]
        for loop in loops(text)
        if loop.pragma == "#pragma HLS UNROLL" and (match := re.match(r"for \(unsigned (\w+) =", loop.line))
    }
    calls = re.findall(r"\bset_bit\(\w+, ([^,;]+),", text)
    assert len(calls) == len(re.findall(r"(?<!void )\bset_bit\(", text))
    for place in calls:
        assert place in unrolled


SPEC, SHAPE = "12C3-P2-16C5x3s2v-FC12-FC4", (20, 17, 3)


FOLDS = {
    "automatic": {},
    "folded": {"conv0": Fold("folded", 5, 2, 2), "conv1": Fold("folded", 7, 10, 4)},
    "wide": {"conv1": Fold("tables", 8, 15 * 24), "dense0": Fold("dense", 12, 32)},
}


@pytest.fixture(scope="module", params=FOLDS)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("structure") / "hls"
    graph = integerize(models.build(SPEC, SHAPE, bits=8))
    write_project(graph, folder, HlsOptions(folds=FOLDS[request.param]))
    return folder


def widths(project: Path) -> dict[str, int]:
    """Bits of every integer type of a project."""
    text = (project / "firmware" / "defines.h").read_text()
    return {name: int(bits) for bits, name in re.findall(r"typedef ap_u?int<(\d+)> (\w+);", text)}


def test_no_word_is_wider_than_the_tools_take(project: Path) -> None:
    types = widths(project)
    roms = list((project / "firmware" / "weights").glob("w*.h"))
    assert len(roms) == 4
    for rom in roms:
        match = re.search(
            r"static const nnet::stored<(\w+)>::type w\d+\[(\d+)\]\[(\d+)\]\[(\d+)\]", rom.read_text()
        )
        assert match is not None, rom
        assert int(match[4]) * types[match[1]] <= WORD_BITS
    text = (project / "firmware" / "defines.h").read_text()
    assert max(map(int, re.findall(r"spike_vector<(\d+)>", text))) <= WORD_BITS


def test_each_stream_has_one_writer_and_one_reader(project: Path) -> None:
    """`parse` counts the processes that a stream is an argument of."""
    region = dataflow.parse(project / "firmware" / f"{PROJECT}.cpp")
    assert len(region.processes) == 5
    assert len(region.declarations) == 6


GRAPH = integerize(models.build("8C3-P2-16C3-P2-FC10", (28, 28, 1)))
DEEP = integerize(models.build("48C3-P2-96C3-P2-FC10", (16, 16, 3)))


def test_a_wide_step_is_several_words(tmp_path: Path) -> None:
    graph = integerize(models.build(SPEC, SHAPE, bits=8))
    write_project(graph, tmp_path / "hls", HlsOptions(folds=FOLDS["wide"]))
    sizes = re.findall(
        r"unsigned words = (\d+);", (tmp_path / "hls" / "firmware" / "parameters.h").read_text()
    )
    assert [int(size) for size in sizes][1] == -(-8 * 15 * 24 * 8 // WORD_BITS)


def test_automatic_folds_keep_the_frame_rate() -> None:
    """As fast as pixels come in, and no layer with more weights at once than that needs."""
    assert automatic_folds(GRAPH.layers) == {
        "conv0": Fold("tables", 8, 9),
        "conv1": Fold("tables", 4, 144),
        "dense0": Fold("dense", 10, 2),
    }


def test_automatic_folds_take_a_word_in_a_step() -> None:
    for layer in (*GRAPH.layers, *DEEP.layers):
        fold = automatic_folds(GRAPH.layers if layer in GRAPH.layers else DEEP.layers)[layer.name]
        assert fold.pe * fold.simd * layer.weight_bits <= WORD_BITS


@pytest.mark.parametrize(
    ("layer", "fold", "message"),
    [
        ("conv0", Fold("quick"), "its engine must be one of folded, tables, adders, not 'quick'"),
        ("dense0", Fold("tables"), "its engine must be one of dense, folded, not 'tables'"),
        ("conv0", Fold("folded", 9), "9 kernels at once are more than it has: at most 8"),
        ("conv1", Fold("folded", 16, 17), "17 channels at once are more than it has: at most 16"),
        (
            "conv1",
            Fold("folded", 16, 5),
            "simd counts the spikes of whole pairs: it must be even, 4 or 6, not 5",
        ),
        ("conv1", Fold("folded", 16, 1), "simd counts the spikes of whole pairs: it must be even, 2, not 1"),
    ],
)
def test_folds_that_no_kernel_computes_are_refused(
    tmp_path: Path, layer: str, fold: Fold, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"layer '{layer}': {re.escape(message)}"):
        write_project(GRAPH, tmp_path / "hls", HlsOptions(folds={layer: fold}))
    assert not list(tmp_path.iterdir())


def test_wide_beats_raise_the_limit_of_their_type(tmp_path: Path) -> None:
    """The definition comes before the first header, where a beat exceeds what `ap_uint` takes by itself."""
    for outputs, wide in ((512, False), (513, True)):
        graph = integerize(models.build(f"FC{outputs}-FC2", (2, 2, 1)))
        write_project(graph, tmp_path / "hls", HlsOptions())
        lines = (tmp_path / "hls" / "firmware" / f"{PROJECT}.h").read_text().splitlines()
        code = [line for line in lines[2:] if line]
        assert (code[0] == f"#define AP_INT_MAX_W {WORD_BITS}") == wide


def test_words_that_the_tools_refuse_are_refused(tmp_path: Path) -> None:
    """One row of weights, of all kernels, is the least that a word holds; a beat is a word, too."""
    wide = integerize(models.build("600C1-FC2", (2, 2, 1), bits=8))
    with pytest.raises(
        ConfigurationError, match="words of 4,800 bits of weights; HLS takes 4,096: at most 512 kernels"
    ):
        write_project(wide, tmp_path / "hls", HlsOptions(folds={"conv0": Fold("folded", 600, 1)}))
    deep = integerize(models.build("2100C1-1C1-FC2", (2, 2, 1), bits=2))
    with pytest.raises(ConfigurationError, match="a pixel of 4,200 channels has 4,200 bits; HLS takes 4,096"):
        write_project(deep, tmp_path / "hls", HlsOptions())
