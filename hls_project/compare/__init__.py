"""A dual-threshold network beside the conventional one with the same spike maps."""
