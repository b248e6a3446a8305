"""Notebooks: train and export; simulate; classify on the board or the simulated one."""
