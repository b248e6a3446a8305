from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from hls_project.compare.activity import watch
from hls_project.graph.integer import integerize
from hls_project.parity import golden
from tests import models


def counted_by_hand(layer: object, seen: np.ndarray) -> int:
    """Additions of (N, H, W, C) inputs, window by window."""
    top, left, bottom, right = layer.pads  # type: ignore[attr-defined]
    padded = np.pad(seen != 0, ((0, 0), (top, bottom), (left, right), (0, 0)))
    (down, across), (rows, columns) = layer.stride, layer.kernel  # type: ignore[attr-defined]
    height, width, kernels = layer.vm_shape  # type: ignore[attr-defined]
    total = 0
    for y in range(height):
        for x in range(width):
            total += int(padded[:, y * down : y * down + rows, x * across : x * across + columns].sum())
    return total * kernels


@given(models.networks())
@settings(max_examples=25, deadline=None)
def test_additions_and_rates_are_those_counted_by_hand(example: models.Example) -> None:
    model, images = example.build(), example.images(5)
    layers = integerize(model).layers
    found = watch(model, layers, images)
    seen = images
    for layer, trace, activity in zip(layers, golden.trace(model, images), found, strict=True):
        assert activity.images == 5
        assert activity.additions == counted_by_hand(layer, seen) / 5 <= layer.synaptic_operations
        kernel = trace.vm[..., activity.example_kernel]
        values, counts = np.unique(kernel, return_counts=True)
        assert np.array_equal(activity.vm_values, values) and np.array_equal(activity.vm_counts, counts)
        assert np.array_equal(activity.example_vm, kernel[0])
        if trace.spikes is None or trace.pooled is None:
            assert activity.firing_rates == () and activity.example_spikes is None
            continue
        assert layer.thresholds is not None and activity.example_spikes is not None
        maps = np.split(trace.spikes, len(layer.thresholds), axis=3)
        assert activity.firing_rates == pytest.approx([part.mean() for part in maps], abs=1e-12)
        assert np.array_equal(
            activity.example_spikes, [part[0, :, :, activity.example_kernel] for part in maps]
        )
        if len(maps) == 2:
            assert activity.agreement == pytest.approx((maps[0] == maps[1]).mean(), abs=1e-12)
            union = (maps[0] | maps[1]).sum()
            jaccard = (maps[0] & maps[1]).sum() / union if union else None
            assert activity.overlap == (jaccard if jaccard is None else pytest.approx(jaccard, abs=1e-12))
        else:
            assert activity.agreement is activity.overlap is None
        seen = trace.pooled


def test_images_in_several_chunks_count_like_one_by_one() -> None:
    model = models.build("4C3-P2-6C3-FC10", (8, 7, 1))
    layers, images = integerize(model).layers, models.images((8, 7, 1), 120)
    done: list[int] = []
    whole = watch(model, layers, images, done.append)
    assert done == [50, 100, 120]
    single = [watch(model, layers, image[None]) for image in images]
    for index, activity in enumerate(whole):
        assert activity.additions == sum(one[index].additions for one in single) / 120
        mean = np.mean([one[index].firing_rates for one in single], axis=0)
        assert activity.firing_rates == pytest.approx(mean)
