"""Co-simulation of target hls: hls4ml's project through Vitis HLS, none of whose verdicts is taken on trust."""

from __future__ import annotations

from hls_project.cosim.vitis.cosim import VitisReport, cosim
from hls_project.cosim.vitis.run import Limits
from hls_project.cosim.vitis.tool import VitisHls, locate, require

__all__ = ["Limits", "VitisHls", "VitisReport", "cosim", "locate", "require"]
