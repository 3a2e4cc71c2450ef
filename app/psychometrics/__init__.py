"""Numbers only: arrays in, arrays out. Imports numpy and nothing of the rest of the program."""
