"""The chain of the audit log: whatever is done to an entry shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.audit import FIRST, Entry, Head, check, text_of
from tests.packs import NOON

LENGTH = 6
Tamper = Callable[[list[Entry]], None]


def chain(length: int = LENGTH) -> list[Entry]:
    """Entries as they are written."""
    made: list[Entry] = []
    for number in range(1, length + 1):
        last = made[-1].sha256 if made else FIRST
        after = text_of({"role": "admin", "count": number})
        entry = Entry(number, NOON, 1, "role changed", f"person {number}", "", after, last, FIRST)
        made.append(replace(entry, sha256=entry.seal()))
    return made


def head(entries: list[Entry]) -> Head:
    """The head that belongs to these entries."""
    return Head(entries[-1].number, entries[-1].sha256) if entries else Head()


def edited(entries: list[Entry]) -> None:
    entries[2] = replace(entries[2], after=text_of({"role": "candidate"}))


def edited_with_a_new_seal(entries: list[Entry]) -> None:
    edited(entries)
    entries[2] = replace(entries[2], sha256=entries[2].seal())


def removed(entries: list[Entry]) -> None:
    del entries[3]


def removed_and_numbered_anew(entries: list[Entry]) -> None:
    del entries[3]
    entries[3:] = [replace(one, number=one.number - 1) for one in entries[3:]]


def removed_at_the_end(entries: list[Entry]) -> None:
    del entries[-2:]


def all_removed(entries: list[Entry]) -> None:
    entries.clear()


def inserted_at_the_end(entries: list[Entry]) -> None:
    entry = replace(entries[-1], number=LENGTH + 1, previous_sha256=entries[-1].sha256)
    entries.append(replace(entry, sha256=entry.seal()))


def inserted(entries: list[Entry]) -> None:
    entry = replace(entries[2], number=4, previous_sha256=entries[2].sha256, subject="person 9")
    entries[3:] = [
        replace(entry, sha256=entry.seal()),
        *(replace(one, number=one.number + 1) for one in entries[3:]),
    ]


def swapped(entries: list[Entry]) -> None:
    entries[1], entries[2] = entries[2], entries[1]


@pytest.mark.parametrize("length", [0, 1, LENGTH])
def test_a_log_as_it_was_written_holds_together(length: int) -> None:
    entries = chain(length)
    found = check(entries, head(entries))
    assert (found.entries, found.breaches, found.head) == (length, (), head(entries))


@pytest.mark.parametrize(
    "tamper",
    [
        edited,
        edited_with_a_new_seal,
        removed,
        removed_and_numbered_anew,
        removed_at_the_end,
        all_removed,
        inserted_at_the_end,
        inserted,
        swapped,
    ],
)
def test_x19_whatever_is_done_to_the_log_is_seen(tamper: Tamper) -> None:
    entries = chain()
    end = head(entries)
    tamper(entries)
    assert check(entries, end).breaches


@given(
    place=st.integers(0, LENGTH - 1),
    field=st.sampled_from(["who", "action", "subject", "before", "after", "previous_sha256", "sha256"]),
    value=st.text(max_size=5),
)
def test_x19_any_edit_of_any_field_is_seen(place: int, field: str, value: str) -> None:
    entries = chain()
    end = head(entries)
    if getattr(entries[place], field) == value:
        return
    entries[place] = replace(entries[place], **{field: value})  # type: ignore[arg-type]  # any value will do
    assert check(entries, end).breaches


def test_a_log_written_anew_is_seen_by_what_is_known_of_the_old_one() -> None:
    old = chain()
    forged = [replace(one, subject="person 0") for one in old]
    for place, one in enumerate(forged):
        last = forged[place - 1].sha256 if place else FIRST
        sealed = replace(one, previous_sha256=last)
        forged[place] = replace(sealed, sha256=sealed.seal())
    assert check(forged, head(forged)).breaches == ()
    assert check(forged, head(forged), known=head(old[:4])).breaches == (
        "Entry 4 is not the one that was known.",
    )
    assert check(forged[:3], head(forged[:3]), known=head(old)).breaches
    assert check(old, head(old), known=Head()).breaches == ()


def test_a_breach_is_named_once_with_its_place() -> None:
    entries = chain()
    end = head(entries)
    edited(entries)
    assert check(entries, end).breaches == ("Entry 3 is not what was written.",)
