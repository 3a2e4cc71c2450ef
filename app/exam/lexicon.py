"""What a pack says about the words of its subject, for the rules that would otherwise have to know the subject.

Names that were retired or renamed, terms that only look absolute, numbers that move, fictitious companies,
domains that a reference may be on: all of it is data of the pack (`lexicon.yaml`), none of it is code.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is no longer good: what to write instead, and the row of the fact list that says so."""

    name: str
    instead: str = ""
    fact: int | None = None


@dataclass(frozen=True, slots=True)
class Moving:
    """A quantity that is raised often: a number before `unit`, in an option that also holds `near`, is one."""

    unit: str
    near: str = ""
    fact: int | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of thing that a question may demand, and the names that are of this kind."""

    demand: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a subject. Everything may be empty; then the rules that need it find nothing.

    `retired` must not be in a key; `renamed` should not be in a stem or option; `terms` hold an absolute or
    vague word and are names all the same; `names` are left out of the reading grade; `companies` are the
    beginnings that a company of a scenario may have; `domains` are those that a reference may be on; `facts`
    are the rows that an item may rest on; `managed` are words that promise less work.
    """

    retired: tuple[Name, ...] = ()
    renamed: tuple[Name, ...] = ()
    terms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    moving: tuple[Moving, ...] = ()
    categories: tuple[Category, ...] = ()
    companies: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    facts: tuple[int, ...] = ()
    managed: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As plain values, without what is empty."""
        return {name: _filled(value) for name, value in asdict(self).items() if value}


def _filled(entries: tuple[Any, ...]) -> list[Any]:
    return [
        {n: list(v) if isinstance(v, tuple) else v for n, v in entry.items() if v not in (None, "")}
        if isinstance(entry, dict)
        else entry
        for entry in entries
    ]


def lexicon_from_plain(plain: dict[str, Any] | None) -> Lexicon | None:
    """A lexicon from stored JSON: no checks."""
    if plain is None:
        return None
    fields: dict[str, Any] = {name: tuple(value) for name, value in plain.items()}
    for name, kind in (("retired", Name), ("renamed", Name), ("moving", Moving)):
        fields[name] = tuple(kind(**entry) for entry in plain.get(name, ()))
    fields["categories"] = tuple(
        Category(entry["demand"], tuple(entry["names"])) for entry in plain.get("categories", ())
    )
    return Lexicon(**fields)
