"""Golden vectors: files, cache, refusals."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException

from dt_scnn.errors import ConfigurationError, FlowError
from hls_project.graph.integer import integerize
from hls_project.parity import golden, vectors
from tests import models

SHAPE = (7, 9, 3)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return the path of a small QONNX file."""
    path = tmp_path / "model.onnx"
    onnx.save(models.build("3C3-P2-FC4-FC3", SHAPE), path)
    return path


def test_scores_are_plain_onnxruntime_divided_by_the_scale(model: Path) -> None:
    images = models.images(SHAPE, 9)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    pixels = (images.transpose(0, 3, 1, 2) / 256).astype(np.float32)
    expected = np.concatenate([session.run(None, {"image": row[None]})[0] for row in pixels])
    done: list[int] = []

    scores = golden.scores(model, images, done.append)

    assert scores.dtype == np.int32
    assert np.array_equal(scores * integerize(model).score_scale, expected)
    assert done == [9]


def test_file_without_functions_gets_them_in_memory(model: Path) -> None:
    images = models.images(SHAPE, 4)
    bare = models.build("3C3-P2-FC4-FC3", SHAPE, embed=False)
    assert np.array_equal(golden.scores(bare, images), golden.scores(model, images))
    assert not bare.functions


def test_written_vectors_load_and_are_current(model: Path, tmp_path: Path) -> None:
    images, labels = models.images(SHAPE, 5), np.arange(5)
    path = tmp_path / "golden.npz"
    assert not vectors.is_current(path, model, images, labels, traced=2)

    written = golden.write(path, model, images, labels, traced=2)
    loaded = vectors.load(path)

    assert vectors.is_current(path, model, images, labels, traced=2)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["golden.npz", "model.onnx"]
    assert np.array_equal(loaded.images, images) and np.array_equal(loaded.labels, labels)
    assert np.array_equal(loaded.scores, written.scores) and loaded.scores.shape == (5, 3)
    assert [trace.name for trace in loaded.traces] == ["conv0", "dense0", "dense1"]
    assert loaded.traces[0].vm.shape == (2, 7, 9, 3) and loaded.traces[0].pooled.shape == (2, 3, 4, 6)
    assert loaded.traces[2].spikes is None
    assert np.array_equal(loaded.traces[2].vm[:, 0, 0], loaded.scores[:2])
    changed = images.copy()
    changed[0, 0, 0, 0] ^= 1
    assert not vectors.is_current(path, model, changed, labels, traced=2)
    assert not vectors.is_current(path, model, images, labels, traced=3)
    onnx.save(models.build("3C3-P2-FC4-FC3", SHAPE, seed=1), model)
    assert not vectors.is_current(path, model, images, labels, traced=2)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"text"])
def test_damaged_vectors_are_refused(tmp_path: Path, model: Path, content: bytes) -> None:
    path = tmp_path / "golden.npz"
    path.write_bytes(content)
    assert not vectors.is_current(path, model, models.images(SHAPE, 1))
    with pytest.raises(ConfigurationError, match=r"golden\.npz"):
        vectors.load(path)


def test_truncated_vectors_are_refused(tmp_path: Path, model: Path) -> None:
    path = tmp_path / "golden.npz"
    golden.write(path, model, models.images(SHAPE, 3))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ConfigurationError, match="damaged"):
        vectors.load(path)


@pytest.mark.parametrize(
    "images", [np.zeros((2, 3, 7, 9), np.uint8), np.zeros((2, *SHAPE), np.float32), np.zeros(SHAPE, np.uint8)]
)
def test_images_that_do_not_fit_are_refused(model: Path, images: np.ndarray) -> None:
    with pytest.raises(ConfigurationError, match=r"images must be uint8 \(N, 7, 9, 3\)"):
        golden.scores(model, images)


class Failing:
    """Takes the place of onnxruntime's session. fails_at: where it raises an error of onnxruntime's own making."""

    fails_at = "load"

    def __init__(self, *given: object, **named: object) -> None:
        self.fail("load")

    def fail(self, where: str) -> None:
        if where == self.fails_at:
            raise RuntimeException("[ONNXRuntimeError] : 6 : bad\n  in its second line")

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="image")]

    def run(self, *given: object) -> None:
        self.fail("run")


@pytest.mark.parametrize("where", ["load", "run"])
def test_an_error_of_onnxruntime_is_one_message(
    model: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Failing, "fails_at", where)
    monkeypatch.setattr(onnxruntime, "InferenceSession", Failing)
    with pytest.raises(FlowError) as caught:
        golden.scores(model, models.images(SHAPE, 1))
    assert str(caught.value) == f"onnxruntime cannot {where} the model: [ONNXRuntimeError] : 6 : bad"


def test_functions_that_compute_something_else_are_found() -> None:
    model = models.build("2C3-FC3", SHAPE)
    quant = next(function for function in model.functions if function.name == "Quant")
    rounding = next(node for node in quant.node if node.op_type == "Round")
    rounding.op_type = "Identity"
    with pytest.raises(ConfigurationError, match="own definition of Quant is another function"):
        golden.scores(model, models.images(SHAPE, 3))
