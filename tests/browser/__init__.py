"""The pages in a real browser: the real program, a real Chromium, and nothing replaced but the time."""
