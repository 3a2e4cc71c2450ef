"""Tests of what an operator runs: the compose file and the image."""
