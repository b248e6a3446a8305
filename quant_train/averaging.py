"""The moving average of a training's weights, which is what is validated and kept."""

from __future__ import annotations

from lightning.pytorch.callbacks import WeightAveraging
from torch.optim.swa_utils import get_ema_multi_avg_fn


def averaging(kept: float) -> WeightAveraging:
    """Return the callback that averages weights and batch norm's statistics exponentially. kept: share that a step keeps."""
    return WeightAveraging(multi_avg_fn=get_ema_multi_avg_fn(kept))
