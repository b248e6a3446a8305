"""Notebooks: train and export; simulate; classify on the board or the simulated one."""

from __future__ import annotations
