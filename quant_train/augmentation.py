"""Random changes of a batch of uint8 images (N, C, H, W) that keep their labels, drawn on the CPU from one generator."""

from __future__ import annotations

import torch
from torch import Tensor


def shifted(images: Tensor, most: int, generator: torch.Generator, reflect: bool = False) -> Tensor:
    """Return each image moved by its own random whole pixels, at most `most` each way.

    Where nothing was it is black, or, with `reflect`, what lies as far inside its edge as the pixel lies outside.
    """
    count, _, height, width = images.shape
    offsets = torch.randint(0, 2 * most + 1, (2, count, 1), generator=generator).to(images.device)
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


def flipped(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return the images, each mirrored left to right with probability 1/2."""
    mirror = torch.randint(0, 2, (len(images), 1, 1, 1), generator=generator).to(images.device)
    return torch.where(mirror > 0, images.flip(3), images)


def alternately_flipped(images: Tensor, first: Tensor, epoch: int) -> Tensor:
    """Return the images, each mirrored left to right in every other epoch. first: 1 for those mirrored in the first, else 0.

    As the training of airbench94 does it (Jordan 2024, arXiv 2404.00498).
    """
    return torch.where(((first + epoch) % 2 > 0)[:, None, None, None], images.flip(3), images)


def cut_out(images: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """Return the images, each with a black square of `side` pixels (DeVries and Taylor 2017, arXiv 1708.04552).

    Its centre is any pixel, so that a part of it may lie outside.
    """
    count, _, height, width = images.shape
    inside = []
    for extent in (height, width):
        start = torch.randint(0, extent, (count, 1), generator=generator).to(images.device) - side // 2
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
    side = (1 - torch.rand(count, generator=generator)).sqrt()
    side = torch.where(torch.rand(count, generator=generator) < share, side, 0.0)
    inside = []
    for extent in (height, width):
        length = (side * extent).round().long()[:, None]
        start = torch.randint(0, extent, (count, 1), generator=generator) - length // 2
        place = torch.arange(extent)
        inside.append((place >= start) & (place < start + length))
    patch = (inside[0][:, None, :, None] & inside[1][:, None, None, :]).to(images.device)
    foreign = patch.float().mean((1, 2, 3))[:, None]
    return torch.where(patch, images[other], images), labels * (1 - foreign) + labels[other] * foreign
