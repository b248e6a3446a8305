"""The board: driver and bitstream. On a PYNQ image it needs numpy and pynq alone."""
