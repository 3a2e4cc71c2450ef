"""Topics: chapters and the subjects in them, what they are called, and how a report sums them up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from app.exam.pack import Topic
from app.exam.score import Tally


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter as a whole, and its subjects. What names no subject counts for the chapter alone."""

    whole: Tally
    subjects: tuple[Tally, ...]


def chapter_of(topic: str) -> str:
    """The chapter that a topic is in: `fog` for `fog/horns`, and for `fog` itself."""
    return topic.partition("/")[0]


def title(topic: str, listed: Iterable[Topic]) -> str:
    """What a topic is called: by the title that the pack gives it, else by its own id, tidied."""
    for each in listed:
        if each.id == topic:
            return each.title
    slug = topic.rpartition("/")[2].replace("-", " ").replace("_", " ").strip() or topic
    return slug[:1].upper() + slug[1:]


def chapters(subjects: Iterable[Tally]) -> tuple[Chapter, ...]:
    """The tallies of topics by chapter. Chapters, and subjects in each, come weakest first.

    The weakest has the lowest share of right answers; of two with the same share the one with more items.
    """
    within: dict[str, list[Tally]] = {}
    for tally in subjects:
        within.setdefault(chapter_of(tally.name), []).append(tally)
    made = [
        Chapter(_sum(name, parts), tuple(sorted((p for p in parts if "/" in p.name), key=_weakest_first)))
        for name, parts in within.items()
    ]
    return tuple(sorted(made, key=lambda chapter: _weakest_first(chapter.whole)))


def nearest(topic: str, known: Collection[str]) -> str:
    """The known topic that is spelled most alike."""
    return get_close_matches(topic[:100], sorted(known), n=1, cutoff=0)[0]


def _sum(name: str, parts: Collection[Tally]) -> Tally:
    return Tally(
        name,
        sum(part.right for part in parts),
        sum(part.total for part in parts),
        sum(part.unanswered for part in parts),
    )


def _weakest_first(tally: Tally) -> tuple[float, int, str]:
    return tally.right / tally.total, -tally.total, tally.name
