"""The one executor of long tasks, such as syntheses and trainings: processes of this machine, or a Dask cluster that is already there."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import TypeVar

from dt_scnn.errors import ConfigurationError, DTSCNNError, FlowError

Input = TypeVar("Input")
Result = TypeVar("Result")

ANSWER_TIMEOUT = 10.0
"""Seconds that a scheduler has to answer, and then to show a worker."""

_ADDRESS = re.compile(r"(tcp|tls)://[^\s:/]+:\d{1,5}")


@contextlib.contextmanager
def executor(scheduler: str | None, jobs: int) -> Iterator[Executor]:
    """Give an executor. scheduler: `tcp://host:port` of a Dask scheduler, None for `jobs` processes of this machine.

    When the block ends by an error or Ctrl-C, what was started here is ended, and what waits in a cluster is taken back.

    Raises:
        ConfigurationError: the address is none, no scheduler answers there, it has no workers, or Dask is not installed.
    """
    with _local(jobs) if scheduler is None else _cluster(scheduler) as found:
        yield found


def run_all(
    pool: Executor,
    task: Callable[[Input], Result],
    inputs: Iterable[Input],
    finish: Callable[[Input, Result], None],
) -> None:
    """Run `task` on each of `inputs`; `finish` gets each result as it comes. The first failure is raised; `executor` then takes
    the others back.

    Raises:
        FlowError: a worker died. What `task` and `finish` raise.
    """
    futures = {pool.submit(_work, task, one): one for one in inputs}
    for future in as_completed(futures):
        finish(futures[future], _result(future))


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except DTSCNNError:
        raise
    except BrokenExecutor as error:
        raise FlowError(
            "a process that worked on a task was ended from outside; too little memory is the usual reason"
        ) from error
    except CancelledError as error:
        raise FlowError(
            "the cluster lost a task: its scheduler or its workers have gone; the same command goes on with what is missing"
        ) from error
    except ImportError as error:
        raise FlowError(
            f"a worker of the cluster lacks {error.name}; install the same version of dt-scnn there, with the extras that are installed here"
        ) from error
    except Exception as error:
        if type(error).__module__.startswith("distributed."):
            raise FlowError(
                f"the cluster lost a task: {error}; the same command goes on with what is missing"
            ) from error
        raise


@contextlib.contextmanager
def _local(jobs: int) -> Iterator[Executor]:
    # Spawned, not forked: threads of the solver may hold locks. Ctrl-C is this process's to answer.
    pool = ProcessPoolExecutor(max(1, jobs), _Context(), _ready)
    before = set(multiprocessing.active_children())
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Process(SpawnProcess):
    """A process that does not run the user's script again: no task is of it, and it may begin another run."""

    def start(self) -> None:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            super().start()
        finally:
            sys.modules["__main__"] = main


class _Context(SpawnContext):
    Process = _Process


def _work(task: Callable[[Input], Result], one: Input) -> Result:
    """Run a task in a worker."""
    try:
        return task(one)
    except SystemExit as error:
        if _is_local:  # the pool would hand the exception on, and the worker take the next task
            os._exit(int(error.code or 0))
        raise


_is_local = False
"""Whether this process is a worker of a pool on this machine."""


def _ready() -> None:
    """Leave Ctrl-C to the parent, whose SIGTERM unwinds a worker, so that it ends the programs that it runs."""
    global _is_local
    _is_local = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _unwind)


def _unwind(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


@contextlib.contextmanager
def _cluster(scheduler: str) -> Iterator[Executor]:
    if not _ADDRESS.fullmatch(scheduler):
        raise ConfigurationError(
            f"SCHEDULER is the address of a Dask scheduler, such as tcp://192.168.2.1:8786, not {scheduler!r}"
        )
    try:
        from distributed import Client, rpc
    except ImportError as error:
        raise ConfigurationError(
            "SCHEDULER needs Dask; install it: pip install 'dt-scnn[cluster]', or leave SCHEDULER out"
        ) from error
    advice = "start one with `dask scheduler` and `dask worker`, or leave SCHEDULER out to work here"

    async def ask() -> None:
        async with rpc(scheduler, timeout=ANSWER_TIMEOUT) as answering:
            await answering.identity()

    try:
        with _silent():
            # A client alone would wait for ever for one that takes the connection and says nothing.
            asyncio.run(asyncio.wait_for(ask(), ANSWER_TIMEOUT))
            client = Client(scheduler, timeout=ANSWER_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        raise ConfigurationError(
            f"no Dask scheduler answers at {scheduler} within {ANSWER_TIMEOUT:g} s; {advice}"
        ) from error
    try:
        try:
            client.wait_for_workers(1, timeout=ANSWER_TIMEOUT)
        except OSError as error:
            raise ConfigurationError(
                f"the Dask scheduler at {scheduler} has had no worker for {ANSWER_TIMEOUT:g} s; {advice}"
            ) from error
        with client.get_executor(pure=False, retries=1) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False)  # takes back what waits
                raise
    finally:
        with _silent(), contextlib.suppress(OSError):
            client.close(ANSWER_TIMEOUT)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep Dask from logging what its exception says too."""
    import logging

    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
