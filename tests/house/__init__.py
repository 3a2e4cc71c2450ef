"""Tests of the house itself: its walls, templates, locks, documents and migrations."""
