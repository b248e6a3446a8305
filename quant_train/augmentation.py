"""Random changes of a batch of uint8 images (N, C, H, W) that keep their labels, drawn on the CPU from one generator."""

from __future__ import annotations

import torch
from torch import Tensor


def shifted(images: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Return each image moved by its own random whole pixels, at most `most` each way, black where nothing was."""
    count, _, height, width = images.shape
    padded = torch.nn.functional.pad(images, (most, most, most, most))
    offsets = torch.randint(0, 2 * most + 1, (2, count, 1), generator=generator).to(images.device)
    rows = offsets[0] + torch.arange(height, device=images.device)
    columns = offsets[1] + torch.arange(width, device=images.device)
    which = torch.arange(count, device=images.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def flipped(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return the images, each mirrored left to right with probability 1/2."""
    mirror = torch.randint(0, 2, (len(images), 1, 1, 1), generator=generator).to(images.device)
    return torch.where(mirror > 0, images.flip(3), images)


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
