"""Which precision a processor is fast in."""

from __future__ import annotations

from dataclasses import replace

import torch

from quant_train.config import TrainingConfig


def has_bfloat16() -> bool:
    """Return whether the device that a training takes multiplies in bfloat16 by units of its own."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    found = torch.cpu.get_capabilities()
    return bool(found.get("amx_bf16") or found.get("avx512_bf16") or found.get("bf16"))


def resolved(config: TrainingConfig) -> TrainingConfig:
    """Return `config` with `automatic` precision replaced by the one that the processor is fast in."""
    if config.precision != "automatic":
        return config
    return replace(config, precision="bfloat16" if has_bfloat16() else "float32")


def warning(precision: str) -> str | None:
    """Return what a user should know who trains in a precision that this processor emulates."""
    if precision == "bfloat16" and not has_bfloat16():
        return (
            "this processor has no units for bfloat16, so this takes some ten times as long as with "
            "--set training.precision=float32"
        )
    return None
