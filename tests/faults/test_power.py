"""What is left of a file when the power goes: what was synced, and any part of what was written since."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.power import SECTOR, File
from tests.faults.vfs import Step, What

LENGTH = 3 * SECTOR


def written(byte: bytes, offset: int = 0, length: int = LENGTH) -> Step:
    """A write of so many equal bytes."""
    return Step(What.WRITE, "", offset, byte * length)


def left(seed: int, *done: Step) -> bytes | None:
    """What may be left of a new file after these steps."""
    file = File()
    for step in done:
        file.take(step)
    content = file.after_loss(Random(seed))
    return None if content is None else bytes(content)


SYNC = Step(What.SYNC, "", 0, b"")


@given(st.integers(0, 1000))
def test_what_was_synced_is_left(seed: int) -> None:
    assert left(seed, written(b"a"), SYNC) == b"a" * LENGTH


@given(st.integers(0, 1000))
def test_each_sector_written_since_is_old_or_new(seed: int) -> None:
    content = left(seed, written(b"a"), SYNC, written(b"b"))
    assert content is not None
    sectors = {content[start : start + SECTOR] for start in range(0, LENGTH, SECTOR)}
    assert sectors <= {b"a" * SECTOR, b"b" * SECTOR}


def test_none_some_or_all_of_what_was_written_since_is_left() -> None:
    found = {left(seed, written(b"a"), SYNC, written(b"b")) for seed in range(200)}
    assert {b"a" * LENGTH, b"b" * LENGTH} < found


def test_a_file_that_was_never_synced_may_be_missing() -> None:
    found = {left(seed, written(b"a")) for seed in range(100)}
    assert {None, b"a" * LENGTH} < found


def test_a_file_cut_short_and_not_synced_may_still_be_long() -> None:
    cut = Step(What.TRUNCATE, "", SECTOR, b"")
    assert {left(seed, written(b"a"), SYNC, cut) for seed in range(50)} == {b"a" * SECTOR, b"a" * LENGTH}


def test_a_deletion_is_certain_once_the_folder_is_synced() -> None:
    assert left(1, written(b"a"), SYNC, Step(What.DELETE, "", 1, b"")) is None
    maybe = {left(seed, written(b"a"), SYNC, Step(What.DELETE, "", 0, b"")) for seed in range(50)}
    assert maybe == {None, b"a" * LENGTH}
