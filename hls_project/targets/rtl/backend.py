"""hls4ml backend `RTL` and its writer: the spiking layers as streaming SystemVerilog.

hls4ml loads plug-ins while it is being imported itself, so only its base classes are imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hls4ml.backends.fpga.fpga_backend import FPGABackend
from hls4ml.model.flow import register_flow
from hls4ml.writer.writers import Writer

from dt_scnn.errors import ConfigurationError
from hls_project import layers
from hls_project.targets.rtl import BACKEND

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class RTLWriter(Writer):
    """Writes a model's core to its output folder."""

    def write_hls(self, model: ModelGraph) -> None:
        """Write the folder. The name is the one that hls4ml calls.

        Raises:
            ConfigurationError: the graph has no hardware.
        """
        from hls_project.targets.rtl.emit import write_core

        write_core(model, Path(model.config.get_output_dir()))


class RTLBackend(FPGABackend):
    """Backend of networks that consist of spiking layers alone; its output is SystemVerilog, not C++."""

    def __init__(self) -> None:
        super().__init__(BACKEND)
        self._default_flow = register_flow("ip", None, requires=["optimize"], backend=self.name)
        self._writer_flow = register_flow(
            "write", ["make_stamp", "rtl:write_hls"], requires=["rtl:ip"], backend=self.name
        )

    def get_default_flow(self) -> str:
        return self._default_flow

    def get_writer_flow(self) -> str:
        return self._writer_flow

    def create_initial_config(
        self,
        part: str = "xc7z020clg400-1",
        clock_period: float = 10.0,
        io_type: str = "io_stream",
        **_: Any,
    ) -> dict[str, Any]:
        """Return the configuration of a conversion.

        Raises:
            ConfigurationError: an I/O type other than `io_stream`.
        """
        if io_type != "io_stream":
            raise ConfigurationError(
                f"backend {BACKEND} streams: io_type must be 'io_stream', not {io_type!r}"
            )
        layers.register()
        return {
            "Part": part,
            "ClockPeriod": clock_period,
            "ClockUncertainty": "0%",
            "IOType": io_type,
            "HLSConfig": {},
            "WriterConfig": {"Namespace": None, "WriteWeightsTxt": False, "WriteTar": False},
        }
