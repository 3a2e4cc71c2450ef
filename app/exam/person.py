"""People: who may do what. Everybody is a candidate; an instructor also keeps packs, an admin also keeps people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Invalid, Refused

NAME_LENGTHS = range(3, 65)
PASSWORD_LENGTHS = range(10, 257)

SESSION_LIFETIME = timedelta(days=30)
GUEST_LIFETIME = timedelta(days=365)
LINK_LIFETIME = timedelta(days=2)


class Role(StrEnum):
    """What a person may do; each role includes the ones before it."""

    CANDIDATE = "candidate"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"


_RANK = {Role.CANDIDATE: 0, Role.INSTRUCTOR: 1, Role.ADMIN: 2}


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the pages see them. A guest has no name or password and lives in one browser's cookie."""

    id: int
    name: str
    role: Role
    is_guest: bool
    created_at: datetime

    def may(self, role: Role) -> bool:
        """Whether this person may do what `role` may do."""
        return _RANK[self.role] >= _RANK[role]

    def require(self, role: Role) -> None:
        """Raise Refused unless this person may do what `role` may do."""
        if not self.may(role):
            raise Refused(f"This page is for {role}s. Ask an administrator if you need it.")


def checked_name(text: str) -> str:
    """A log-in name as stored: trimmed, lower case. Raises Invalid."""
    name = text.strip().lower()
    if len(name) not in NAME_LENGTHS or not all(part.isalnum() or part in "._-@+" for part in name):
        raise Invalid("Choose a name of 3 to 64 letters, digits or . _ - @ +")
    return name


def checked_password(text: str) -> str:
    """A password that is long enough. Raises Invalid. Any characters are allowed."""
    if len(text) not in PASSWORD_LENGTHS:
        raise Invalid("Choose a password of at least 10 characters (and at most 256).")
    return text
