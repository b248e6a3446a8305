"""Which devices and nodes a training runs on: Lightning's strategies and launchers, and what several processes share."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed import get_world_size
from torch.distributed.nn.functional import all_reduce
from torch.nn.modules.batchnorm import _BatchNorm

from dt_scnn.errors import ConfigurationError


def machine_name(device: torch.device) -> str:
    """Return what a GPU calls itself, or a processor and how many threads torch takes of it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(named, platform.machine())}, {torch.get_num_threads()} thread(s)"


@dataclass(frozen=True)
class Machines:
    """Devices of each node, nodes, and Lightning's name of the strategy by which they share each batch.

    devices: GPUs, or processes where there is no GPU. strategy: such as `ddp`; `auto` is that where there are several.
    """

    devices: int = 1
    nodes: int = 1
    strategy: str = "auto"

    def __post_init__(self) -> None:
        if self.devices < 1 or self.nodes < 1:
            raise ConfigurationError(f"devices and nodes are at least 1, not {self.devices} and {self.nodes}")
        gpus = torch.cuda.device_count()
        if gpus and self.devices > gpus:
            raise ConfigurationError(f"devices is {self.devices}, and this machine has {gpus} GPU(s)")

    @property
    def processes(self) -> int:
        """All processes, one for each device."""
        return self.devices * self.nodes

    def is_first(self) -> bool:
        """Return whether this process is the one that writes."""
        from lightning.pytorch.utilities import rank_zero_only

        return not getattr(rank_zero_only, "rank", 0)

    def options(self) -> dict[str, Any]:
        """Return what Lightning's Trainer is told."""
        several = self.processes > 1
        strategy = "ddp" if several and self.strategy == "auto" else self.strategy
        return {
            "devices": self.devices,
            "num_nodes": self.nodes,
            "strategy": strategy,
            "use_distributed_sampler": False,  # `Batches` shares them
            "sync_batchnorm": several and torch.cuda.is_available(),
        }

    def check_batch(self, batch_size: int, train_images: int = 0) -> None:
        """Check that every device gets as many images of a batch. train_images: of the training, 0 for all; the batch, where fewer.

        Raises:
            ConfigurationError: it does not.
        """
        if 0 < train_images < batch_size and train_images % self.processes:
            raise ConfigurationError(
                f"training.train_images = {train_images} is less than a batch, and {self.processes} devices cannot share it evenly; "
                f"--set training.train_images={max(1, train_images // self.processes) * self.processes}"
            )
        if batch_size % self.processes:
            raise ConfigurationError(
                f"training.batch_size = {batch_size} is for all devices together, and {self.processes} cannot share it evenly; "
                f"--set training.batch_size={max(1, round(batch_size / self.processes)) * self.processes}"
            )


ONE_DEVICE = Machines()


def _over_processes(norm: _BatchNorm) -> Callable[[Tensor], Tensor]:
    """Return a `forward` that counts the images of all processes, as torch's `SyncBatchNorm` does, but on the CPU too."""

    def forward(maps: Tensor) -> Tensor:
        if not norm.training:
            return type(norm).forward(norm, maps)
        over = [0, *range(2, maps.dim())]
        shape = (1, -1, *([1] * (maps.dim() - 2)))
        count = maps.numel() / maps.shape[1] * get_world_size()
        mean = all_reduce(maps.sum(over)) / count
        centred = maps - mean.view(shape)
        variance = all_reduce(centred.square().sum(over)) / count
        _track(norm, mean.detach(), variance.detach() * (count / (count - 1)))
        scale = norm.weight * (variance + norm.eps).rsqrt()
        return centred * scale.view(shape) + norm.bias.view(shape)

    return forward


@torch.no_grad()
def _track(norm: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    assert norm.running_mean is not None and norm.running_var is not None
    assert norm.num_batches_tracked is not None
    norm.num_batches_tracked += 1
    share = 1 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
    norm.running_mean.lerp_(mean, share)
    norm.running_var.lerp_(variance, share)


def share_statistics(network: nn.Module) -> None:
    """Make every batch norm of `network` count the images of all processes, where torch does not do it (on the CPU)."""
    for norm in network.modules():
        if isinstance(norm, _BatchNorm):
            norm.forward = _over_processes(norm)  # type: ignore[method-assign]


def keep_own_statistics(network: nn.Module) -> None:
    """Undo `share_statistics`."""
    for norm in network.modules():
        if isinstance(norm, _BatchNorm):
            norm.__dict__.pop("forward", None)
