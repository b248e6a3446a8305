"""An executor of the toolkit's that works in this process: its own tests start others."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

import pytest

from dt_scnn.executor import executor


class _Inline(Executor):
    def submit(self, task: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        task, given, named = pickle.loads(
            pickle.dumps((task, given, named))
        )  # as another process would get them
        done.set_result(task(*given, **named))
        return done


def work_here(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Let `module` work in this process where it would start others; a cluster stays one."""

    @contextmanager
    def here(scheduler: str | None, jobs: int) -> Iterator[Executor]:
        if scheduler is None:
            yield _Inline()
        else:
            with executor(scheduler, jobs) as pool:
                yield pool

    monkeypatch.setattr(module, "executor", here)
