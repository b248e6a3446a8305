"""Vivado: what it is handed, how it is run, and what it left, none of which is taken on trust."""
