"""The parity ladder: golden vectors, traces of every layer, and the first place where two stages differ."""
