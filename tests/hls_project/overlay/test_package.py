"""The archive for the board: complete, the same each time, and its driver needs numpy and pynq alone."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256
from hls_project.overlay.package import package
from hls_project.workspace.folder import Workspace
from tests.board.instant import overlay

ROOT = Path(__file__).parents[3]
NOTEBOOKS = ("3_classify.ipynb", "4_demo.ipynb")

# Takes pynq's place: registers are memory, and the DMA is always done.
STUB = {
    "pynq/__init__.py": """
import numpy
from pynq.lib.dma import DMA, Registers

class Buffer(numpy.ndarray):
    physical_address = 4096
    def flush(self): pass
    def invalidate(self): pass
    def freebuffer(self): pass

def allocate(shape, dtype, target=None):
    return numpy.zeros(shape, dtype).view(Buffer)

class DefaultIP:
    def __init__(self, description): pass

class Overlay:
    def __init__(self, name, download=True, device=None):
        self.device = "board"
        self.axi_dma_0 = DMA({})
        self.dtscnn_0 = type("Shell", (), {"mmio": Registers({0x00: 0x4E535444, 0x04: 1, 0x08: 0x89ABCDEF, 0x0C: 0x01234567, 0x30: 784, 0x34: 11}, 0x10)})
""",
    "pynq/ps.py": """
class Clocks:
    fclk0_mhz = 62.5
    @classmethod
    def set_pl_clk(cls, index, first, second):
        cls.fclk0_mhz = 1000 / first / second
""",
    "pynq/lib/__init__.py": "",
    "pynq/lib/dma.py": """
import time
from pynq.ps import Clocks

class Registers(dict):
    def __init__(self, values, reset):
        super().__init__(values)
        self.reset = reset
    def read(self, address):
        if address == 0x24:  # cycles, as the clock goes
            self.cycles = int(time.perf_counter() * 1e6 * Clocks.fclk0_mhz)
            return self.cycles & 0xFFFFFFFF
        return self.cycles >> 32 if address == 0x28 else self.get(address, 0)
    def write(self, address, value):
        self[address] = 0 if address == self.reset else value

class Channel:
    def start(self): pass

class DMA:
    buffer_max_size = (1 << 26) - 1
    def __init__(self, description):
        self.mmio = Registers({0x04: 2, 0x34: 2}, 0x00)
        self.sendchannel = self.recvchannel = Channel()
""",
}

USE = """
import sys
for name in ("hls_project", "quant_train", "torch", "onnx", "hls4ml", "PIL", "rich", "typer", "pydantic"):
    sys.modules[name] = None
import numpy
from board import DTSCNNOverlay
import board, pynq
with DTSCNNOverlay(sys.argv[1]) as overlay:
    result = overlay.classify(numpy.zeros((28, 28), numpy.uint8))
    print(board.__file__, pynq.__file__, result.class_name, round(overlay.info["clock_mhz_measured"]))
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "build" / "net"
    (folder / "overlay").mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"a model")
    overlay(folder / "overlay", board="pynq-z2", kind="board", model=sha256(b"a model"))
    return Workspace("net", folder, None)


def test_the_archive_is_complete_and_the_same_each_time(workspace: Workspace) -> None:
    archive = package(workspace, workspace.folder / "overlay")
    assert archive.name == "net-pynq-z2.tar.gz"
    with tarfile.open(archive) as tar:
        names = {member.name for member in tar.getmembers()}
        notebooks = [tar.extractfile(f"net/{name}").read() for name in NOTEBOOKS]
        guide = tar.extractfile("net/README.txt").read().decode()
    wheel = "dt_scnn_board-0.1.0-py3-none-any.whl"
    assert names == {
        f"net/{name}" for name in ("net.bit", "net.json", "net.golden.npz", *NOTEBOOKS, "README.txt", wheel)
    }
    for notebook in notebooks:
        assert b'\\"net.bit\\"' in notebook and b'mnist.bit\\"' not in notebook
    assert wheel in guide and "net for pynq-z2" in guide
    first = archive.read_bytes()
    assert package(workspace, workspace.folder / "overlay").read_bytes() == first


@pytest.mark.parametrize("installation", ["unpacked", pytest.param("pip", marks=pytest.mark.slow)])
def test_the_driver_runs_with_numpy_and_a_stub_of_pynq(
    workspace: Workspace, tmp_path: Path, installation: str
) -> None:
    archive = package(workspace, workspace.folder / "overlay")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    here = tmp_path / "net"
    wheel = next(here.glob("*.whl")).name
    # As the board's guide says, or as users of pip would.
    unpack = [sys.executable, "-m", "zipfile", "-e", wheel, "."]
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "-t", ".", wheel]
    subprocess.run(unpack if installation == "unpacked" else install, cwd=here, check=True)
    for name, source in STUB.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(source)
    done = subprocess.run(
        [sys.executable, "-c", USE, "net.bit"], cwd=here, capture_output=True, text=True, check=False, env={}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        str(here / "board" / "__init__.py"),
        str(here / "pynq" / "__init__.py"),
        "a",
        "100",
    ]


def test_the_wheel_holds_the_driver_and_asks_for_numpy_and_pynq(workspace: Workspace) -> None:
    with tarfile.open(package(workspace, workspace.folder / "overlay")) as tar:
        wheel = next(member for member in tar.getmembers() if member.name.endswith(".whl"))
        with zipfile.ZipFile(tar.extractfile(wheel)) as content:
            names = content.namelist()
            metadata = content.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert {
        "board/overlay.py",
        "board/reference.py",
        "board/demo/page.py",
        "board/shell/registers.json",
        "board/simulated/device.py",
    } <= {*names}
    assert not [name for name in names if name.endswith((".sv", ".cpp", ".ipynb", ".tcl"))]
    required = {line.partition(": ")[2] for line in metadata.splitlines() if line.startswith("Requires-Dist")}
    assert required == {"numpy", "pynq"} and "Requires-Python: >=3.8" in metadata


def test_driver_and_toolkit_have_one_version() -> None:
    whole, driver = (
        tomllib.loads((ROOT / path).read_text())["project"]["version"]
        for path in ("pyproject.toml", "board/wheel/pyproject.toml")
    )
    assert whole == driver


def test_an_overlay_that_is_not_whole_is_not_packed(workspace: Workspace) -> None:
    (workspace.folder / "overlay" / "net.bit").write_bytes(b"others")
    with pytest.raises(ConfigurationError, match=r"net.bit is not the file(.|\n)*make bitstream MODEL=net"):
        package(workspace, workspace.folder / "overlay")
    with pytest.raises(ConfigurationError, match="the manifest is missing"):
        package(workspace, workspace.folder)
    assert not list(workspace.folder.glob("*.tar.gz"))


def test_an_overlay_of_another_model_is_refused(workspace: Workspace) -> None:
    workspace.model.write_bytes(b"retrained")
    with pytest.raises(
        ConfigurationError, match="was made from another model .* make it again: dt-scnn bitstream net"
    ):
        package(workspace, workspace.folder / "overlay")
    assert not list(workspace.folder.glob("*.tar.gz"))
