from __future__ import annotations

import pytest
import torch

from quant_train import batches
from quant_train.batches import Batches

IMAGES = torch.randint(0, 256, (23, 2, 5, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(23)


def test_without_shuffling_every_image_comes_once_in_order() -> None:
    batches = Batches(IMAGES, LABELS, 5)
    parts = list(batches)
    assert len(parts) == len(batches) == 5
    assert torch.equal(torch.cat([labels for _, labels in parts]), LABELS)
    assert torch.equal(torch.cat([images for images, _ in parts]), IMAGES.float() / 256)


def test_order_depends_on_seed_and_epoch_alone() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        torch.rand(seed + epoch)  # the global generator has no say
        batches = Batches(IMAGES, LABELS, 5, shuffle=True, seed=seed, epoch=epoch)
        return torch.cat([labels for _, labels in batches]).tolist()

    assert order(0, 0) == order(0, 0) != order(0, 1) != order(1, 0)
    assert len(set(order(0, 0))) == len(order(0, 0)) == 20


def test_shifts_move_whole_images_into_black() -> None:
    seen = set()
    for epoch in range(20):
        for images, labels in Batches(IMAGES, LABELS, 23, shuffle=True, shift=1, epoch=epoch):
            padded = torch.nn.functional.pad(IMAGES[labels], (1, 1, 1, 1)).float() / 256
            for image, around in zip(images, padded, strict=True):
                fits = [
                    (y, x)
                    for y in range(3)
                    for x in range(3)
                    if torch.equal(image, around[:, y : y + 5, x : x + 7])
                ]
                assert len(fits) == 1
                seen.add(fits[0])
    assert len(seen) == 9


def test_devices_share_the_images_evenly() -> None:
    parts = [Batches(IMAGES, LABELS, 5, part=(rank, 2)) for rank in (0, 1)]
    labels = [torch.cat([labels for _, labels in part]).tolist() for part in parts]
    assert len(parts[0]) == len(parts[1]) and len(labels[0]) == len(labels[1]) == 11
    assert not set(labels[0]) & set(labels[1])


def test_devices_that_share_a_batch_see_what_one_device_would() -> None:
    def batches(rank: int, devices: int) -> Batches:
        options = {"shift": 1, "flip": True, "cutout": 2}
        return Batches(IMAGES, LABELS, 6, shuffle=True, part=(rank, devices), **options)  # type: ignore[arg-type]

    assert len(batches(0, 2)) == len(batches(0, 1)) == 3
    for (images, labels), (even, even_labels), (odd, odd_labels) in zip(
        batches(0, 1), batches(0, 2), batches(1, 2), strict=True
    ):
        assert torch.equal(images[::2], even) and torch.equal(images[1::2], odd)
        assert torch.equal(labels[::2], even_labels) and torch.equal(labels[1::2], odd_labels)


def test_shifts_are_those_of_single_batches_however_many_are_augmented_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def epoch(at_once: int, most: int) -> list[torch.Tensor]:
        monkeypatch.setattr(batches, "_AT_ONCE", at_once)
        monkeypatch.setattr(batches, "_AT_ONCE_BYTES", most)
        return [part for batch in Batches(IMAGES, LABELS, 5, shuffle=True, shift=1) for part in batch]

    alone = epoch(1, 1 << 20)
    size = 5 * IMAGES[0].numel()
    for at_once, most in ((16, 1 << 20), (3, 1 << 20), (16, 2 * size), (16, 1)):
        assert all(torch.equal(*pair) for pair in zip(alone, epoch(at_once, most), strict=True))
