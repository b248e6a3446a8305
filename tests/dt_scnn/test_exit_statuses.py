"""Whatever goes wrong outside this project ends in one line and exit status 1."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dt_scnn.errors import ToolNotFoundError
from dt_scnn.exit_statuses import exit_statuses

WITHOUT_TORCH = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "lightning", "brevitas"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
sys.argv = ["quant_train", "train", "digits"]
from quant_train.__main__ import app
app()
"""

CLOSED_PIPE = """
import sys
from dt_scnn.exit_statuses import exit_statuses
with exit_statuses("nothing"):
    sys.stdin.read()
    if sys.argv[1] == "1":
        print("verdict", flush=True)
    raise BrokenPipeError("a tool's input")
"""

FULL_DISK = """
import resource, sys
import numpy as np
from pathlib import Path
from dt_scnn.exit_statuses import exit_statuses
from dt_scnn.files import write_npz
images = np.random.default_rng(1).integers(0, 256, 9000, np.uint8)  # what numpy loads for it is compiled and kept
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with exit_statuses("nothing"):
    write_npz(Path(sys.argv[1]), {"images": images})
"""


def test_training_without_torch_says_how_to_get_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith("error: the package ") and len(done.stderr.splitlines()) == 1
    assert "dt-scnn[train]" in done.stderr


@pytest.mark.parametrize(
    ("closed", "status", "said"), [(True, 141, ""), (False, 1, "error: a tool's input\n")]
)
def test_output_that_nobody_reads_ends_without_a_word(closed: bool, status: int, said: str) -> None:
    """As with `| head`; a pipe to a tool that has ended is another thing."""
    started = subprocess.Popen(
        [sys.executable, "-c", CLOSED_PIPE, str(int(closed))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdin is not None and started.stdout is not None and started.stderr is not None
    if closed:
        started.stdout.close()
    started.stdin.close()
    assert (started.stderr.read(), started.wait()) == (said, status)


def test_a_module_of_this_project_that_is_missing_is_a_defect() -> None:
    with pytest.raises(ModuleNotFoundError), exit_statuses(""):
        import hls_project.nothing  # noqa: F401


def test_an_archive_on_a_full_disk_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "a.npz")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stderr == "error: File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_a_compiled_module_that_is_cut_off_is_one_line(tmp_path: Path) -> None:
    module = tmp_path / "cut.py"
    module.write_text("x = [1, 2, 3]\n")
    compiled = Path(py_compile.compile(str(module), doraise=True) or "")
    compiled.write_bytes(compiled.read_bytes()[:30])
    code = "from dt_scnn.exit_statuses import exit_statuses\nwith exit_statuses(''): import cut"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stderr.startswith(
        "error: a module that Python has compiled is cut off"
    )
    assert done.stderr.count("\n") == 1 and "-name '*.pyc' -delete" in done.stderr


def test_not_enough_memory_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, exit_statuses(""):
        raise MemoryError("Unable to allocate 9 TiB")
    assert ended.value.code == "error: not enough memory: Unable to allocate 9 TiB"


def test_no_version_of_a_tool_is_called_known_to_work() -> None:
    text = str(ToolNotFoundError("vivado", "2020.2 to 2024.2", "VIVADO"))
    assert "written for: 2020.2" in text and "known to work" not in text


def test_a_library_that_is_interrupted_while_it_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught, exit_statuses("nothing was written"):
        try:
            raise ImportError("initialization failed") from KeyboardInterrupt()
        except ImportError as error:
            raise error  # as packages do that try something else first
    assert caught.value.code == 130 and capsys.readouterr().err == "interrupted; nothing was written\n"
    with pytest.raises(ImportError, match="cannot import"), exit_statuses(""):
        raise ImportError("cannot import name 'x'")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "a.npz"), "a.npz: No space left on device; free some space"),
        (OSError(28, "No space left on device"), "No space left on device; free some space"),
        (
            NotADirectoryError(20, "Not a directory", "build/net"),
            "build/net: Not a directory; a file is where a folder",
        ),
        (
            PermissionError(13, "Permission denied", "build"),
            "build: Permission denied; give its owner the right to",
        ),
        (OSError("odd"), "odd"),
        (
            OSError(28, "No space left on device", "package/a.h", None, "build/a.h"),
            "build/a.h: No space left on device; free some space",
        ),
        (
            shutil.Error(
                [("a.h", "build/a.h", "[Errno 28] No space left on device"), ("b.h", "build/b.h", "x")]
            ),
            "build/a.h: No space left on device; free some space",
        ),
        (shutil.Error([("a.h", "build/a.h", "[Errno 5] odd: 'build/a.h'")]), "[Errno 5] odd: 'build/a.h'"),
        (shutil.SameFileError("a and b are the same file"), "a and b are the same file"),
    ],
)
def test_an_error_of_the_disk_names_the_file_and_what_helps(error: OSError, said: str) -> None:
    with pytest.raises(SystemExit) as ended, exit_statuses(""):
        raise error
    assert str(ended.value.code).startswith(f"error: {said}")


@pytest.mark.parametrize(
    "word", ["libx.so: failed to map segment from shared object", "libx.so: cannot allocate memory"]
)
def test_a_library_that_memory_has_no_room_for(word: str) -> None:
    with pytest.raises(SystemExit) as ended, exit_statuses(""):
        raise ImportError(word)
    assert str(ended.value.code) == f"error: not enough memory to load a library: {word}"
