"""Synthesis, placement and routing of a generated `rtl/` folder with tools from PyPI; no vendor tool takes part."""
