"""Target `hls`: C++ for Vitis HLS through hls4ml's `Vitis` backend, with this project's kernels."""

PROJECT = "dtscnn"

STEPS = "steps.json"
"""File of a project: cycles of a frame that each layer's loop is planned to take, beside its pipeline's depth."""
