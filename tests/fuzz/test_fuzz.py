"""Files of every format, good and spoilt, are read without a breach of the rules of readings; breaches are seen.

This is the short version of `python -m tests.fuzz`, with the same files in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.exam.item import Item
from app.formats import registry
from app.formats.reading import Reading
from tests.fuzz.running import FORMATS, Figures, run

Planted = Callable[[Reading], Reading]


def tried(name: str, keep: Path, planted: Planted = lambda reading: reading, executions: int = 60) -> Figures:
    """A short run with a reader that something is done to what it reads."""

    def read(file_name: str, content: bytes, format_name: str | None) -> Reading:
        return planted(registry.read_upload(file_name, content, format_name))

    return run(name, 1, lambda done: done == executions, keep, read=read)


def changed(reading: Reading, change: Callable[[tuple[Item, ...]], tuple[Item, ...]]) -> Reading:
    if reading.pack is None:
        return reading
    return replace(reading, pack=replace(reading.pack, items=change(reading.pack.items)))


@pytest.mark.parametrize("name", FORMATS)
def test_readers_keep_the_rules_whatever_they_are_given(name: str, tmp_path: Path) -> None:
    figures = tried(name, tmp_path)
    assert figures.crashes == []
    assert figures.executions == 60
    assert figures.items > 20


def raising(_reading: Reading) -> Reading:
    raise KeyError("planted")


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (raising, "KeyError: 'planted'"),
        (lambda reading: replace(reading, pack=None, faults=()), "no pack, and no fault"),
        (lambda reading: changed(reading, lambda items: items[:-1]), "places are not those"),
        (lambda reading: changed(reading, lambda items: items * 2), "an id stands twice"),
        (
            lambda reading: changed(
                reading, lambda items: tuple(replace(i, stem=i.stem + "\u202e") for i in items)
            ),
            "has a text with ('hidden-character'",
        ),
        (
            lambda reading: changed(
                reading, lambda items: tuple(replace(i, options=i.options[::-1]) for i in items)
            ),
            "AssertionError: found [Told(",
        ),
        (lambda reading: replace(reading, skipped=()), "left out 0, meant"),
        (lambda reading: replace(reading, media={}, format="gift2"), "taken for gift2"),
    ],
)
def test_a_reader_with_a_fault_is_caught(planted: Planted, said: str, tmp_path: Path) -> None:
    crashes = tried("gift", tmp_path, planted).crashes
    assert any(said in crash for crash in crashes)
    assert all(Path(crash.partition(": ")[0]).is_file() for crash in crashes)


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    contents: list[bytes] = []

    def read(name: str, content: bytes, format_name: str | None) -> Reading:
        contents.append(content)
        return registry.read_upload(name, content, format_name)

    for _ in range(2):
        run("json", 7, lambda done: done == 10, tmp_path, read=read)
    assert contents[:10] == contents[10:]
    assert len(set(contents)) > 5
