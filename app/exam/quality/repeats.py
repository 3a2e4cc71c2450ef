"""Repeats: which of some texts ask what an item of a bank asks already. The rule L33, for what is not in the bank.

The new texts are indexed and the bank goes by once, so that memory grows with the new texts alone, and the time with
both together and not with their product.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.exam.faults import Fault, Place, Severity, quality
from app.exam.item import Item, Status
from app.exam.quality.copies import FEWEST_SHINGLES, KEPT, NEAR, SHINGLE, run_words, runs
from app.exam.quality.measures import without_select

LANDMARKS = 8
FEW = 20
"""Up to so many new texts, a text of the bank that has none of their longest words is not looked at any further."""
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Text:
    """What an item asks: its name in a message, its id, its stem and its options in any order."""

    name: str
    id: str
    stem: str
    options: tuple[str, ...]
    enemies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """That a text is like one of the bank: `share` of their runs of words are the same (Jaccard), 1 for the same
    stem; `whole`: the options are the same too."""

    share: float
    whole: bool
    other: str


def text_of(item: Item) -> Text:
    """What an item asks."""
    return Text(f"item {item.id}", item.id, item.stem, tuple(o.text for o in item.options), item.enemies)


def likenesses(new: Sequence[Text], bank: Iterable[Text]) -> dict[str, Likeness]:
    """The nearest text of the bank for each new text that is like one, by the new text's id."""
    index = _Index(new)
    best: dict[str, Likeness] = {}
    for other in bank:
        for text, share, whole in index.like(other):
            if text.id not in best or (share, whole) > (best[text.id].share, best[text.id].whole):
                best[text.id] = Likeness(share, whole, other.name)
    return best


def message(found: Likeness) -> tuple[Severity, str]:
    """A likeness as a finding."""
    if found.whole:
        return Severity.ERROR, f"the text is that of {found.other}; remove one of them, or ask something else"
    if found.share == 1:
        return (
            Severity.WARNING,
            f"the stem is that of {found.other}; ask something else, or make them enemies",
        )
    return Severity.WARNING, (
        f"{found.share:.0%} of the runs of {SHINGLE} words are those of {found.other}; rewrite one, or make them "
        "enemies so that no form has both"
    )


def check_repeat(item: Item, others: Iterable[Item], at: Place) -> Iterator[Fault]:
    """L33 for an item that is being written, against the others of its pack."""
    bank = (text_of(o) for o in others if o.id != item.id and o.status is not Status.RETIRED)
    for found in likenesses([text_of(item)], bank).values():
        severity, words = message(found)
        why = next((note.why for note in item.accepted if note.rule == "L33"), "")
        if why and severity is Severity.WARNING:
            severity, words = Severity.INFO, f"{words} (accepted: {why})"
        yield quality(at, "L33", severity, words)


class _Index:
    """New texts by the runs of words of their stems; what they are like is found without looking at all of them."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self._stems: dict[str, list[Text]] = {}
        self._holders: dict[int, list[int]] = {}
        self._texts: list[tuple[Text, int]] = []
        self._landmarks: frozenset[str] = frozenset()
        for text in texts:
            normal = _normal(text.stem)
            self._stems.setdefault(normal, []).append(text)
            own = frozenset(runs(normal, SHINGLE))
            if len(own) >= FEWEST_SHINGLES:
                self._add(text, own)
        if len(texts) <= FEW:
            self._landmarks = frozenset(word for text in texts for word in _longest(text.stem))

    def _add(self, text: Text, own: frozenset[int]) -> None:
        for run in own:
            held = self._holders.setdefault(run, [])
            if len(held) < KEPT:
                held.append(len(self._texts))
        self._texts.append((text, len(own)))

    def like(self, other: Text) -> Iterator[tuple[Text, float, bool]]:
        """New texts that are like one of the bank, with the share and whether the options are the same too."""
        if self._landmarks:
            lower = other.stem.lower()
            if not any(word in lower for word in self._landmarks):
                return
        normal = _normal(other.stem)
        same = self._stems.get(normal, ())
        for text in same:
            yield text, 1.0, _options(text) == _options(other)
        if same:
            return
        own = frozenset(runs(normal, SHINGLE))
        shared = Counter(number for run in own for number in self._holders.get(run, ()))
        for number, count in shared.items():
            text, size = self._texts[number]
            share = count / (len(own) + size - count)
            if share > NEAR and text.id not in other.enemies and other.id not in text.enemies:
                yield text, share, False


def _normal(stem: str) -> str:
    return " ".join(run_words(without_select(stem)))


def _options(text: Text) -> list[str]:
    return sorted(" ".join(run_words(option)) for option in text.options)


def _longest(stem: str) -> Mapping[str, None]:
    """The longest words of a stem: of two stems that are alike, one has at least one of those of the other."""
    words = sorted(set(_WORD.findall(stem.lower())), key=lambda word: (-len(word), word))
    return dict.fromkeys(words[:LANDMARKS])
