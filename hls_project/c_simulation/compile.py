"""Compile the generated project and its test bench with g++; no vendor tool takes part."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dt_scnn.compiler import Compiler
from hls_project.programs.logged import run_logged
from hls_project.targets.hls import PROJECT
from hls_project.workspace import stage


def build(project: Path, output: Path, compiler: Compiler) -> Path:
    """Compile the C-simulation of the HLS project in `project` into the folder `output`; return the program.

    Nothing is compiled when sources, flags and compiler are those of the last time.

    Raises:
        ToolNotFoundError: no compiler. FlowError: it failed or hung; the log is `compile.log` in `output`.
    """
    program = output / f"{PROJECT}_test"
    program_and_flags = compiler.call()
    stage_key = stage.key(stage.tree_key(project, ("*.h", "*.cpp")), compiler.key())
    if stage.is_current(output, stage_key):
        return program
    output.mkdir(parents=True, exist_ok=True)
    call = [*program_and_flags, compiler.standard, "-isystem", "firmware/ap_types", "-I."]
    objects = [output.resolve() / f"{name}.o" for name in ("network", "testbench")]
    for stale in (output / stage.STAMP, program, *objects):
        stale.unlink(missing_ok=True)
    files = [f"firmware/{PROJECT}.cpp", f"{PROJECT}_test.cpp"]
    log = output / "compile.log"
    log.write_text("")
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(run_logged, [*call, "-c", file, "-o", str(made)], project, log, compiler.timeout)
            for file, made in zip(files, objects, strict=True)
        ]
        for job, made in zip(jobs, objects, strict=True):
            job.result()
            compiler.check_made(made, log)
    link = [*program_and_flags, *map(str, objects), "-o", str(program.resolve())]
    run_logged(link, project, log, compiler.timeout)
    compiler.check_made(program, log)
    stage.complete(output, stage_key, [program])
    return program
