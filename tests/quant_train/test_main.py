from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dt_scnn import zoo
from dt_scnn.files import sha256
from quant_train import data
from quant_train.__main__ import app
from quant_train.evaluate import onnx_scores

Result = tuple[int, str, str]
SMALL = [
    "--set",
    "training.epochs=4",
    "--set",
    "training.train_images=700",
    "--set",
    "network.spec=4C3-P2-FC10",
]


def run(*arguments: str | Path) -> int:
    """Run the command line in this process; return its exit status."""
    argv, sys.argv = sys.argv, ["quant_train", *map(str, arguments)]
    try:
        app()
    except SystemExit as status:
        if isinstance(status.code, str):
            print(status.code, file=sys.stderr)
            return 1
        return int(status.code or 0)
    finally:
        sys.argv = argv
    return 0


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training from the zoo's recipe for digits, made short."""
    folder = tmp_path_factory.mktemp("digits")
    assert run("train", "digits", "--out", folder, *SMALL) == 0
    return folder


def test_train_exports_model_sample_and_a_true_card(trained: Path) -> None:
    card = json.loads((trained / "card.json").read_text())
    test = data.load("digits", "test")
    scores = onnx_scores(trained / "model.onnx", test.images)
    correct = int((scores.argmax(1) == test.labels).sum())
    assert card["correct"] == correct > 180 and card["test_images"] == 360
    assert card["accuracy"] == correct / 360
    assert card["parity"] == {"images": 200, "exact_images": 200}
    assert 0 < card["hours"] < 1 and len(card["machines"]) == 1
    assert card["model_sha256"] == sha256(trained / "model.onnx")
    assert card["recipe"]["training"]["epochs"] == 4 and "--set training.epochs=4" in card["command"]
    with np.load(trained / "sample.npz") as sample:
        assert np.array_equal(sample["images"], test.images[:200]) and sample["images"].dtype == np.uint8
        assert np.array_equal(sample["labels"], test.labels[:200])
        assert sample["scores"].dtype == np.int32
        ratio = scores[:200] / np.where(sample["scores"] == 0, 1, sample["scores"])
        assert np.log2(ratio[ratio != 0].max()) % 1 == 0
        assert np.array_equal(sample["scores"] * ratio.max(), scores[:200])


def test_evaluate_counts_the_same_for_checkpoint_and_file(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    correct = json.loads((trained / "card.json").read_text())["correct"]
    for model in (trained / "model.onnx", trained / "train" / "checkpoints" / "last.ckpt"):
        assert run("evaluate", model, "--json") == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["correct"], answer["images"], answer["dataset"]) == (correct, 360, "digits")
        assert run("evaluate", model) == 0
        said = capsys.readouterr().out
        assert f"{correct} of 360" in said and re.match(f"model: .*{re.escape(str(model))}\n", said)


@pytest.mark.parametrize("recipe", ["digits", "mine.toml"])
def test_a_training_is_kept_beside_the_results_and_not_in_them(
    recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []
    monkeypatch.setattr(
        "quant_train.train_and_export.train_and_export", lambda *given: taken.append(given[1])
    )
    shutil.copy(zoo.find("digits").recipe, tmp_path / "mine.toml")
    monkeypatch.chdir(tmp_path)
    assert run("train", recipe) == 0
    assert taken == [Path("work") / Path(recipe).stem]


def test_export_of_the_checkpoint_is_the_same_file(trained: Path, tmp_path: Path) -> None:
    checkpoint = trained / "train" / "checkpoints" / "last.ckpt"
    assert run("export", checkpoint, "-o", tmp_path / "again.onnx") == 0
    assert (tmp_path / "again.onnx").read_bytes() == (trained / "model.onnx").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "nmist"], "there is no model 'nmist' in the zoo; it has cifar-10, "),
        (["train", "absent.toml"], "absent.toml"),
        (["train", "digits", "--set", "training.epoch=1"], "training.epoch"),
        (["train", "digits", "--set", "dataset=svhn"], "must be one of digits"),
        (["train", "digits", "--set", "network.spec=8C3"], "must end in FC"),
        (["train", "digits", "--set", "network.spec=8C3-FC7"], "10 classes"),
        (["evaluate", "absent.onnx"], "absent.onnx"),
        (["evaluate", "absent.ckpt"], "absent.ckpt"),
        (["export", "absent.ckpt", "-o", "x.onnx"], "absent.ckpt"),
        (
            ["export", "absent.ckpt", "-o", "x"],
            "the path of a QONNX file ends in .onnx, such as x.onnx, not 'x'",
        ),
        (["download", "svhn"], "those that are: mnist"),
    ],
)
def test_bad_input_is_one_message_and_a_status(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("error: ") and message in errors and "Traceback" not in errors
    assert not list(tmp_path.rglob("*"))


def test_a_model_that_is_no_onnx_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    assert run("evaluate", tmp_path / "model.onnx") == 1
    assert "is no ONNX file" in capsys.readouterr().err


def test_a_model_for_other_images_is_refused(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exception, match=r"takes images \[1, 1, 8, 8\], not \[1, 1, 28, 28\]"):
        onnx_scores(trained / "model.onnx", np.zeros((1, 28, 28, 1), np.uint8))


def test_usage_errors_have_status_2() -> None:
    assert run("train") == 2
    assert run("fly") == 2


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from quant_train.__main__ import app; sys.argv[1:] = ['--help']\n"
        "try: app()\nexcept SystemExit: pass\n"
        "print([name for name in ('torch', 'onnx', 'numpy', 'lightning', 'pydantic') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"
    assert all(verb in answer.stdout for verb in ("train", "evaluate", "export", "download"))
