"""Faults of model files, and of what they are converted and simulated with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto

from tests import models
from tests.docs.faults.fault import Fault, verb
from tests.hls_project.graph import edits, test_damaged, test_wellformed
from tests.hls_project.graph.edits import change, node_of, put, set_attribute

SPEC, SHAPE = "2C3-P2-FC3", (6, 6, 1)


def write(folder: Path) -> None:
    """Write a good model, and images for it."""
    onnx.save(models.build(SPEC, SHAPE), folder / "net.onnx")
    np.savez(folder / "sample.npz", images=models.images(SHAPE, 4), labels=np.arange(4) % 3)


def csim(*words: str, **environment: str) -> Callable[[Path], str]:
    """Return an act: simulate a good model."""

    def act(folder: Path) -> str:
        write(folder)
        return verb("csim", "net.onnx", *words, **environment)

    return act


def spoilt(edit: Callable[[ModelProto], object]) -> Callable[[Path], str]:
    """Return an act: simulate a model that `edit` has spoilt."""

    def act(folder: Path) -> str:
        write(folder)
        model = models.build(SPEC, SHAPE)
        edit(model)
        (folder / "net.onnx").write_bytes(model.SerializeToString())
        return verb("csim", "net.onnx")

    return act


def content(data: bytes) -> Callable[[Path], str]:
    """Return an act: simulate a file of these bytes."""

    def act(folder: Path) -> str:
        (folder / "net.onnx").write_bytes(data)
        return verb("csim", "net.onnx")

    return act


def sample(**arrays: np.ndarray) -> Callable[[Path], str]:
    """Return an act: simulate a good model on a sample of `arrays`."""

    def act(folder: Path) -> str:
        write(folder)
        np.savez(folder / "sample.npz", **arrays)
        return verb("csim", "net.onnx")

    return act


def _elsewhere(model: ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def _other_firing(model: ModelProto) -> None:
    model.CopyFrom(test_damaged.replaced("DualThresholdFire", ("GreaterOrEqual", "Greater")))


def _disordered(model: ModelProto) -> None:
    change(model, "DualThresholdFire", 1, lambda value: value[::-1])


def _without_sample(folder: Path) -> str:
    write(folder)
    (folder / "sample.npz").unlink()
    return verb("csim", "net.onnx")


def _damaged_sample(folder: Path) -> str:
    write(folder)
    (folder / "sample.npz").write_bytes(b"PK\3\4")
    return verb("csim", "net.onnx")


def _compiler(folder: Path) -> str:
    write(folder)
    program = folder / "g++"
    program.write_text("#!/bin/sh\necho 'fatal: out of paper' >&2\nexit 3\n")
    program.chmod(0o755)
    return verb("csim", "net.onnx", CXX=str(program))


def _file_for_folder(folder: Path) -> str:
    write(folder)
    (folder / "build").write_text("")
    return verb("csim", "net.onnx")


IMAGES = models.images(SHAPE, 4)
_GOOD = models.build(SPEC, SHAPE).SerializeToString()

FILES = [
    Fault("A model that is not there", lambda f: verb("csim", "net.onnx")),
    Fault("A name that no model has", lambda f: verb("csim", "minst")),
    Fault("A recipe of the zoo without a trained model", lambda f: verb("csim", "digits")),
    Fault("A file that is no ONNX", content(bytes(range(256)))),
    Fault("An empty file", content(b"")),
    Fault("A file that is cut off", content(_GOOD[: len(_GOOD) // 2])),
    Fault("Weights in another file", spoilt(_elsewhere)),
    Fault("A tensor that is cut off", spoilt(test_damaged.cut)),
    Fault("A network without quantizers", spoilt(lambda m: [edits.remove(m, "Quant") for _ in range(2)])),
    Fault("An operator that is not built", spoilt(lambda m: edits.add_after_first_fire(m, "Sin"))),
    Fault("An old opset", spoilt(lambda m: setattr(m.opset_import[0], "version", 9))),
    Fault("Thresholds in the wrong order", spoilt(_disordered)),
    Fault("A weight that is not a number", spoilt(lambda m: change(m, "Quant", 0, put(float("nan"))))),
    Fault("Weights of 9 bits", spoilt(lambda m: [change(m, "Quant", 3, put(9.0)), change(m, "Quant", 0, put(1e4))])),
    Fault("Pooling windows that overlap", spoilt(lambda m: set_attribute(m, "MaxPool", "strides", [1, 1]))),
    Fault("A branch", spoilt(edits.branch)),
    Fault("A last layer that fires", spoilt(lambda m: edits.fire_scores(m))),
    Fault("An input of unknown size", spoilt(lambda m: edits.dim(m, 2, "height"))),
    Fault("A node that reads what is not there", spoilt(lambda m: node_of(m, "Conv").input.__setitem__(0, "nowhere"))),
    Fault("Nodes in a circle", spoilt(test_wellformed.circle)),
    Fault("An attribute of another type", spoilt(lambda m: set_attribute(m, "Conv", "strides", 2.0))),
    Fault("A definition of firing that is another function", spoilt(_other_firing)),
    Fault("An image of a terabyte", spoilt(test_wellformed.large_image)),
    Fault("A small file that computes a constant of a terabyte", spoilt(test_wellformed.endless("ConstantOfShape", [1 << 40]))),
    Fault("Class names that are none", spoilt(test_damaged.deep)),
]  # fmt: skip

CONVERSION = [
    Fault("A model without images", _without_sample),
    Fault("A sample that is damaged", _damaged_sample),
    Fault("A sample without images", sample(pictures=IMAGES)),
    Fault("A sample of no images", sample(images=IMAGES[:0])),
    Fault("A sample of floats", sample(images=IMAGES / 255)),
    Fault("A sample of another size", sample(images=models.images((5, 6, 1), 4)), quick=False),
    Fault("A label that is no class", sample(images=IMAGES, labels=np.array([0, 1, 2, 3])), quick=False),
    Fault("A label that is an unknown word", sample(images=IMAGES, labels=np.array(["0", "1", "2", "two"]))),
    Fault("More images than there are", csim("-n", "5")),
    Fault("Data with other classes", csim("--data", "digits")),
    Fault("No compiler", csim(CXX="/nowhere/g++"), quick=False),
    Fault("A compiler that fails", _compiler, quick=False),
    Fault("A file where the results shall be", _file_for_folder),
]  # fmt: skip
