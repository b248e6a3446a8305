"""Overlays: the files that the driver on the board takes, for a real board or the simulated one."""
