"""Several devices: two processes on this machine, over gloo, give what one gives; one that disappears is one message."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from dt_scnn.errors import ConfigurationError, FlowError
from quant_train.config import NetworkConfig, Recipe
from quant_train.fitting import WholeCheckpoints, _explained
from quant_train.machines import Machines
from quant_train.training import _check_kept

ROOT = Path(__file__).parents[2]
TOML = (
    'dataset = "digits"\n[network]\nspec = "4C3-P2-6C3-FC10"\n[training]\nepochs = {epochs}\nbatch_size = 32\n'
    "learning_rate = 0.01\ntrain_images = 640\nshift = 1\nflip = true\nseed = 3\nrecalibrate = true\n"
)


def start(folder: Path, epochs: int, *options: str) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    (folder / "tiny.toml").write_text(TOML.format(epochs=epochs))
    command = [sys.executable, "-m", "quant_train", "train", str(folder / "tiny.toml"), "--out", str(folder)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output


def losses(folder: Path) -> list[float]:
    paths = sorted(folder.glob("train/csv/*/metrics.csv"))
    return [float(row["loss"]) for path in paths for row in csv.DictReader(path.open()) if row["loss"]]


@pytest.mark.slow
def test_two_processes_have_the_loss_curve_of_one(tmp_path: Path) -> None:
    finish(start(tmp_path / "one", 4))
    output = finish(start(tmp_path / "two", 4, "--devices", "2"))
    assert output.count("epoch 1 of 4") == 1 and output.count("test images right") == 1
    one, two = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert len(one) == len(two) == 4
    assert one == pytest.approx(two, rel=0.01) and one[0] == pytest.approx(two[0], rel=1e-4)
    assert (tmp_path / "two" / "model.onnx").is_file()


@pytest.mark.slow
def test_two_processes_start_over_with_their_teacher(tmp_path: Path) -> None:
    own = tmp_path / "teacher.toml"
    own.write_text(TOML.format(epochs=2).replace("[training]", 'neurons = "relu"\n[training]'))
    given = ("--devices", "2", "--set", f"teacher.recipe={own}")
    finish(start(tmp_path, 2, *given))
    output = finish(start(tmp_path, 3, *given, "--fresh"))
    assert output.count("epoch 2 of 2") == 1 and output.count("epoch 3 of 3") == 1
    assert finish(start(tmp_path, 3, *given)).count("epoch") == 0


def test_a_process_that_is_not_the_first_leaves_what_is_started_over_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = tmp_path / "checkpoints" / "last.ckpt"
    last.parent.mkdir()
    last.write_text("of another training")
    recipe = Recipe("digits", NetworkConfig("FC10"))
    with pytest.raises(ConfigurationError, match="no checkpoint"):
        _check_kept(recipe, tmp_path, False, Machines())
    with monkeypatch.context() as patched:
        patched.setattr(Machines, "is_first", lambda _: False)
        _check_kept(recipe, tmp_path, True, Machines())
    assert last.is_file()
    _check_kept(recipe, tmp_path, True, Machines())
    assert not last.exists()


@pytest.mark.slow
def test_a_process_that_disappears_is_said_and_the_same_command_goes_on(tmp_path: Path) -> None:
    process = start(tmp_path, 400, "--devices", "2")
    assert process.stdout is not None
    lines = [""]
    while not lines[-1].startswith("epoch 3 of"):
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    (child,) = children(process.pid)
    os.kill(child, signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1 and "Traceback" not in errors
    assert (
        "another process of this training has gone" in errors
        and "goes on after the last whole epoch" in errors
    )
    again = start(tmp_path, 400, "--devices", "2")
    assert again.stdout is not None
    first = again.stdout.readline()
    assert int(first.split()[1]) > 3  # it went on
    os.killpg(again.pid, signal.SIGKILL)
    again.communicate(timeout=60)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and children(again.pid):
        time.sleep(0.1)


def children(parent: int) -> list[int]:
    """Return the processes that `parent` started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return found


def test_devices_that_cannot_share_a_batch_are_refused() -> None:
    Machines(4).check_batch(64)
    with pytest.raises(ConfigurationError, match=r"batch_size = 64 .* 3 cannot share .*batch_size=63"):
        Machines(3).check_batch(64)
    Machines(2).check_batch(64, 65)
    Machines(2).check_batch(64, 10)
    with pytest.raises(ConfigurationError, match=r"train_images = 9 is less than a batch.*train_images=8"):
        Machines(2).check_batch(64, 9)  # what is left of a batch, shared as 5 and 4
    for wrong in ({"devices": 0}, {"nodes": 0}):
        with pytest.raises(ConfigurationError, match="at least 1"):
            Machines(**wrong)


def test_one_device_is_lightning_s_own_choice_of_strategy_and_several_share_by_ddp() -> None:
    assert Machines().options()["strategy"] == "auto"
    assert Machines(2).options()["strategy"] == Machines(1, 2).options()["strategy"] == "ddp"
    assert Machines(2, 1, "fsdp").options()["strategy"] == "fsdp"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB\nmore"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: 12"
        ),
    ],
)
def test_a_batch_that_does_not_fit_is_said_with_a_smaller_one(error: RuntimeError) -> None:
    found = _explained(error, 128, Machines())
    assert isinstance(found, ConfigurationError) and "training.batch_size=64" in str(found)
    assert "more" not in str(found)


def test_other_errors_are_a_lost_process_s_only_where_there_are_several() -> None:
    error = RuntimeError("Connection closed by peer")
    assert _explained(error, 128, Machines()) is error
    assert isinstance(_explained(error, 128, Machines(2)), FlowError)


def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "last.ckpt"
    WholeCheckpoints().save_checkpoint({"a": 1}, path)
    before = path.read_bytes()

    write = Path.write_bytes

    def half(place: Path, content: memoryview) -> None:
        assert place.parent == path.parent  # of the same file system, so that renaming is one step
        write(place, content[: len(content) // 2])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="no space left"):
        WholeCheckpoints().save_checkpoint({"a": 2}, path)
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]
