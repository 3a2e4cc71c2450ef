"""The benchmark: `make bench`. It measures and prints; no figure ever fails, and pytest does not collect it."""
