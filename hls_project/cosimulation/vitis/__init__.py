"""Target hls: hls4ml's project through Vitis HLS, none of whose verdicts is taken on trust."""

from __future__ import annotations

from hls_project.cosimulation.vitis.cosim import VitisReport, cosim
from hls_project.cosimulation.vitis.synthesis import synthesize
from hls_project.cosimulation.vitis.tool import VitisHls, locate, require
from hls_project.vendor.run import Limits

__all__ = ["Limits", "VitisHls", "VitisReport", "cosim", "locate", "require", "synthesize"]
