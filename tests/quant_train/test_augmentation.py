from __future__ import annotations

import torch

from quant_train.augmentation import Numbers, cut_mixed, cut_out, flipped, shifted
from quant_train.batches import Batches

IMAGES = torch.randint(1, 256, (40, 2, 5, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def numbers() -> Numbers:
    return Numbers(torch.Generator().manual_seed(1), [40])


def test_a_flipped_image_is_the_image_or_its_mirror_image() -> None:
    found = flipped(IMAGES, numbers())
    same = [torch.equal(new, old) for new, old in zip(found, IMAGES, strict=True)]
    mirrored = [torch.equal(new, old.flip(2)) for new, old in zip(found, IMAGES, strict=True)]
    assert all(a != b for a, b in zip(same, mirrored, strict=True)) and 5 < sum(same) < 35


def test_alternating_flips_mirror_each_image_in_every_other_epoch() -> None:
    def mirrored(epoch: int, seed: int = 0) -> list[bool]:
        options = {"flip": True, "alternating": True, "epoch": epoch, "seed": seed}
        found = {}
        for images, labels in Batches(IMAGES, torch.arange(40), 10, shuffle=True, **options):  # type: ignore[arg-type]
            for image, label in zip((images * 256).byte(), labels.tolist(), strict=True):
                same, mirror = (torch.equal(image, old) for old in (IMAGES[label], IMAGES[label].flip(2)))
                assert same != mirror
                found[label] = mirror
        return [found[label] for label in range(40)]

    first = mirrored(0)
    assert 5 < sum(first) < 35 and first == mirrored(2) != mirrored(0, seed=1)
    assert mirrored(1) == [not mirror for mirror in first]


def test_a_shift_by_reflection_is_a_part_of_the_reflected_image() -> None:
    found = shifted(IMAGES, 2, numbers(), reflect=True)
    around = torch.nn.functional.pad(IMAGES.float(), (2, 2, 2, 2), "reflect").byte()
    places = set()
    for image, padded in zip(found, around, strict=True):
        fits = [
            (y, x) for y in range(5) for x in range(5) if torch.equal(image, padded[:, y : y + 5, x : x + 7])
        ]
        assert len(fits) == 1
        places.add(fits[0])
    assert len(places) > 12


def test_cutout_blackens_one_square_of_all_channels() -> None:
    found = cut_out(IMAGES, 3, numbers())
    sizes = set()
    for new, old in zip(found, IMAGES, strict=True):
        black = new == 0  # the images have no black of their own
        assert torch.equal(black[0], black[1]) and torch.equal(new[~black], old[~black])
        rows, columns = black[0].any(1), black[0].any(0)
        assert torch.equal(black[0], rows[:, None] & columns[None, :])
        sizes.add((int(rows.sum()), int(columns.sum())))
    assert {(3, 3), (2, 3), (3, 2)} <= sizes and max(max(size) for size in sizes) == 3


def test_cutmix_brings_a_part_of_another_image_and_its_label_by_area() -> None:
    images = torch.arange(1, 41, dtype=torch.uint8)[:, None, None, None].expand(
        40, 2, 5, 7
    )  # each of one value
    found, shares = cut_mixed(images, torch.eye(40), 0.5, torch.Generator().manual_seed(1))
    mixed = 0
    for own, (new, share) in enumerate(zip(found, shares, strict=True)):
        foreign = new != own + 1
        assert torch.equal(foreign[0], foreign[1])
        rows, columns = foreign[0].any(1), foreign[0].any(0)
        assert torch.equal(foreign[0], rows[:, None] & columns[None, :])
        area = foreign.float().mean()
        assert torch.isclose(share[own], 1 - area) and torch.isclose(share.sum(), torch.tensor(1.0))
        values = new[foreign].unique()
        assert len(values) == (area > 0)
        if len(values):
            assert torch.isclose(share[values[0].long() - 1], area)
            mixed += 1
    assert 10 < mixed < 25
    same, labels = cut_mixed(images, torch.eye(40), 0.0, torch.Generator().manual_seed(1))
    assert torch.equal(same, images) and torch.equal(labels, torch.eye(40))


def test_batches_with_cutmix_have_labels_by_class() -> None:
    labels = torch.arange(40) % 3
    options = {"shuffle": True, "cutmix": 1.0, "classes": 3, "shift": 1}
    whole = list(Batches(IMAGES, labels, 20, **options))  # type: ignore[arg-type]
    assert [tuple(shares.shape) for _, shares in whole] == [(20, 3), (20, 3)]
    assert any(0 < share < 1 for _, shares in whole for share in shares.flatten().tolist())
    parts = [list(Batches(IMAGES, labels, 20, part=(rank, 2), **options)) for rank in (0, 1)]  # type: ignore[arg-type]
    for (images, shares), *halves in zip(whole, *parts, strict=True):
        for rank, (half, half_shares) in enumerate(halves):
            assert torch.equal(half, images[rank::2]) and torch.equal(half_shares, shares[rank::2])


def test_augmented_batches_depend_on_seed_and_epoch_alone() -> None:
    def batch(epoch: int, **options: int) -> torch.Tensor:
        torch.rand(3)  # the global generator has no say
        labels = torch.arange(len(IMAGES))
        ((images, _),) = Batches(IMAGES, labels, 40, shuffle=True, epoch=epoch, **options)  # type: ignore[arg-type]
        return images

    for options in (
        {"flip": True},
        {"cutout": 3},
        {"cutmix": 1, "classes": 40},
        {"shift": 1, "flip": True, "cutout": 2},
    ):
        assert torch.equal(batch(0, **options), batch(0, **options))
        assert not torch.equal(batch(0, **options), batch(1, **options))
        assert not torch.equal(batch(0, **options), batch(0))
