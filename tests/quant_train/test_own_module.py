"""Modules that somebody else wrote: exported, read, and every integer score that of plain PyTorch in float64."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dt_scnn.errors import ConfigurationError
from hls_project.graph.integer import integerize
from hls_project.graph.validate import check, load_proto
from hls_project.parity import golden
from quant_train import ThresholdFire, export
from tests import models, plain_torch
from tests.plain_torch import WEIGHTS, Normalise, binary, qnn

PLAIN = {"weight_quant": WEIGHTS[0], "weight_bit_width": 4}
ODD = {"weight_quant": WEIGHTS[1], "weight_bit_width": 3}


def module(*layers: nn.Module) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(*layers).eval()


def compare(net: nn.Sequential, path: Path, shape: tuple[int, int, int], pixel: float = 1 / 256) -> None:
    """Compare the scores of the file with those of plain PyTorch."""
    images = models.images(shape, 12)
    taken = check(load_proto(path))
    expected, found = plain_torch.scores(net, images, pixel), golden.scores(path, images)
    assert np.array_equal(found.argmax(1), expected.argmax(1))
    steps = expected / float(taken.score_step)
    if taken.score_error == 0:
        assert np.array_equal(np.rint(steps), found)
    assert np.abs(steps - found).max() <= float(taken.score_error / taken.score_step) + 1e-6
    for layer, seen in zip(integerize(path).layers, golden.trace(path, images), strict=True):
        if layer.thresholds is not None:
            spikes = np.concatenate([seen.vm >= row for row in layer.thresholds], axis=-1)
            assert np.array_equal(spikes, seen.spikes)


def test_the_readme_s_module(tmp_path: Path) -> None:
    net = module(
        qnn.QuantConv2d(1, 3, 3, padding=1, bias=True, **PLAIN),
        nn.BatchNorm2d(3),
        ThresholdFire(3),
        nn.MaxPool2d(2),
        nn.Flatten(),
        qnn.QuantLinear(96, 4, bias=True, **ODD),
    )
    path = export(net, (8, 8, 1), tmp_path / "mine.onnx", classes=["a", "b", "c", "d"])
    compare(net, path, (8, 8, 1))
    assert check(load_proto(path)).classes == ("a", "b", "c", "d")


def test_to_tensor_s_pixels_and_a_normalisation(tmp_path: Path) -> None:
    net = module(
        Normalise(0.1307, 0.3081),
        qnn.QuantConv2d(1, 3, 3, bias=False, **ODD),
        ThresholdFire(3),
        nn.Flatten(),
        qnn.QuantLinear(6 * 36, 3, bias=False, **ODD),
    )
    path = export(net, (8, 8, 1), tmp_path / "mine.onnx", pixel=Fraction(1, 255))
    compare(net, path, (8, 8, 1), 1 / 255)


def test_brevitas_activations_in_place_of_neurons(tmp_path: Path) -> None:
    net = module(
        qnn.QuantConv2d(3, 4, 3, padding=1, bias=False, **ODD),
        nn.MaxPool2d(2),
        qnn.QuantReLU(bit_width=2, narrow_range=True),
        qnn.QuantConv2d(4, 4, 3, bias=True, groups=2, **ODD),
        binary(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        qnn.QuantLinear(4, 5, bias=False, **ODD),
    )
    net.train()(torch.rand(4, 3, 8, 8))
    net.eval()
    compare(net, export(net, (8, 8, 3), tmp_path / "mine.onnx"), (8, 8, 3))


def test_an_activation_that_the_export_changes_is_refused(tmp_path: Path) -> None:
    net = module(
        nn.Flatten(),
        qnn.QuantLinear(16, 6, bias=False, **ODD),
        qnn.QuantReLU(bit_width=1),
        qnn.QuantLinear(6, 3, bias=False, **ODD),
    )
    net.train()(torch.rand(4, 1, 4, 4))
    with pytest.raises(ConfigurationError, match="gives other scores than the module"):
        export(net.eval(), (4, 4, 1), tmp_path / "mine.onnx")
    assert not list(tmp_path.iterdir())


def small() -> nn.Sequential:
    return module(
        qnn.QuantConv2d(2, 3, 3, bias=False, **PLAIN),
        ThresholdFire(3),
        nn.Flatten(),
        qnn.QuantLinear(6 * 12, 3, bias=False, **PLAIN),
    )


def broken() -> nn.Sequential:
    net = small()
    net[0].weight.data[0] = float("nan")
    return net


@pytest.mark.parametrize(
    ("net", "shape", "options", "message"),
    [
        (small().train(), (5, 6, 2), {}, r"in training mode.*call .eval\(\)"),
        (broken(), (5, 6, 2), {}, "NaN values in 0.weight"),
        (small(), (2, 5, 6), {}, r"it does take \(C, H, W\) = \(2, 5, 6\), so give input_shape=\(5, 6, 2\)"),
        (small(), (5, 6), {}, r"input_shape must be \(H, W, C\)"),
        (small(), (5, 6, 2), {"classes": ["a", "b"]}, "classes must be 3 different names"),
        (small(), (5, 6, 2), {"classes": ["a", "b", "a"]}, "classes must be 3 different names"),
        (small(), (5, 6, 2), {"classes": ["a", "b", "c\n"]}, "the class name 'c.*' cannot be written"),
        (small(), (5, 6, 2), {"pixel": 0}, "pixel must be a positive number"),
        (small(), (5, 6, 2), {"pixel": float("nan")}, "pixel must be a positive number.*not nan"),
        (
            torch.compile(small()),
            (5, 6, 2),
            {},
            "compiled by torch.compile.*give the one inside: module._orig_mod",
        ),
        (small().forward, (5, 6, 2), {}, "a module is a torch.nn.Module, not method"),
        (small()[:2].eval(), (5, 6, 2), {}, r"must give scores \(N, classes\), not of shape"),
    ],
)
def test_what_cannot_be_exported(
    net: nn.Module, shape: tuple[int, int, int], options: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        export(net, shape, tmp_path / "mine.onnx", **options)
    assert not list(tmp_path.iterdir())


def test_a_path_that_no_verb_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ends in .onnx, such as .*mine.onnx, not"):
        export(small(), (5, 6, 2), tmp_path / "mine")


@pytest.mark.parametrize("seed", range(8))
def test_random_modules(seed: int, tmp_path: Path) -> None:
    net, shape = plain_torch.random_module(seed)
    compare(net, export(net, shape, tmp_path / "mine.onnx"), shape)
