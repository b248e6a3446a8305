from __future__ import annotations

import io
import math
from typing import cast

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from quant_train.neurons import SURROGATES, FixedThresholdFire, Surrogate, ThresholdFire, fire


def primitive(name: str, distance: torch.Tensor, width: float) -> torch.Tensor:
    """Smooth firing whose derivative the surrogate is."""
    if name == "rectangular":
        return (distance / width + 0.5).clamp(0, 1)
    if name == "arctan":
        return torch.arctan(torch.pi * distance / width) / torch.pi
    return torch.sigmoid(4 * distance / width)


def test_a_tie_fires_and_spikes_are_in_block_order() -> None:
    vm = torch.tensor([[0.0, 1.0], [0.5, 3.0], [-1.0, 0.999]])
    spikes = fire(vm, torch.tensor([[0.0, 1.0], [0.5, 3.0]]))
    assert spikes.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize("n_thresholds", [1, 2])
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 5, 6)])
def test_forward_is_the_definition(n_thresholds: int, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    vm, thresholds = torch.randn(shape), torch.randn(n_thresholds, 4).sort(0).values
    spikes = fire(vm, thresholds).numpy()
    blocks = [(vm.numpy() >= level.numpy().reshape(1, -1, *[1] * (len(shape) - 2))) for level in thresholds]
    assert spikes.dtype == np.float32 and np.array_equal(spikes, np.concatenate(blocks, 1))


@pytest.mark.parametrize("name", SURROGATES)
@pytest.mark.parametrize("width", [0.5, 2.0])
@pytest.mark.parametrize("n_thresholds", [1, 2])
def test_gradients_are_the_finite_differences_of_the_smooth_primitive(
    name: str, width: float, n_thresholds: int
) -> None:
    generator = torch.Generator().manual_seed(1)
    vm = torch.randn(2, 3, 4, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    thresholds = torch.randn(n_thresholds, 3, generator=generator, dtype=torch.float64).sort(0).values
    thresholds.requires_grad_()
    weights = torch.randn(2, n_thresholds * 3, 4, 5, generator=generator, dtype=torch.float64)
    (fire(vm, thresholds, cast(Surrogate, name), width) * weights).sum().backward()

    def smooth(vm: torch.Tensor, thresholds: torch.Tensor) -> float:
        parts = [primitive(name, vm - level[:, None, None], width) for level in thresholds]
        return float((torch.cat(parts, 1) * weights).sum())

    step = 1e-6
    for tensor, gradient in ((vm, vm.grad), (thresholds, thresholds.grad)):
        assert gradient is not None
        for index in range(0, tensor.numel(), 7 if tensor is vm else 1):
            ends = []
            for sign in (1, -1):
                moved = tensor.detach().clone()
                moved.view(-1)[index] += sign * step
                ends.append(
                    smooth(moved, thresholds.detach()) if tensor is vm else smooth(vm.detach(), moved)
                )
            assert float(gradient.view(-1)[index]) == pytest.approx(
                (ends[0] - ends[1]) / (2 * step), abs=1e-5
            )


@pytest.mark.parametrize("name", SURROGATES)
def test_a_surrogate_integrates_to_one_and_peaks_at_the_threshold(name: str) -> None:
    distance = torch.linspace(-2000, 2000, 4_000_001, dtype=torch.float64)
    values = SURROGATES[name](distance, 1.5)
    assert float(torch.trapezoid(values, distance)) == pytest.approx(1, abs=1e-3)
    assert float(values.max()) == pytest.approx(float(SURROGATES[name](torch.zeros(1), 1.5)))


def test_thresholds_stay_ordered_under_any_update() -> None:
    torch.manual_seed(0)
    neurons = ThresholdFire(6, first=0.0, gap=0.1)
    optimizer = torch.optim.SGD(neurons.parameters(), lr=1.0)
    for _ in range(50):
        optimizer.zero_grad()
        (neurons(torch.randn(8, 6)) * torch.randn(8, 12)).sum().backward()
        optimizer.step()
        first, second = neurons.thresholds()
        assert bool((first <= second).all())
    assert float(neurons.first.detach().abs().max()) > 0.1  # they did move


def test_single_threshold_neurons_have_no_gap() -> None:
    neurons = ThresholdFire(3, n_thresholds=1)
    assert [name for name, _ in neurons.named_parameters()] == ["first"]
    assert neurons(torch.zeros(2, 3, 4, 4)).shape == (2, 3, 4, 4)


@pytest.mark.parametrize("shape", [(1, 4), (1, 4, 5, 6)])
def test_the_export_is_one_node_with_the_right_shape(shape: tuple[int, ...]) -> None:
    buffer = io.BytesIO()
    torch.onnx.export(
        nn.Sequential(FixedThresholdFire(torch.zeros(2, 4))),
        (torch.zeros(shape),),
        buffer,
        dynamo=False,
        opset_version=20,
        custom_opsets={"hls_project.qonnx": 1},
    )
    graph = onnx.load_from_string(buffer.getvalue()).graph
    assert [(node.domain, node.op_type) for node in graph.node] == [
        ("hls_project.qonnx", "DualThresholdFire")
    ]
    sizes = tuple(dim.dim_value for dim in graph.output[0].type.tensor_type.shape.dim)
    assert sizes == (1, 8, *shape[2:])


@pytest.mark.parametrize("vm_layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("grad_layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("width", [1.0, 2.0])
def test_gradients_have_the_bits_of_the_plain_formula_in_any_layout(
    vm_layout: torch.memory_format, grad_layout: torch.memory_format, width: float
) -> None:
    """The order of the sums is part of what a training that is repeated repeats."""
    generator = torch.Generator().manual_seed(0)
    vm = torch.randn(64, 8, 14, 14, generator=generator).to(memory_format=vm_layout).requires_grad_()
    thresholds = torch.randn(2, 8, generator=generator).sort(0).values.requires_grad_()
    grad = torch.randn(64, 16, 14, 14, generator=generator).to(memory_format=grad_layout)
    fire(vm, thresholds, "arctan", width).backward(grad)
    with torch.no_grad():
        parts = [
            part * (1 / (width * (1 + (math.pi / width * (vm - level[:, None, None])).square())))
            for part, level in zip(grad.chunk(2, dim=1), thresholds, strict=True)
        ]
    assert vm.grad is not None and torch.equal(vm.grad, parts[0] + parts[1])
    expected = torch.stack([-part.sum([0, 2, 3]) for part in parts])
    assert thresholds.grad is not None and torch.equal(thresholds.grad, expected)
