"""A training that is interrupted, as by Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from quant_train.module import Training


@contextmanager
def interrupted(monkeypatch: pytest.MonkeyPatch, epoch: int) -> Iterator[None]:
    """Interrupt the training of the block when that epoch, counted from 0, begins, and expect it to end so."""
    begin = Training.on_train_epoch_start

    def stop(training: Training) -> None:
        begin(training)
        if training.current_epoch == epoch:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Training, "on_train_epoch_start", stop)
        yield
