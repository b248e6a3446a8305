"""What the vendor's C++ compilers take, in bits. Whatever generates C++ asks here."""

from __future__ import annotations

WORD_BITS = 4096
"""The widest word of a reshaped array, or of a stream's beat: Vitis HLS aggregates no more (hls4ml issue 1245). Vivado HLS
took reshaped words of up to 65,536 bits (hls4ml issues 506, 623)."""

AP_INT_BITS = 1024
"""The widest `ap_uint` without `AP_INT_MAX_W` being defined (UG1399)."""
