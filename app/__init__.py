"""Cutscore: a timed certification mock-exam simulator. The house is described in docs/architecture.md."""
