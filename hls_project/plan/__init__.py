"""How the hardware is shared out: the cycles that each layer takes."""
