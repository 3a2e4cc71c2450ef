"""Copies: items that are nearly the same, and text taken from somewhere else.

Both work on runs of words, so that the time grows with the text and not with the square of the items.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.exam.faults import Fault, Place, Severity, quality
from app.exam.item import Item
from app.exam.quality.measures import shortened, without_select
from app.exam.quality.standard import Finding, Rule, Standard, error

RUN = 12
SHINGLE = 5
NEAR = 0.6
FEWEST_SHINGLES = 12
KEPT = 8
"""How many items are kept for one run of words. What is common to more is boilerplate, or their copies are found
by the first of them; without this bound a pack of copies would take the square of its size."""
COMPARED = 5

_RUN_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def run_words(text: str) -> list[str]:
    """The words of a text for comparison: letter case and punctuation make no difference."""
    return _RUN_WORD.findall(text.replace("’", "'").lower())  # noqa: RUF001


def runs(text: str, length: int) -> list[int]:
    """Every run of so many words of a text, hashed."""
    found = run_words(text)
    return [hash(tuple(found[at : at + length])) for at in range(len(found) - length + 1)]


def foreign_runs(texts: Iterable[str]) -> frozenset[int]:
    """Every run of twelve words of the texts, hashed (64 bits: a chance clash is one in 10^13)."""
    return frozenset(run for text in texts for run in runs(text, RUN))


def copied(item: Item, standard: Standard) -> Iterator[Finding]:
    """L34: no run of twelve words is taken from the texts that were given."""
    if not standard.foreign:
        return
    parts = [("the stem", item.stem), ("the rationale", item.rationale)]
    parts += [(f"option {o.id}", o.text) for o in item.options]
    parts += [(f"the why of option {o.id}", o.why) for o in item.options]
    for name, text in parts:
        for at, run in enumerate(runs(text, RUN)):
            if run in standard.foreign:
                shown = " ".join(run_words(text)[at : at + RUN])
                yield error(
                    f"{name} holds “{shown}”, word for word from a text given; say it in your own words"
                )
                break


RULES: tuple[tuple[str, Rule], ...] = (("L34", copied),)


def _asked(item: Item) -> str:
    return " \n".join((without_select(item.stem), *sorted(option.text for option in item.options)))


def near_duplicates(items: Sequence[Item], places: Mapping[str, Place]) -> Iterator[Fault]:
    """L33: an item that says what an earlier one said. The nearest earlier item is named, once."""
    exact: dict[str, str] = {}
    stems, whole = _Index(), _Index()
    for item in items:
        at = places.get(item.id, Place(item=item.id))
        text = _asked(item)
        normal = " ".join(run_words(text))
        if normal in exact:
            message = f"the text is that of item {exact[normal]}; remove one of them, or ask something else"
            yield quality(at, "L33", Severity.ERROR, message)
            continue
        exact[normal] = item.id
        by_stem = stems.nearest(item, without_select(item.stem))
        by_whole = whole.nearest(item, text)
        share, other = max(by_stem, by_whole)
        if share > NEAR:
            why = _accepted(item)
            message = (
                f"{share:.0%} of the runs of {SHINGLE} words are those of item {other} (“{shortened(item.stem)}”); "
                f"rewrite one, or list {other} under enemies so that no form has both"
            )
            severity = Severity.INFO if why else Severity.WARNING
            yield quality(at, "L33", severity, f"{message} (accepted: {why})" if why else message)


def _accepted(item: Item) -> str:
    return next((note.why for note in item.accepted if note.rule == "L33"), "")


class _Index:
    """Earlier texts by their runs of words; finds the nearest without looking at all of them."""

    def __init__(self) -> None:
        self.holders: dict[int, list[int]] = {}
        self.shingles: list[frozenset[int]] = []
        self.items: list[Item] = []

    def nearest(self, item: Item, text: str) -> tuple[float, str]:
        """The likeness (Jaccard) and id of the nearest earlier text, which this one then joins.

        Enemies are left out, as they are never on one form, and so are texts of few words.
        """
        own = frozenset(runs(text, SHINGLE))
        if len(own) < FEWEST_SHINGLES:
            return 0.0, ""
        shared: Counter[int] = Counter()
        for shingle in own:
            shared.update(self.holders.get(shingle, ()))
        best = (0.0, "")
        for number, count in shared.most_common(COMPARED):
            other = self.items[number]
            if other.id in item.enemies or item.id in other.enemies:
                continue
            best = max(best, (count / (len(own) + len(self.shingles[number]) - count), other.id))
        self._add(item, own)
        return best

    def _add(self, item: Item, own: frozenset[int]) -> None:
        number = len(self.items)
        self.items.append(item)
        self.shingles.append(own)
        for shingle in own:
            held = self.holders.setdefault(shingle, [])
            if len(held) < KEPT:
                held.append(number)
