"""The crash laboratory: clients that keep a history, faults that strike, and a checker that compares both."""
