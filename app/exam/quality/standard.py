"""What a rule is, and what it is given besides the item."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.exam.faults import Severity
from app.exam.item import Item
from app.exam.lexicon import Lexicon

Finding = tuple[Severity, str]


@dataclass(frozen=True, slots=True)
class Standard:
    """What the rules go by: a date, the words of the subject, and the newest date a service may have.

    `embargo` is the longest embargo of the pack's exams; `foreign` are the hashed runs of words of texts that
    nothing may be copied from (app/exam/quality/copies.py).
    """

    as_of: date
    lexicon: Lexicon = field(default_factory=Lexicon)
    embargo: timedelta = timedelta()
    foreign: frozenset[int] = frozenset()


Rule = Callable[[Item, Standard], Iterable[Finding]]


def error(message: str) -> Finding:
    """A finding that bars an item from being ready."""
    return Severity.ERROR, message


def warning(message: str) -> Finding:
    """A finding that a reviewer must accept by name."""
    return Severity.WARNING, message


def note(message: str) -> Finding:
    """A finding that is only shown."""
    return Severity.INFO, message


def distractors(item: Item) -> list[str]:
    """The texts of the wrong options."""
    return [option.text for option in item.options if not option.key]


def keys(item: Item) -> list[str]:
    """The texts of the right options."""
    return [option.text for option in item.options if option.key]
