"""The rules of an exam, pure: `now` and `seed` are arguments, nothing here reads a clock, a file or a table."""
