"""Runs stages in processes of their own, each split off from one that has loaded the libraries: `python -m tests.resilience.server`.

A line of JSON is a request: {stage, folder, kind, at}; a line of JSON answers it: {status, result, said}. Status 0: the stage ended; 1:
it told the user what is wrong; 2: it raised something else; 99: it was killed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from board.errors import BoardError
from dt_scnn.exit_statuses import exit_statuses
from tests.resilience.fault import Fault, install, lift_limits
from tests.resilience.stages import STAGES


def child(request: dict[str, Any], answer: int) -> int:
    """Run the stage; write its result to the descriptor `answer`; return the exit status."""
    folder = Path(request["folder"])
    os.chdir(folder)
    stage = STAGES[request["stage"]]
    if request["stage"] == "bitstream":
        places = [parent / "tool" / "begin" / "vivado" for parent in folder.parents]
        os.environ["VIVADO"] = str(next((path for path in places if path.is_file()), places[0]))
    try:
        if request["kind"] == "begin":
            stage.begin()
            result: Any = None
        else:
            install(Fault(request["kind"], request["at"]), folder)
            with exit_statuses(""):
                result = stage.run()
        status, said = 0, {"result": result}
    except (SystemExit, BoardError) as error:
        status, said = 1, {"said": str(error)[:2000]}
    except BaseException:
        status, said = 2, {"said": traceback.format_exc()[-3000:]}
    lift_limits()
    os.write(answer, json.dumps(said).encode())
    return status


def begin(request: dict[str, Any]) -> tuple[int, Path]:
    """Split off a process for a request; return its number, and the file that its answer will be in."""
    descriptor, name = tempfile.mkstemp(prefix="answer-")
    number = os.fork()
    if number == 0:
        status = 2
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            for stream in (1, 2):
                os.dup2(quiet, stream)
            status = child(request, descriptor)
        finally:
            os._exit(status)
    os.close(descriptor)
    return number, Path(name)


def end(number: int, answer: Path) -> dict[str, Any]:
    """Wait for a process; return what it answered."""
    _, status = os.waitpid(number, 0)
    text = answer.read_text()
    answer.unlink()
    return {"status": os.waitstatus_to_exitcode(status), **(json.loads(text) if text else {})}


def main() -> None:
    """Answer requests until the input ends; a list is run all at once."""
    loaded = set()
    for line in sys.stdin:
        requests = json.loads(line)
        for request in requests:
            load = STAGES[request["stage"]].load
            if load not in loaded:
                load()
                loaded.add(load)
        running = [begin(request) for request in requests]
        print(json.dumps([end(*process) for process in running]), flush=True)


if __name__ == "__main__":
    main()
