"""What `make` does, as functions: reports as objects, the project's errors, and nothing printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto

import hls_project
from hls_project import ConfigurationError
from hls_project.c_simulation import csim_verdict
from hls_project.parity import golden
from hls_project.plan.request import Request
from hls_project.verbs.given import request_of
from tests import models

SPEC, SHAPE = "3C3-P2-FC4", (8, 8, 1)
PICTURES = models.images(SHAPE, 6)


@pytest.fixture(scope="module")
def model() -> ModelProto:
    return models.build(SPEC, SHAPE, seed=3)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verbs") / "build"


def test_every_public_name_is_there_and_documented_and_dir_lists_it() -> None:
    for name in hls_project.__all__:
        found = getattr(hls_project, name)
        assert found.__doc__ and found.__doc__.strip(), name
    assert set(hls_project.__all__) <= set(dir(hls_project))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        hls_project.nothing  # noqa: B018


def test_the_names_are_functions_whatever_was_imported_before() -> None:
    code = (
        "import hls_project, sys; assert 'numpy' not in sys.modules and 'hls4ml' not in sys.modules\n"
        "import hls_project.c_simulation.csim_verdict, hls_project.cosimulation.simulate, hls_project.overlay.package\n"
        "from hls_project import csim, cosim, convert, estimate, explore, package, simulated_overlay, bitstream\n"
        "assert all(map(callable, (csim, cosim, convert, estimate, explore, package, simulated_overlay, bitstream)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_csim_gives_its_report_and_prints_nothing(
    model: ModelProto, build: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    want = golden.scores(model, PICTURES)
    labels = want.argmax(axis=1)
    labels[0] = (labels[0] + 1) % 4
    stages: set[str] = set()
    told: list[str] = []
    report = hls_project.csim(
        model,
        PICTURES[..., 0],
        labels,
        build=build,
        jobs=1,
        progress=lambda stage, done, total: stages.add(stage),
        tell=told.append,
    )
    assert capfd.readouterr() == ("", "")
    assert (report.scores == want).all() and (report.labels == want.argmax(axis=1)).all()
    assert report.is_exact and report.difference is None and report.exact == report.images == 6
    assert report.accuracy == 5 / 6 and report.images_per_second > 0
    assert json.loads(report.path.read_text())["exact_images"]["value"] == 6
    assert {"convert", "golden scores", "compile", "simulate"} <= stages
    assert told[0].startswith("model: network-") and "6 images" in told


def test_a_file_and_names_of_classes_are_taken_too(
    model: ModelProto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The simulation is left out: it is the same one."""
    onnx.save(model, tmp_path / "mine.onnx")
    seen = {}

    def record(workspace, images, labels, options, *others):
        seen.update(name=workspace.name, shape=images.shape, labels=labels, folds=options.folds)

    monkeypatch.setattr(csim_verdict, "csim", record)
    monkeypatch.chdir(tmp_path)
    hls_project.csim(tmp_path / "mine.onnx", PICTURES, ["class 2"] * 6)
    assert seen["name"] == "mine" and seen["shape"] == (6, 8, 8, 1) and seen["labels"].tolist() == [2] * 6
    assert set(seen["folds"]) == {"conv0", "dense0"}
    assert (tmp_path / "build" / "mine" / "model.onnx").is_file()


@pytest.mark.parametrize(
    ("images", "labels", "words", "message"),
    [
        (PICTURES.astype(np.float32), None, {}, r"images must be uint8 \(N, 8, 8, 1\), N > 0, not float32"),
        (PICTURES[:, :7], None, {}, r"not uint8 \(6, 7, 8, 1\)"),
        (PICTURES[:0], None, {}, "N > 0"),
        (PICTURES, [0], {}, r"labels must be \(6,\), one for each image, not \(1,\)"),
        (PICTURES, [4] * 6, {}, "label 0 is 4, but labels go from 0 to 3"),
        (PICTURES, ["clas 1"] * 6, {}, "did you mean 'class 1'"),
        (3, [0] * 3, {}, "labels are of images"),
        (0, None, {}, "a number of images is from 1 up, not 0"),
        (-1, None, {}, "a number of images is from 1 up, not -1"),
        (np.int64(3), None, {}, "has no sample.npz beside it"),
        (None, None, {}, "has no sample.npz beside it"),
        (PICTURES, None, {"budget": 0}, "BUDGET is percent of a part"),
        (PICTURES, None, {"board": Path("mine.json")}, "mine.json cannot be read as a board"),
        (PICTURES, None, {"target": "rtl"}, "target rtl has no C"),
        (PICTURES, None, {"fps": 1e12}, "no fold reaches"),
        (PICTURES, None, {"board": "pynq-z3"}, "did you mean pynq-z2"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_project_s_error(
    model: ModelProto,
    build: Path,
    images: object,
    labels: object,
    words: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        hls_project.csim(model, images, labels, build=build, **words)


def test_points_below_none_and_what_is_no_model_are_refused(model: ModelProto, build: Path) -> None:
    with pytest.raises(ConfigurationError, match="synthesize is a number of points from 0 up, not -1"):
        hls_project.explore(model, synthesize=-1, build=build)
    with pytest.raises(ConfigurationError, match=r"a name, a path or an onnx.ModelProto, not bytes"):
        hls_project.csim(model.SerializeToString(), PICTURES, build=build)  # type: ignore[arg-type]


@pytest.mark.parametrize("verb", ["cosim", "gatesim"])
@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_simulator_takes_is_refused_before_any_work(
    verb: str, seed: int, model: ModelProto, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="a seed is a whole number from 0 to 4,294,967,295"):
        getattr(hls_project, verb)(model, build=tmp_path / "build", seed=seed)
    assert not (tmp_path / "build").exists()


def test_an_error_lets_go_of_the_folder(model: ModelProto, build: Path) -> None:
    with pytest.raises(ConfigurationError):
        hls_project.csim(model, PICTURES[:, :7], build=build)
    (folder,) = build.glob("network-*")
    code = f"from pathlib import Path; from dt_scnn.lock import hold; hold(Path({str(folder)!r}), 0.1)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="unknown keywords \\['bord'\\]"):
        request_of({"bord": "pynq-z2"})  # type: ignore[typeddict-unknown-key]
    assert request_of({"fps": 6000, "clock_mhz": 50.0}) == Request(clock_mhz=50.0, rate="6000")


def test_explore_saves_the_plan_that_the_others_take(model: ModelProto, build: Path) -> None:
    pytest.importorskip("da4ml")
    found = hls_project.explore(model, build=build, fps=10_000)
    assert found.images_per_second >= 10_000 and found.cycles <= 10_000 and found.pictures == ()
    assert found.resources["lut"] > 0 and {point.thrift for point in found.fronts["lut"]} == {"lut"}
    core = hls_project.convert(model, target="rtl", build=build)
    assert core.plan.plan == found.taken.plan and (core.folder / "dtscnn_core.sv").is_file()
    assert core.network.input_shape == SHAPE
    by_model = hls_project.estimate(model, by_model=True, build=build)
    assert by_model.fits and by_model.total.lut == found.resources["lut"]
    assert json.loads(by_model.path.read_text())["total"]["lut"]["kind"] == "model"


def test_an_estimate_by_model_writes_no_core(model: ModelProto, tmp_path: Path) -> None:
    assert hls_project.estimate(model, by_model=True, build=tmp_path).total.lut > 0
    (folder,) = tmp_path.glob("network-*")
    made = {path.name for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert made == {"model.onnx", "plan.json", "estimate-model.json"}


def test_an_overlay_that_was_not_made_is_not_packed(model: ModelProto, build: Path) -> None:
    with pytest.raises(
        ConfigurationError,
        match="make the overlay first: dt-scnn simulate-board .* .make simulate-board MODEL=",
    ):
        hls_project.package(model, simulated=True, build=build)


def test_a_model_in_memory_that_changes_has_another_folder(build: Path, model: ModelProto) -> None:
    other = models.build(SPEC, SHAPE, seed=4)
    folders = {hls_project.convert(one, build=build).folder for one in (model, other, model)}
    assert len(folders) == 2
