"""Batches from images that lie in memory, on the device where they are used."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from quant_train.augmentation import cut_out, flipped, shifted


class Batches:
    """Batches of one epoch: `(images float32 pixels / 256, labels)`.

    images: uint8 (N, C, H, W); labels: int64 (N,). Order and shifts depend on `seed` and `epoch` alone, so a resumed
    training sees what an uninterrupted one would. shift: largest random shift in pixels, 0 for none and for the natural
    order. flip: mirror every other image. cutout: side of a blackened square in pixels, 0 for none. A last incomplete batch
    is left out when shuffling. part: index and number of devices that share the images, which each take every so-manieth
    one.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        batch_size: int,
        shuffle: bool = False,
        shift: int = 0,
        seed: int = 0,
        epoch: int = 0,
        part: tuple[int, int] = (0, 1),
        flip: bool = False,
        cutout: int = 0,
    ) -> None:
        self.images, self.labels, self.batch_size = images, labels, batch_size
        self.shuffle, self.shift, self.seed, self.epoch, self.part = shuffle, shift, seed, epoch, part
        self.flip, self.cutout = flip, cutout

    def __len__(self) -> int:
        count = len(self.images) // self.part[1]
        return max(1, count // self.batch_size) if self.shuffle else -(-count // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        device, (rank, devices) = self.images.device, self.part
        count = len(self.images) // devices * devices  # as many for each, or the others would wait for ever
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(self.images), generator=generator) if self.shuffle else torch.arange(count)
        order = order[rank:count:devices].to(device)
        for index in range(len(self)):
            chosen = order[index * self.batch_size : (index + 1) * self.batch_size]
            images = self.images[chosen]
            if self.shift:
                images = shifted(images, self.shift, generator)
            if self.flip:
                images = flipped(images, generator)
            if self.cutout:
                images = cut_out(images, self.cutout, generator)
            yield images.float() / 256, self.labels[chosen]
