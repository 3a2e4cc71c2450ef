"""Siblings: items about the same matter, told by their enmity. A card is asked as a sibling rather than again as it
was, so that what is remembered is the matter and not the place of an option."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime

from app.exam.item import Item

_NEVER = datetime.min.replace(tzinfo=UTC)


def siblings(items: Iterable[Item]) -> dict[str, frozenset[str]]:
    """The siblings of each item: those it names as enemies, and those that name it."""
    found: dict[str, set[str]] = {}
    for item in items:
        for other in item.enemies:
            found.setdefault(item.id, set()).add(other)
            found.setdefault(other, set()).add(item.id)
    return {name: frozenset(others - {name}) for name, others in found.items()}


def asked_for(
    card: str,
    family: Mapping[str, frozenset[str]],
    met: Mapping[str, datetime],
    available: Collection[str],
    take: Callable[[str], bool],
) -> str | None:
    """The item to ask for a card: of it and its siblings the one that was met longest ago, siblings first.

    `met` says when each was met last; `available` which may be asked now; `take` whether a new one may be spent.
    None when there is none: the card sleeps.
    """
    members = sorted(
        (name for name in {card} | family.get(card, frozenset()) if name in available),
        key=lambda name: (met.get(name, _NEVER), name == card, name),
    )
    return next((name for name in members if name in met or name == card or take(name)), None)
