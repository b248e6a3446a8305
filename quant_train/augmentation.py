"""Random changes of uint8 images (N, C, H, W), drawn on the CPU from one generator."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


class Numbers:
    """Random integers for the images of some batches, drawn batch by batch. counts: images of each."""

    def __init__(
        self, generator: torch.Generator, counts: Sequence[int], device: torch.device | str = "cpu"
    ) -> None:
        self.generator, self.counts, self.device = generator, counts, device

    def below(self, limit: int, rows: int = 1) -> Tensor:
        """Return integers from 0 to limit - 1, (rows, images, 1), on the device."""
        drawn = [torch.randint(0, limit, (rows, count, 1), generator=self.generator) for count in self.counts]
        return torch.cat(drawn, 1).to(self.device)

    def within(self, most: float) -> Tensor:
        """Return float32 numbers from -most to most, (images), on the CPU."""
        drawn = [torch.rand(count, generator=self.generator) for count in self.counts]
        return (2 * torch.cat(drawn) - 1) * most


def turned(images: Tensor, degrees: float, zoom: float, numbers: Numbers, reflect: bool = False) -> Tensor:
    """Return each image turned about its centre and magnified, by its own random amounts.

    degrees: of the largest angle, either way. zoom: the factor lies between 1 / (1 + zoom) and 1 + zoom, evenly by its logarithm. Pixels
    between others are interpolated linearly and rounded to whole numbers. What lies outside is black, or the image's reflection.
    """
    height, width = images.shape[2:]
    angle = numbers.within(math.radians(degrees))
    shrunk = numbers.within(math.log1p(zoom)).exp()
    cosine, sine, zero = angle.cos() * shrunk, angle.sin() * shrunk, torch.zeros_like(angle)
    rows = [(cosine, -sine * height / width, zero), (sine * width / height, cosine, zero)]
    source = torch.stack([torch.stack(row, 1) for row in rows], 1).to(images.device)
    grid = torch.nn.functional.affine_grid(source, list(images.shape), align_corners=False)
    outside = "reflection" if reflect else "zeros"
    found = torch.nn.functional.grid_sample(images.float(), grid, padding_mode=outside, align_corners=False)
    return found.round().to(torch.uint8)


def shifted(images: Tensor, most: int, numbers: Numbers, reflect: bool = False) -> Tensor:
    """Return each image moved by its own random whole pixels, at most `most` each way.

    Where nothing was it is black, or, with `reflect`, what lies as far inside its edge as the pixel lies outside.
    """
    count, _, height, width = images.shape
    offsets = numbers.below(2 * most + 1, 2)
    rows = offsets[0] + torch.arange(height, device=images.device)
    columns = offsets[1] + torch.arange(width, device=images.device)
    if reflect:
        rows, columns = _reflected(rows - most, height), _reflected(columns - most, width)
        padded = images
    else:
        padded = torch.nn.functional.pad(images, (most, most, most, most))
    which = torch.arange(count, device=images.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _reflected(place: Tensor, extent: int) -> Tensor:
    """Return places from 0 to extent - 1 for those outside, without the edge a second time."""
    return (extent - 1) - ((extent - 1) - place.abs()).abs()


def flipped(images: Tensor, numbers: Numbers) -> Tensor:
    """Return the images, each mirrored left to right with probability 1/2."""
    mirror = numbers.below(2).reshape(-1, 1, 1, 1)
    return torch.where(mirror > 0, images.flip(3), images)


def alternately_flipped(images: Tensor, first: Tensor, epoch: int) -> Tensor:
    """Return the images, each mirrored left to right in every other epoch. first: 1 for those mirrored in the first, else 0.

    As the training of airbench94 does it (Jordan 2024, arXiv 2404.00498).
    """
    return torch.where(((first + epoch) % 2 > 0)[:, None, None, None], images.flip(3), images)


def cut_out(images: Tensor, side: int, numbers: Numbers) -> Tensor:
    """Return the images, each with a black square of `side` pixels (DeVries and Taylor 2017, arXiv 1708.04552).

    Its centre is any pixel, so that a part of it may lie outside.
    """
    inside = []
    for extent in images.shape[2:]:
        start = numbers.below(extent)[0] - side // 2
        place = torch.arange(extent, device=images.device)
        inside.append((place >= start) & (place < start + side))
    square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return images.masked_fill(square, 0)


def cut_mixed(
    images: Tensor, labels: Tensor, share: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return the images, a `share` of them with a rectangle of another one of the batch, and the labels (N, classes) of either by area.

    labels: (N, classes), shares that sum to 1. CutMix (Yun et al. 2019, arXiv 1905.04899): the rectangle has the image's proportions, its area is
    uniform, its centre any pixel, so that a part of it may lie outside.
    """
    count, _, height, width = images.shape
    other = torch.randperm(count, generator=generator).to(images.device)
    drawn = torch.rand((4, count, 1), generator=generator)
    side = torch.where(drawn[0] < share, (1 - drawn[1]).sqrt(), 0.0)
    inside = []
    for extent, centre in ((height, drawn[2]), (width, drawn[3])):
        length = (
            (side * extent).round().long().to(images.device)
        )  # on the CPU, so that no device rounds otherwise
        start = (centre * extent).long().to(images.device) - length // 2
        place = torch.arange(extent, device=images.device)
        inside.append((place >= start) & (place < start + length))
    patch = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    foreign = patch.float().mean((1, 2, 3))[:, None]
    return torch.where(patch, images[other], images), labels * (1 - foreign) + labels[other] * foreign
