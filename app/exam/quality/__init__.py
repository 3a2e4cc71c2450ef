"""The item-writing standard as rules: what bars an item from being ready, and how to mend it.

Each rule is a small function `(item, standard) -> (severity, message)…` in the table `RULES`, under the number
that the standard gives it. The rules judge every item as if it wanted to be ready; they never refuse a pack.
Sources: Haladyna, Downing & Rodriguez (2002), the NBME item-writing guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

from app.exam import image
from app.exam.faults import Fault, Kind, Place, Severity, quality
from app.exam.item import Item, Status
from app.exam.lexicon import Lexicon
from app.exam.pack import Exam, Pack
from app.exam.quality import copies, cues, facts, images, options, stems
from app.exam.quality.bank import check_bank
from app.exam.quality.measures import hidden_characters, question_of, words
from app.exam.quality.standard import Rule, Standard
from app.exam.score import is_half_point
from app.exam.topics import nearest

__all__ = [
    "BANK_RULES",
    "RULES",
    "Progress",
    "Standard",
    "check",
    "check_exam",
    "check_item",
    "check_topics",
    "delivered_status",
    "hidden_characters",
    "question_of",
    "standard_of",
    "words",
]

HINTED_TOPICS = 100  # the search for the nearest one is slow
PROGRESS_STEP = 50

Progress = Callable[[int, int], None]


def _table() -> dict[str, tuple[Rule, ...]]:
    rules = (*options.RULES, *stems.RULES, *cues.RULES, *facts.RULES, *copies.RULES, *images.RULES)
    names = sorted({name for name, _ in rules})
    return {name: tuple(rule for other, rule in rules if other == name) for name in names}


RULES: dict[str, tuple[Rule, ...]] = _table()
"""The functions of every rule that looks at one item."""
BANK_RULES = ("L09", "L12", "L15", "L24", "L33", "robot")
"""The rules that look at all items together (app/exam/quality/bank.py and copies.py)."""


def standard_of(pack: Pack, as_of: date, against: Iterable[str] = ()) -> Standard:
    """What the rules go by for a pack, as of a date; nothing in it may be copied from the texts `against`."""
    embargo = timedelta(days=max((exam.embargo_days for exam in pack.exams), default=0))
    return Standard(as_of, pack.lexicon or Lexicon(), embargo, copies.foreign_runs(against))


def check_item(item: Item, as_of: date | Standard, at: Place) -> Iterator[Fault]:
    """Every finding on one item. A warning that a reviewer accepted by name is shown, no more."""
    standard = as_of if isinstance(as_of, Standard) else Standard(as_of)
    accepted = {note.rule: note.why for note in item.accepted}
    words_only = image.spoken(item)
    for name, rules in RULES.items():
        for rule in rules:
            for severity, message in rule(item if name == images.NAME else words_only, standard):
                if severity is Severity.WARNING and name in accepted:
                    yield quality(at, name, Severity.INFO, f"{message} (accepted: {accepted[name]})")
                else:
                    yield quality(at, name, severity, message)


def check_exam(exam: Exam, at: Place) -> Iterator[Fault]:
    """Findings on the specification of an exam."""
    if not is_half_point(exam):
        message = (
            f"exam {exam.id}: the cut {exam.cut.raw_equivalent:g} is not on a half point; "
            "nobody should stand exactly on the line"
        )
        yield quality(at, "cut-half-point", Severity.WARNING, message)


def check_topics(pack: Pack, places: Mapping[str, Place]) -> Iterator[Fault]:
    """Every item whose topic is not one that the pack lists; a pack that lists none leaves them free."""
    known = {topic.id for topic in pack.topics}
    near: dict[str, str] = {}
    for item in pack.items:
        if known and item.topic and item.topic not in known and item.status is not Status.RETIRED:
            if item.topic not in near and len(near) < HINTED_TOPICS:
                near[item.topic] = f"; the nearest is {nearest(item.topic, known)!r}"
            message = f"the pack lists no topic {item.topic!r}{near.get(item.topic, '')}"
            at = places.get(item.id, Place(item=item.id))
            yield quality(at, "unknown-topic", Severity.ERROR, message)


def check(
    pack: Pack,
    as_of: date,
    places: Mapping[str, Place],
    against: Iterable[str] = (),
    progress: Progress | None = None,
) -> tuple[Fault, ...]:
    """Every quality fault of a pack, as of a date. Retired items are left in peace.

    `places` says where an item stands (by its id) and where an exam does (by `exam:` and its id). `against`
    are texts that nothing may be copied from. `progress` is told now and then how many items are done.
    """
    standard = standard_of(pack, as_of, against)
    living = [item for item in pack.items if item.status is not Status.RETIRED]
    found = [f for exam in pack.exams for f in check_exam(exam, places.get(f"exam:{exam.id}", Place()))]
    for number, item in enumerate(living):
        found.extend(check_item(item, standard, places.get(item.id, Place(item=item.id))))
        if progress and number % PROGRESS_STEP == 0:
            progress(number, len(living))
    found.extend(check_topics(pack, places))
    found.extend(copies.near_duplicates(living, places))
    found.extend(check_bank(living, standard.lexicon, Place(places.get("pack:", Place()).file)))
    if progress:
        progress(len(living), len(living))
    return tuple(found)


def delivered_status(item: Item, faults: Iterable[Fault]) -> Status:
    """The status that counts: a ready item with a quality error is still in review."""
    errors = (f for f in faults if f.kind is Kind.QUALITY and f.severity is Severity.ERROR)
    broken = item.status is Status.READY and any(fault.at.item == item.id for fault in errors)
    return Status.REVIEW if broken else item.status
