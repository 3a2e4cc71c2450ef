"""Traps: which kinds of distractor drew a candidate, against chance and against other candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from app.exam.item import Item, Trap

NOTABLE = 2.6
"""Standard deviations from which on a trap is said to draw: with eleven kinds, chance says so one time in twenty."""

LEAST = 3
"""Times below which nothing is said of a kind."""

ENOUGH = 100
"""Responses of others to an item below which nothing is compared with them, as in the item analysis."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong answer: which position, the item with its key as it holds, what was chosen.

    `others`: how many candidates chose each option, empty when too few are known.
    """

    position: int
    item: Item
    key: frozenset[str]
    choice: tuple[str, ...]
    others: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """How often one kind of trap was taken: `taken` times, `by_chance` when wrong answers fell on any distractor.

    `error` is the standard deviation of that chance. `by_others` when they fell where those of other candidates did,
    on the questions for which that is known, where it was `taken_there` times; None when for none. `places` are the
    positions.
    """

    trap: Trap
    taken: int
    by_chance: float
    error: float
    places: tuple[int, ...]
    taken_there: int = 0
    by_others: float | None = None
    error_others: float = 0.0

    @property
    def draws(self) -> bool:
        """Whether it was taken more often than chance would have it."""
        return self.taken >= LEAST and self.taken - self.by_chance > NOTABLE * self.error

    @property
    def draws_more(self) -> bool:
        """Whether it was taken more often than by others who were wrong on the same questions."""
        if self.by_others is None or self.taken_there < LEAST:
            return False
        return self.taken_there - self.by_others > NOTABLE * self.error_others


def drawn(wrong: Iterable[Wrong]) -> tuple[Drawn, ...]:
    """Each trap that was on a wrongly answered item, the one furthest above chance first."""
    kinds: dict[Trap, list[tuple[int, int, float, float, float | None, float]]] = {}
    for one in wrong:
        distractors = {option.id: option.trap for option in one.item.options if option.id not in one.key}
        taken = [name for name in one.choice if name in distractors]
        if not taken:
            continue
        of_others = _shares(one, list(distractors))
        for trap in set(distractors.values()) - {None}:
            names = [name for name, kind in distractors.items() if kind is trap]
            hits = sum(name in names for name in taken)
            chance = len(names) / len(distractors)
            theirs = None if of_others is None else sum(of_others[name] for name in names)
            kinds.setdefault(trap, []).append(  # type: ignore[arg-type]  # None was taken out
                (one.position, hits, *_expected(len(taken), chance), *_expected_of(len(taken), theirs))
            )
    found = [_drawn(trap, rows) for trap, rows in kinds.items()]
    return tuple(sorted(found, key=lambda one: (one.by_chance - one.taken, one.trap)))


def _drawn(trap: Trap, rows: Sequence[tuple[int, int, float, float, float | None, float]]) -> Drawn:
    known = [(hits, theirs, variance) for _, hits, _, _, theirs, variance in rows if theirs is not None]
    return Drawn(
        trap=trap,
        taken=sum(hits for _, hits, *_ in rows),
        by_chance=sum(expected for _, _, expected, *_ in rows),
        error=sqrt(sum(variance for _, _, _, variance, *_ in rows)),
        places=tuple(position for position, hits, *_ in rows for _ in range(hits)),
        taken_there=sum(hits for hits, _, _ in known),
        by_others=sum(theirs for _, theirs, _ in known) if known else None,
        error_others=sqrt(sum(variance for *_, variance in known)),
    )


def _expected(taken: int, share: float) -> tuple[float, float]:
    return taken * share, taken * share * (1.0 - share)


def _expected_of(taken: int, share: float | None) -> tuple[float | None, float]:
    return (None, 0.0) if share is None else _expected(taken, share)


def _shares(one: Wrong, distractors: Sequence[str]) -> dict[str, float] | None:
    """Where the wrong choices of others fell, among the distractors; None when too few answered or none was wrong."""
    chosen = sum(one.others.get(name, 0) for name in distractors)
    if sum(one.others.values()) < ENOUGH * max(1, len(one.key)) or not chosen:
        return None
    return {name: one.others.get(name, 0) / chosen for name in distractors}
