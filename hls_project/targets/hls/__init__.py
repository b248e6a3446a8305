"""Target `hls`: C++ for Vitis HLS through hls4ml's `Vitis` backend, with this project's kernels."""

PROJECT = "dtscnn"
