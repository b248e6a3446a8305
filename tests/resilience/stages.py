"""The stages of the flow on a network that is computed in moments: how each begins, runs, and what its result is."""

from __future__ import annotations

import codecs
import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SPEC, SHAPE = "2C3-P2-FC3", (6, 6, 1)
RECIPE = 'dataset = "shapes"\n[network]\nspec = "2C3-P2-FC"\n[training]\nepochs = 3\nbatch_size = 4\n'


@dataclass(frozen=True)
class Stage:
    """begin: makes what there is before, in the current folder. run: the verb; returns what must be the same each time.

    load: imports what the verb needs.
    """

    begin: Callable[[], object]
    run: Callable[[], Any]
    load: Callable[[], object]


def _model() -> None:
    import onnx

    from tests import models

    onnx.save(models.build(SPEC, SHAPE), "net.onnx")
    np.savez("sample.npz", images=models.images(SHAPE, 6), labels=np.arange(6) % 3)


def _digests(folder: str, *patterns: str) -> str:
    from hls_project.workspace.stage import tree_key

    return tree_key(Path(folder), patterns)


def _pictures() -> None:
    from tests import shapes

    shapes.write(Path("shapes"), 6, (8, 8))
    Path("recipe.toml").write_text(RECIPE)


def _train() -> Any:
    from dt_scnn.files import sha256
    from quant_train.config import read_recipe
    from quant_train.train_and_export import train_and_export

    card = train_and_export(read_recipe(Path("recipe.toml")), Path("work/net"), "train", None, False, False)
    with np.load("work/net/sample.npz") as sample:
        return card["correct"], sha256(Path("work/net/model.onnx")), sample["scores"].tolist()


def _export() -> Any:
    from dt_scnn.files import sha256
    from quant_train.qonnx_file import write_qonnx
    from quant_train.training import load_checkpoint

    trained = load_checkpoint(Path("work/net/train/checkpoints/last.ckpt"))
    write_qonnx(trained.network, trained.recipe, trained.classes, Path("exported/net.onnx"))
    return sha256(Path("exported/net.onnx"))


def _plan() -> Any:
    import hls_project

    result = hls_project.estimate("net.onnx", by_model=True)
    return str(result.total if hasattr(result, "total") else result), _digests("build/net", "plan.json")


def _convert(target: str) -> Callable[[], Any]:
    def run() -> Any:
        import hls_project

        made = hls_project.convert("net.onnx", target=target)  # type: ignore[arg-type]
        return _digests(str(made.folder), "*.h", "*.cpp", "*.sv", "*.mem", "network.json")

    return run


def _csim() -> Any:
    import hls_project

    report = hls_project.csim("net.onnx", jobs=1)
    assert report.is_exact
    with np.load("build/net/golden.npz") as golden:
        return report.exact, golden["scores"].tolist()


def _cosim() -> Any:
    import hls_project

    report = hls_project.cosim("net.onnx", target="rtl")
    assert report.is_exact
    return report.exact, report.images


def _estimate() -> Any:
    import hls_project

    total = hls_project.estimate("net.onnx").total
    return {name: getattr(total, name) for name in ("lut", "ff", "bram18", "dsp")}


def _timing() -> Any:
    import hls_project

    return hls_project.timing("net.onnx").fmax_mhz


def _gatesim() -> Any:
    import hls_project

    report = hls_project.gatesim("net.onnx", 6)
    assert report.is_exact
    return report.exact, report.cells


def _dataflow() -> Any:
    import hls_project

    found = hls_project.csim("net.onnx", jobs=1, dataflow=True).dataflow
    assert found is not None and found.exact == found.frames
    return found.frames, [(stream.name, stream.smallest_depth) for stream in found.streams]


def _vivado() -> None:
    from tests.hls_project.overlay.conftest import install_vivado

    _model()
    program = install_vivado(Path("../tool").resolve() / os.path.basename(os.getcwd()))
    (program.parent / "behaviour").write_text("succeed")
    (program.parent / "part").write_text("7z020clg400")


def _bitstream() -> Any:
    import hls_project

    made = hls_project.bitstream("net.onnx")
    return _digests(str(made), "*.bit", "*.npz", "*.hwh", "net.json")


def _overlay() -> None:
    from dt_scnn.files import sha256
    from tests.board.instant import overlay

    _model()
    Path("build/net/overlay").mkdir(parents=True)
    overlay(Path("build/net/overlay"), model=sha256(Path("net.onnx")), board="pynq-z2", kind="board")


def _package() -> Any:
    import hls_project

    with tarfile.open(hls_project.package("net.onnx")) as archive:
        return [(entry.name, entry.size) for entry in archive]


def _instant() -> None:
    from tests.board.instant import overlay

    overlay(Path("."))


def _drive() -> Any:
    from board.overlay import DTSCNNOverlay
    from tests.board.instant import instant_board

    bitstream = Path("net.bit").resolve()
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as overlay:
        golden = overlay.classifier.manifest.golden_vectors()
        return overlay.predict(golden.images).scores.tolist()


def _deployed() -> None:
    from tests.hls_project.overlay.test_deploy import SSH

    _overlay()
    tools = Path("../tools").resolve()
    tools.mkdir(exist_ok=True)
    (tools / "ssh").write_text(SSH)
    (tools / "ssh").chmod(0o755)


def _deploy() -> Any:
    import hls_project

    home = Path("home").resolve()
    home.mkdir(exist_ok=True)
    tools = Path("../tools").resolve()
    os.environ |= {
        "PATH": f"{tools}:/usr/bin:/bin",
        "BOARD_HOME": str(home),
        "CALLS": os.devnull,
        "LOGIN": "",
    }
    hls_project.deploy("net.onnx", "pynq")
    return _digests("home/jupyter_notebooks/net", "net.*", "*.py")


def _nothing() -> None:
    import hls4ml  # noqa: F401
    import onnxruntime  # noqa: F401
    import qonnx  # noqa: F401

    import hls_project

    [getattr(hls_project, name) for name in hls_project.__all__]


def _torch() -> None:
    codecs.lookup("utf-8-sig")  # see `_pynq`
    import quant_train.train_and_export  # noqa: F401


def _pynq() -> None:
    # Who has no rights may not be able to read what Python loads later.
    codecs.lookup("cp437")
    import board.overlay  # noqa: F401
    import tests.board.instant  # noqa: F401


def _trained() -> None:
    _pictures()
    _train()


STAGES: dict[str, Stage] = {
    "train": Stage(_pictures, _train, _torch),
    "export": Stage(_trained, _export, _torch),
    "plan": Stage(_model, _plan, _nothing),
    "convert": Stage(_model, _convert("hls"), _nothing),
    "convert-rtl": Stage(_model, _convert("rtl"), _nothing),
    "csim": Stage(_model, _csim, _nothing),
    "cosim": Stage(_model, _cosim, _nothing),
    "estimate": Stage(_model, _estimate, _nothing),
    "timing": Stage(_model, _timing, _nothing),
    "gatesim": Stage(_model, _gatesim, _nothing),
    "dataflow": Stage(_model, _dataflow, _nothing),
    "bitstream": Stage(_vivado, _bitstream, _nothing),
    "package": Stage(_overlay, _package, _nothing),
    "deploy": Stage(_deployed, _deploy, _nothing),
    "board": Stage(_instant, _drive, _pynq),
}
"""cosim, estimate, timing, gatesim, dataflow and bitstream start programs, which a fault of this process does not reach: a small disk does."""


def clean(folder: Path) -> None:
    """Remove a folder, read-only parts of it too."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)
