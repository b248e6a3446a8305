"""Compile the generated project and its test bench with g++; no vendor tool takes part."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hls_project import stage
from hls_project.targets.hls import PROJECT
from quant_train.errors import FlowError, ToolNotFoundError

# What vendor tools compile the headers with; optimisation is ours.
STANDARD = "-std=c++11"


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler and how it is called.

    command: program name or path. flags: after the standard. timeout: seconds for one file.
    """

    command: str = "g++"
    flags: tuple[str, ...] = ("-O3",)
    standard: str = STANDARD
    timeout: float = 600.0

    @staticmethod
    def from_environment() -> Compiler:
        """Return the compiler that `CXX` names, or g++."""
        return Compiler(os.environ.get("CXX") or "g++")

    def locate(self) -> str:
        """Return the program's path.

        Raises:
            ToolNotFoundError: it is not installed.
        """
        if program := shutil.which(self.command):
            return program
        raise ToolNotFoundError(self.command, "g++ 7 or newer, clang++ 6 or newer", "CXX")


def build(project: Path, output: Path, compiler: Compiler) -> Path:
    """Compile the C-simulation of the HLS project in `project` into the folder `output`; return the program.

    Nothing is compiled when sources, flags and compiler are those of the last time.

    Raises:
        ToolNotFoundError: no compiler. FlowError: it failed or hung; the log is `compile.log` in `output`.
    """
    program = output / f"{PROJECT}_test"
    compiler_path = compiler.locate()
    sources = stage.tree_key(project, ("*.h", "*.cpp"))
    stage_key = stage.key(sources, compiler_path, compiler.standard, *compiler.flags)
    if program.exists() and stage.is_current(output, stage_key):
        return program
    output.mkdir(parents=True, exist_ok=True)
    (output / stage.STAMP).unlink(missing_ok=True)

    call = [compiler_path, compiler.standard, *compiler.flags, "-isystem", "firmware/ap_types", "-I."]
    objects = [output.resolve() / f"{name}.o" for name in ("network", "testbench")]
    files = [f"firmware/{PROJECT}.cpp", f"{PROJECT}_test.cpp"]
    log = output / "compile.log"
    log.write_text("")
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(run_logged, [*call, "-c", file, "-o", str(made)], project, log, compiler.timeout)
            for file, made in zip(files, objects, strict=True)
        ]
        for job in jobs:
            job.result()
    link = [compiler_path, *compiler.flags, *map(str, objects), "-o", str(program.resolve())]
    run_logged(link, project, log, compiler.timeout)
    stage.complete(output, stage_key)
    return program


def run_logged(
    call: list[str], folder: Path, log: Path, timeout: float, environment: dict[str, str] | None = None
) -> None:
    """Run a program in `folder` and append what it prints to `log`. environment: its variables, or ours.

    Raises:
        FlowError: it failed, or took more than `timeout` seconds.
    """
    try:
        done = subprocess.run(
            call, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False, env=environment
        )
    except subprocess.TimeoutExpired as hung:
        raise FlowError(f"{call[0]} did not end within {timeout:g} s", log_path=log) from hung
    with open(log, "a") as file:
        file.write(f"$ {' '.join(call)}\n{done.stdout}{done.stderr}")
    if done.returncode != 0:
        tail = "\n".join(done.stderr.splitlines()[-15:])
        raise FlowError(f"{call[0]} failed with status {done.returncode}", log_path=log, log_tail=tail)
