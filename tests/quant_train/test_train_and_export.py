"""A card says on how many images PyTorch and onnxruntime agree."""

from __future__ import annotations

import numpy as np
import torch

from quant_train.batch_norm_folding import fold
from quant_train.train_and_export import parity
from tests.quant_train.networks import random_network


def test_only_images_with_every_score_equal_count() -> None:
    folded = fold(random_network("4C3-P2-FC4", (6, 6, 1)))
    images = np.random.default_rng(1).integers(0, 256, (5, 6, 6, 1), np.uint8)
    with torch.no_grad():
        scores = folded(torch.from_numpy(images.transpose(0, 3, 1, 2) / np.float32(256))).numpy()
    assert parity(folded, images, scores) == {"images": 5, "exact_images": 5}
    scores[3, 2] += 0.125
    assert parity(folded, images, scores) == {"images": 5, "exact_images": 4}
