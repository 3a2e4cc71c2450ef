"""Cohorts: groups of candidates, whom their instructors assign exams, and what the members agree to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.errors import Invalid

LONGEST_NAME = 80
PLACES = range(1, 1001)
DAYS = range(1, 91)
"""For how many people an invitation may be, and for how many days."""

CONSENT = (
    (
        "The instructors of this cohort see, for each exam assigned to it: whether and when I sit it, my result, "
        "my answer to each question, and the time I take."
    ),
    "They never see my private notes, nor anything of the exams that I sit on my own.",
    "An instructor can share the cohort with other instructors, who then see the same.",
    "I can leave the cohort at any time. From then on its instructors see none of it any more.",
)
"""What a member agrees to, sentence by sentence; it is stored with the membership as it was then."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort, with the name of its owner."""

    id: int
    name: str
    owner_id: int
    owner: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to a cohort now, and when they agreed to what its instructors see."""

    person_id: int
    name: str
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that is open now: for so many people, of whom `used` came; until when."""

    id: int
    cohort_id: int
    places: int
    used: int
    expires_at: datetime


def checked_name(text: str) -> str:
    """The name of a cohort as it is stored. Raises Invalid."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(f"Give the cohort a name of at most {LONGEST_NAME} characters.")
    return name


def checked_number(text: str, allowed: range, what: str) -> int:
    """A whole number within limits. Raises Invalid, in words about `what`."""
    given = text.strip()
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) in allowed):  # noqa: PLR2004
        raise Invalid(f"{what}: give a whole number from {allowed.start} to {allowed.stop - 1}.")
    return int(given)
