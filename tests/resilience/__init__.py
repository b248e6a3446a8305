"""Stages that a fault interrupts: run again, each gives the right result."""
