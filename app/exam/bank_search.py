"""Searching the items of a pack: by words, by what is known of them, and by what the item-writing rules find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.exam import topics
from app.exam.faults import Fault, Severity
from app.exam.item import Item

ANY, NONE = "any", "none"
ERRORS, WARNINGS = "error", "warning"


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as it is in use, under the id of its stored version; its status is that as delivered."""

    id: int
    item: Item


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for: filters (empty: all), the column to sort by, and where the page starts."""

    text: str = ""
    domain: str = ""
    topic: str = ""
    service: str = ""
    status: str = ""
    constraint: str = ""
    finding: str = ""
    sort: str = "item"
    down: bool = False
    start: int = 0


Findings = Callable[[Entry], Sequence[Fault]]
SORTS: dict[str, Callable[[Item], str | float | None]] = {
    "item": lambda item: item.id,
    "status": lambda item: item.status,
    "domain": lambda item: item.domain,
    "topic": lambda item: item.topic,
    "rating": lambda item: item.rating,
}


def fitting(entries: Iterable[Entry], search: Search, findings: Findings) -> list[Entry]:
    """The entries that a search asks for; the rules are asked of those only that fit everything else."""
    words = search.text.casefold().split()
    found = [one for one in entries if _fits(one.item, search) and all(w in _text(one.item) for w in words)]
    if not search.finding:
        return found
    return [one for one in found if has(findings(one), search.finding)]


def ordered(entries: Iterable[Entry], search: Search) -> list[Entry]:
    """The entries in the order asked for; those without a value come last, either way."""
    key = SORTS.get(search.sort, SORTS["item"])
    known: list[Entry] = []
    unknown: list[Entry] = []
    for one in sorted(entries, key=lambda one: one.item.id):
        (unknown if key(one.item) is None else known).append(one)
    return [*sorted(known, key=lambda one: key(one.item), reverse=search.down), *unknown]  # type: ignore[arg-type,return-value]  # None is not among them


def has(findings: Sequence[Fault], wanted: str) -> bool:
    """Whether findings have one of a rule or of a severity, any, or none."""
    if wanted in (ANY, NONE):
        return bool(findings) is (wanted == ANY)
    if wanted in (ERRORS, WARNINGS):
        return any(one.severity is Severity(wanted) for one in findings)
    return any(one.rule == wanted for one in findings)


def _fits(item: Item, search: Search) -> bool:
    return (
        search.domain in ("", item.domain or NONE)
        and search.topic in ("", topics.chapter_of(item.topic or NONE))
        and search.status in ("", item.status)
        and search.constraint in ("", item.constraint or NONE)
        and (not search.service or search.service in (one.name for one in item.services))
    )


def _text(item: Item) -> str:
    parts = [item.id, item.stem, item.rationale, item.company or ""]
    parts += [text for option in item.options for text in (option.text, option.why)]
    return "\n".join(parts).casefold()
