"""Target `rtl`: streaming SystemVerilog through an hls4ml backend of this project.

`register` is the entry point of the group `hls4ml.backends`: with this package installed, `backend="RTL"` is known to
hls4ml's converters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BACKEND = "RTL"
CORE = "dtscnn_core"
FILE_LIST = "files.f"
PLAN = "rtl.json"


def register(register_backend: Callable[..., Any], register_writer: Callable[..., Any]) -> None:
    """Make the backend and its writer known to hls4ml."""
    from hls_project.targets.rtl.backend import RTLBackend, RTLWriter

    register_writer(BACKEND, RTLWriter)
    register_backend(BACKEND, RTLBackend)
