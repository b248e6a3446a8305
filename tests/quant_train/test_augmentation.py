from __future__ import annotations

import math

import pytest
import torch

from quant_train.augmentation import Numbers, cut_mixed, cut_out, flipped, shifted, turned
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


def spot(height: int, width: int, y: int, x: int, count: int) -> torch.Tensor:
    """Images (count, 1, height, width) with a bright square of 3 x 3 pixels about (y, x)."""
    images = torch.zeros((count, 1, height, width), dtype=torch.uint8)
    images[:, :, y - 1 : y + 2, x - 1 : x + 2] = 240
    return images


def centres(images: torch.Tensor) -> torch.Tensor:
    """Centres of brightness, (N, 2): rows and columns, from the middle of the image."""
    light = images[:, 0].double()
    height, width = light.shape[1:]
    rows = light.sum(2) @ (torch.arange(height).double() - (height - 1) / 2)
    columns = light.sum(1) @ (torch.arange(width).double() - (width - 1) / 2)
    return torch.stack((rows, columns), 1) / light.sum((1, 2))[:, None]


@pytest.mark.parametrize(("height", "width"), [(41, 41), (31, 61), (61, 31)])
def test_an_image_is_turned_about_its_centre_whatever_its_shape(height: int, width: int) -> None:
    found = turned(spot(height, width, height // 2, width // 2 + 10, 40), 30, 0, numbers())
    place = centres(found)
    assert torch.allclose(place.norm(dim=1), torch.tensor(10.0).double(), atol=0.1)  # no closer, no farther
    angles = torch.rad2deg(torch.atan2(place[:, 0], place[:, 1]))
    assert (
        angles.abs().max() < 31
        and angles.min() < -20
        and angles.max() > 20
        and len(set(angles.tolist())) > 30
    )
    assert found.dtype == torch.uint8 and found.shape == (40, 1, height, width)


def test_zoom_magnifies_and_shrinks_by_the_same_factor_at_most() -> None:
    place = centres(turned(spot(41, 51, 20 - 8, 25 + 10, 40), 0, 0.25, numbers()))
    factors = place.norm(dim=1) / math.hypot(8, 10)
    assert torch.allclose(place[:, 0] / place[:, 1], torch.tensor(-0.8).double(), atol=0.02)  # none is turned
    assert 0.79 < factors.min() < 0.85 and 1.18 < factors.max() < 1.26


def test_no_turn_is_the_same_image_and_half_a_turn_its_mirror_image() -> None:
    assert torch.equal(turned(IMAGES, 0, 0, numbers()), IMAGES)

    class Half(Numbers):
        def within(self, most: float) -> torch.Tensor:
            return torch.full((40,), most)

    half = Half(torch.Generator(), [40])
    assert torch.equal(turned(IMAGES, 180, 0, half), IMAGES.flip(2, 3))


def test_what_a_turn_brings_in_is_black_or_reflected() -> None:
    white = torch.full((40, 2, 9, 9), 200, dtype=torch.uint8)
    assert turned(white, 45, 0.2, numbers())[:, :, 0, 0].min() == 0
    assert turned(white, 45, 0.2, numbers(), reflect=True).min() == 200


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
        {"rotation": 10},
        {"zoom": 1},
        {"shift": 1, "flip": True, "cutout": 2},
    ):
        assert torch.equal(batch(0, **options), batch(0, **options))
        assert not torch.equal(batch(0, **options), batch(1, **options))
        assert not torch.equal(batch(0, **options), batch(0))
