"""Batches from images that lie in memory, on the device where they are used."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from quant_train.augmentation import (
    Numbers,
    alternately_flipped,
    cut_mixed,
    cut_out,
    flipped,
    shifted,
    turned,
)

_AT_ONCE, _AT_ONCE_BYTES = 16, 32 << 20
"""Batches, and bytes of images, that are augmented together: some twenty kernels, which a GPU would otherwise start for each batch."""


class Batches:
    """Batches of one epoch: `(images float32 pixels / 256, labels)`.

    images: uint8 (N, C, H, W); labels: int64 (N,). Order and shifts depend on `seed` and `epoch` alone, so a resumed
    training sees what an uninterrupted one would. shift: largest random shift in pixels, 0 for none and for the natural
    order. rotation: largest random angle in degrees; zoom: largest random magnification less 1, 0 for none. reflect: what these bring in is the
    image's own reflection. flip: mirror every other image, `alternating` from
    epoch to epoch. cutout: side of a blackened square in pixels, 0 for none. cutmix: share of the images with a part of another, whose
    labels are then float32 (N, classes). A last incomplete batch is left out when shuffling. part: index and number of devices that share each batch (or, in natural order, the images), of which they take
    every so-manieth one; together they see what one device would.
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
        reflect: bool = False,
        alternating: bool = False,
        cutmix: float = 0.0,
        classes: int = 0,
        rotation: float = 0.0,
        zoom: float = 0.0,
    ) -> None:
        self.images, self.labels, self.batch_size = images, labels, batch_size
        self.shuffle, self.shift, self.seed, self.epoch, self.part = shuffle, shift, seed, epoch, part
        self.flip, self.cutout, self.reflect, self.alternating = flip, cutout, reflect, alternating
        self.cutmix, self.classes = cutmix, classes
        self.rotation, self.zoom = rotation, zoom

    def __len__(self) -> int:
        if self.shuffle:
            return max(1, len(self.images) // self.batch_size)
        return -(-(len(self.images) // self.part[1]) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        device, (rank, devices) = self.images.device, self.part
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        if not self.shuffle:
            count = (
                len(self.images) // devices * devices
            )  # as many for each, or the others would wait for ever
            for chosen in torch.arange(rank, count, devices, device=device).split(self.batch_size):
                yield self.images[chosen].float() / 256, self.labels[chosen]
            return
        order = torch.randperm(len(self.images), generator=generator).to(device)
        own = torch.Generator().manual_seed(self.seed)  # the same in every epoch
        first = torch.randint(0, 2, (len(self.images),), generator=own).to(device)
        bytes_each = self.batch_size * self.images[0].numel()
        at_once = max(1, min(_AT_ONCE, _AT_ONCE_BYTES // bytes_each))
        for several in order[: len(self) * self.batch_size].split(at_once * self.batch_size):
            parts = several.split(self.batch_size)
            numbers = Numbers(generator, [len(part) for part in parts], device)
            augmented = self._augmented(self.images[several], first[several], numbers)
            for images, labels in zip(
                augmented.split(self.batch_size), self.labels[several].split(self.batch_size), strict=True
            ):
                if self.cutmix:
                    shares = torch.nn.functional.one_hot(labels, self.classes).float()
                    images, labels = cut_mixed(images, shares, self.cutmix, generator)
                yield images[rank::devices].float() / 256, labels[rank::devices]

    def _augmented(self, images: Tensor, first: Tensor, numbers: Numbers) -> Tensor:
        if self.rotation or self.zoom:
            images = turned(images, self.rotation, self.zoom, numbers, self.reflect)
        if self.shift:
            images = shifted(images, self.shift, numbers, self.reflect)
        if self.flip and self.alternating:
            images = alternately_flipped(images, first, self.epoch)
        elif self.flip:
            images = flipped(images, numbers)
        if self.cutout:
            images = cut_out(images, self.cutout, numbers)
        return images
