"""The C++ of these kernels, compiled for this machine when it is first asked for."""

from __future__ import annotations

import ctypes
import functools
import subprocess
import tempfile
from ctypes import POINTER, c_float, c_int, c_long
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dt_scnn.compiler import Compiler
from dt_scnn.errors import FlowError

_FOLDER = Path(__file__).parent
_SOURCES = ("winograd.cpp", "fire.cpp")
_FLOATS = POINTER(c_float)
_SIGNATURES = {
    "winograd_floats": (c_long, [c_int, c_int]),
    "winograd_tiles": (c_long, [c_int, c_int, c_int]),
    "winograd_weights": (None, [_FLOATS, c_int, c_int, c_int, _FLOATS]),
    "winograd_forward": (
        None,
        [_FLOATS, c_int, c_int, c_int, c_int, _FLOATS, c_int, c_long, c_long, _FLOATS],
    ),
    "winograd_gradient": (
        None,
        [_FLOATS, _FLOATS, c_int, c_int, c_int, c_int, c_int, c_long, c_long, _FLOATS],
    ),
    "winograd_weights_gradient": (None, [_FLOATS, c_int, c_int, _FLOATS]),
    "fire_forward": (None, [_FLOATS, c_long, c_int, c_int, _FLOATS, _FLOATS]),
    "fire_backward": (
        None,
        [_FLOATS, _FLOATS, c_long, c_int, c_int, _FLOATS, c_float, _FLOATS, _FLOATS],
    ),
}


@functools.cache
def library() -> ctypes.CDLL:
    """Return the compiled kernels.

    Raises:
        ToolNotFoundError: there is no C++ compiler.
        FlowError: it refuses the sources.
    """
    compiler = Compiler.from_environment()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "kernels.so"
        command = [*compiler.call(), compiler.standard, "-fPIC", "-shared", "-o", str(made)]
        done = subprocess.run(
            [*command, *(str(_FOLDER / source) for source in _SOURCES)],
            capture_output=True,
            text=True,
            timeout=compiler.timeout,
            check=False,
        )
        if done.returncode:
            raise FlowError(
                "the compiler refuses the kernels of training; set training.kernels=torch, or CXX to g++ 7 or newer",
                log_tail=done.stderr[-2000:],
            )
        compiler.check_made(made)
        code = ctypes.CDLL(str(made))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(code, name)
        function.restype, function.argtypes = result, arguments
    return code


def address(tensor: Tensor) -> Any:
    """Return where the float32 values of a tensor in memory of the CPU begin."""
    assert tensor.dtype == torch.float32 and tensor.device.type == "cpu"
    return c_float.from_address(tensor.data_ptr())
