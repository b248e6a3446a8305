"""Notebooks: train and export; simulate; classify, and draw, on the board or the simulated one."""

from __future__ import annotations
