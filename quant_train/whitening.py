"""First kernels that whiten: eigenvectors of the covariance of image patches.

As the fixed first layer of airbench94 has them (Jordan 2024, arXiv 2404.00498), but of the layer's own size, as initial values, trained and
quantized as any. Batch norm behind them scales each to variance 1, which is what whitening adds to a rotation.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_PATCH_IMAGES = 5000


@torch.no_grad()
def whiten(layer: nn.Conv2d, images: Tensor) -> None:
    """Set the first kernels of `layer` to the eigenvectors of the largest eigenvalues, and the next to their negatives.

    images: uint8 (N, C, H, W), of which the first 5,000 are taken. Kernels beyond twice the number of eigenvectors stay. Of each
    eigenvector the largest entry is positive, so that they are the same on every machine.
    """
    patches = nn.functional.unfold(
        images[:_PATCH_IMAGES].double() / 256, layer.kernel_size, stride=layer.stride
    )
    rows = patches.transpose(1, 2).flatten(0, 1)
    _, vectors = torch.linalg.eigh(rows.T.cov())
    kernels = vectors.T.flip(0)  # ascending eigenvalues
    kernels = kernels[: (len(layer.weight) + 1) // 2]
    largest = kernels.gather(1, kernels.abs().argmax(1, keepdim=True))
    kernels = kernels * largest.sign()
    both = torch.cat([kernels, -kernels])[: len(layer.weight)]
    size = layer.weight[0].square().mean().sqrt()  # Brevitas' scale was made for weights of this size
    both = both.view(-1, *layer.weight.shape[1:]).to(layer.weight)
    layer.weight[: len(both)] = both * (size / both[0].square().mean().sqrt())
