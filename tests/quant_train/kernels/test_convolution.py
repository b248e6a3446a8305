from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from dt_scnn.errors import FlowError, ToolNotFoundError
from quant_train.kernels import compiled as module
from quant_train.kernels.convolution import convolved, takes


@pytest.fixture(params=[1, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(1)


SHAPES = [(1, 8, 8, 1, 1), (2, 8, 16, 5, 7), (3, 24, 8, 6, 6), (2, 40, 32, 4, 9), (5, 16, 56, 8, 8)]


@pytest.mark.parametrize(("count", "channels", "kernels", "height", "width"), SHAPES)
def test_spikes_and_small_weights_give_the_exact_sums(
    threads: None, count: int, channels: int, kernels: int, height: int, width: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    spikes = torch.randint(0, 2, (count, channels, height, width), generator=generator)
    weights = torch.randint(-127, 128, (kernels, channels, 3, 3), generator=generator)
    exact = conv2d(spikes.double(), weights.double(), padding=1)
    assert torch.equal(convolved(spikes.float(), weights.float() / 16).double() * 16, exact)


@pytest.mark.parametrize(("count", "channels", "kernels", "height", "width"), SHAPES)
def test_integers_give_the_exact_gradients(
    threads: None, count: int, channels: int, kernels: int, height: int, width: int
) -> None:
    def gradients(convolve: object, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(0)

        def draw(*shape: int) -> Tensor:
            return torch.randint(-8, 9, shape, generator=generator).to(dtype)

        maps = draw(count, channels, height, width).requires_grad_()
        weights = draw(kernels, channels, 3, 3).requires_grad_()
        convolve(maps, weights).backward(draw(count, kernels, height, width))  # type: ignore[operator]
        return maps.grad, weights.grad  # type: ignore[return-value]

    found = gradients(convolved, torch.float32)
    expected = gradients(lambda maps, weights: conv2d(maps, weights, padding=1), torch.float64)
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one.double(), other)


def test_gradients_are_the_same_every_time(threads: None) -> None:
    generator = torch.Generator().manual_seed(0)
    maps, weights = (
        torch.randn(7, 16, 9, 9, generator=generator),
        torch.randn(8, 16, 3, 3, generator=generator),
    )
    found = []
    for _ in range(4):
        leaf = weights.clone().requires_grad_()
        convolved(maps, leaf).square().sum().backward()
        found.append(leaf.grad)
    assert all(torch.equal(one, found[0]) for one in found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("taken", "options"),
    [
        (True, {}),
        (False, {"kernel_size": 5, "padding": 2}),
        (False, {"padding": 0}),
        (False, {"stride": 2}),
        (False, {"dilation": 2}),
        (False, {"groups": 2}),
        (False, {"bias": True}),
        (False, {"in_channels": 3}),
        (False, {"out_channels": 12}),
        (False, {"padding_mode": "circular"}),
    ],
)
def test_other_convolutions_are_left_to_torch(taken: bool, options: dict[str, int]) -> None:
    usual = {"in_channels": 16, "out_channels": 8, "kernel_size": 3, "padding": 1, "bias": False}
    assert takes(nn.Conv2d(**(usual | options))) == taken  # type: ignore[arg-type]


def test_a_compiler_that_refuses_or_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    module.library.cache_clear()
    monkeypatch.setenv("CXX", "false")
    with pytest.raises(FlowError, match=r"training\.kernels=torch, or CXX to g\+\+ 7"):
        module.library()
    monkeypatch.setenv("CXX", "true")
    with pytest.raises(FlowError, match=r"made no kernels\.so: it is no C\+\+ compiler"):
        module.library()
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(ToolNotFoundError, match="no-such-compiler"):
        module.library()
    monkeypatch.undo()
    assert module.library().winograd_tiles(2, 5, 7) == 2 * 3 * 4
