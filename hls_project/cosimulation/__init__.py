"""Co-simulation: the hardware itself, clock by clock, on the images that the C-simulation saw."""
