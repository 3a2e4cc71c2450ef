"""The item-writing standard as rules: what bars an item from being ready, and how to mend it.

Each rule is a small function `(item, as_of) -> (severity, message)…` in the table `RULES`, under the number
that the standard gives it (docs/item-writing.md). The rules judge every item as if it wanted to be ready;
they never refuse a pack. Sources: Haladyna, Downing & Rodriguez (2002), the NBME item-writing guide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

from app.exam.faults import Fault, Kind, Place, Severity, quality
from app.exam.item import Item, ItemType, Option, Status
from app.exam.pack import Exam, Pack
from app.exam.topics import nearest

Finding = tuple[Severity, str]
Rule = Callable[[Item, date], Iterable[Finding]]

SINGLE_OPTIONS = 4
MULTIPLE_OPTIONS = (5, 6)
MULTIPLE_KEYS = (2, 3)
STEM_WORDS = 260
OPTION_WORDS = (4, 60)
WHY_WORDS = 12
FRESH = timedelta(days=365)
RATING_ABOVE_FLOOR = 0.05
RATING_BELOW = 0.97
ACCEPTED = 1
HINTED_TOPICS = 100  # the search for the nearest one is slow

_WORD = re.compile(r"[^\W_](?:[\w'’/.,-]*\w)?")  # noqa: RUF001
_SELECT = re.compile(r"\s*\((?:select|choose|pick)\s+(\w+)\.?\)\s*$", re.IGNORECASE)
_SELECT_ANYWHERE = re.compile(r"\((?:select|choose|pick)\s+\w+\.?\)", re.IGNORECASE)
_NUMBER_WORDS = {2: "TWO", 3: "THREE"}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_INTERROGATIVE = re.compile(
    r"\b(what|which|who|whose|when|where|why|how|would|should|could|can|will|does|do|is|are)\b", re.IGNORECASE
)
_WHICH_IS_TRUE = re.compile(
    r"\bwhich\b( one)?( of)?( the)? (following|these|statements?)\b.{0,30}\b(is|are) (true|correct)\b",
    re.IGNORECASE,
)
_ALL_OF = re.compile(r"\b(all|both) of (the )?(above|these|following|options)\b", re.IGNORECASE)
_NONE_OF = re.compile(r"\b(none|neither) of (the )?(above|these|following|options)\b", re.IGNORECASE)
_NO_CHANGE = re.compile(r"(none|nothing|no change( is)?( needed| required)?)", re.IGNORECASE)
_NEGATIVE = re.compile(
    r"\bNOT\b|\bEXCEPT\b|\b[Ll](EAST|east) likely\b|\b(?i:incorrect)\b"
    r"|\b(?i:false)\b(?! (?:positive|negative|alarm))"
    r"|^(?i:(?:which|what)(?: of the following| of these)?(?: \w+)?"
    r" (?:is|are|does|do|would|should|can|will) not)\b"
)
_LETTER = r"(?:[A-J]|[a-j]|[1-9]|[IVX]{1,4})"
_K_TYPE = re.compile(
    rf"(?:both |only )?(?:options? )?{_LETTER}(?:, ?{_LETTER})*,? ?(?:and|or|&) ?{_LETTER}(?: only)?"
)
_TRUE_FALSE = re.compile(r"true|false|yes|no", re.IGNORECASE)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_BLANK = re.compile(r"(?<!\w)_{2,}(?!\w)")
_HIDDEN = re.compile("[\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def words(text: str) -> int:
    """How many words a text has; a name such as `s3.example.com` or `read/write` is one."""
    return len(_WORD.findall(text))


def hidden_characters(text: str) -> tuple[str, ...]:
    """Names of the bidirectional controls and zero-width characters in a text, each once, in order."""
    found = dict.fromkeys(_HIDDEN.findall(text)) if not text.isascii() else {}
    return tuple(f"U+{ord(c):04X} {unicodedata.name(c, 'control')}" for c in found)


def question_of(stem: str) -> str:
    """The last sentence of a stem, without the phrase that tells the number to choose."""
    sentences = [part.strip() for part in _SENTENCE_END.split(_SELECT.sub("", stem.strip()))]
    return next((sentence for sentence in reversed(sentences) if sentence), "")


def _distractors(item: Item) -> Iterator[Option]:
    return (option for option in item.options if not option.key)


def _bare(option: Option) -> str:
    return option.text.strip().strip(".*_`\"' ")


def _option_count(item: Item, _: date) -> Iterator[Finding]:
    counts = f"{len(item.options)} options and {item.select} keys"
    if item.type is ItemType.SINGLE:
        if (len(item.options), item.select) != (SINGLE_OPTIONS, 1):
            yield Severity.ERROR, f"{counts}; a single-answer item has {SINGLE_OPTIONS} options and 1 key"
    elif len(item.options) not in MULTIPLE_OPTIONS or item.select not in MULTIPLE_KEYS:
        yield Severity.ERROR, f"{counts}; a multiple-answer item has 5 or 6 options and 2 or 3 keys"


def _number_to_choose(item: Item, _: date) -> Iterator[Finding]:
    if item.type is ItemType.SINGLE:
        if _SELECT_ANYWHERE.search(item.stem):
            yield Severity.ERROR, "a single-answer stem names no number to choose; remove the phrase"
        return
    wanted = _NUMBER_WORDS.get(item.select)
    if wanted and not item.stem.rstrip().endswith(f"(Select {wanted}.)"):
        yield Severity.ERROR, f"end the stem with “(Select {wanted}.)”, as the item has {item.select} keys"


def _ends_in_question(item: Item, _: date) -> Iterator[Finding]:
    question = question_of(item.stem)
    if not question.endswith("?") or not _INTERROGATIVE.search(question):
        yield Severity.ERROR, "end the stem with a question (the number to choose comes after it)"
    if _WHICH_IS_TRUE.search(question):
        yield Severity.ERROR, "the question asks nothing of its own; ask for what the scenario demands"


def _all_of_the_above(item: Item, _: date) -> Iterator[Finding]:
    for option in item.options:
        if _ALL_OF.search(option.text):
            yield Severity.ERROR, f"option {option.id} refers to other options; give it a content of its own"


def _none_of_the_above(item: Item, _: date) -> Iterator[Finding]:
    for option in item.options:
        if _NONE_OF.search(option.text) or _NO_CHANGE.fullmatch(_bare(option)):
            yield Severity.ERROR, f"option {option.id} denies the others; give it a content of its own"


def _negative_question(item: Item, _: date) -> Iterator[Finding]:
    if found := _NEGATIVE.search(question_of(item.stem)):
        yield Severity.ERROR, f"the question is negative (“{found[0]}”); ask for what is right"


def _k_type(item: Item, _: date) -> Iterator[Finding]:
    for option in item.options:
        if _K_TYPE.fullmatch(_bare(option)):
            yield Severity.ERROR, f"option {option.id} combines other options; use a multiple-answer item"


def _true_false(item: Item, _: date) -> Iterator[Finding]:
    for option in item.options:
        if _TRUE_FALSE.fullmatch(_bare(option)):
            yield Severity.ERROR, f"option {option.id} is only “{_bare(option)}”; write what would be done"


def _blank(item: Item, _: date) -> Iterator[Finding]:
    if _BLANK.search(_CODE.sub("", item.stem)):
        yield Severity.ERROR, "the stem has a blank to fill in; ask a question"


def _length(item: Item, _: date) -> Iterator[Finding]:
    if (count := words(item.stem)) > STEM_WORDS:
        yield Severity.ERROR, f"the stem has {count} words; shorten it to {STEM_WORDS} at most"
    low, high = OPTION_WORDS
    for option in item.options:
        if not low <= (count := words(option.text)) <= high:
            yield Severity.ERROR, f"option {option.id} has {count} words; write {low} to {high}"


def _whys(item: Item, _: date) -> Iterator[Finding]:
    for option in item.options:
        if (count := words(option.why)) < WHY_WORDS:
            demand = f"name the demand that decides, in {WHY_WORDS} words or more"
            yield Severity.ERROR, f"the why of option {option.id} has {count} words; {demand}"


def _reference(item: Item, _: date) -> Iterator[Finding]:
    if not item.facts and not any(reference.url.startswith("https://") for reference in item.references):
        yield Severity.ERROR, "name an https page, or a row of the fact list, that states the deciding fact"


def _freshness(item: Item, as_of: date) -> Iterator[Finding]:
    if item.verified_on is None:
        yield Severity.ERROR, "verified_on is missing; check the facts and give the date"
    elif as_of - item.verified_on > FRESH:
        age = (as_of - item.verified_on).days
        yield Severity.ERROR, f"verified {age} days ago; check the facts again and renew verified_on"
    elif item.verified_on > as_of:
        yield Severity.WARNING, f"verified_on {item.verified_on} lies after {as_of}"


def _misconceptions(item: Item, _: date) -> Iterator[Finding]:
    for option in _distractors(item):
        if missing := [name for name in ("trap", "misconception") if not getattr(option, name)]:
            yield Severity.ERROR, f"distractor {option.id} has no {' and no '.join(missing)}; say what tempts"


def _hidden(item: Item, _: date) -> Iterator[Finding]:
    options = (part for o in item.options for part in (o.text, o.why, o.misconception))
    if found := hidden_characters("".join((item.stem, item.rationale, *options))):
        yield Severity.ERROR, f"the text holds {', '.join(found)}; remove it"


def _required(item: Item, _: date) -> Iterator[Finding]:
    needed = ("domain", "objective", "topic", "rating", "bloom", "constraint")
    if missing := [name for name in needed if getattr(item, name) is None]:
        yield Severity.ERROR, f"a ready item also needs {', '.join(missing)}"


def _rating(item: Item, _: date) -> Iterator[Finding]:
    low = item.guessing_floor + RATING_ABOVE_FLOOR
    if item.rating is not None and not low < item.rating < RATING_BELOW:
        bounds = f"{low:.2f} (what a guess wins, and a little) and {RATING_BELOW}"
        yield Severity.ERROR, f"the rating {item.rating:g} is not between {bounds}; rate the item again"


def _accepted(item: Item, _: date) -> Iterator[Finding]:
    if len(item.accepted) > ACCEPTED:
        yield Severity.ERROR, f"{len(item.accepted)} warnings are accepted; mend all but {ACCEPTED}"


RULES: dict[str, Rule] = {
    "L01": _option_count,
    "L02": _number_to_choose,
    "L03": _ends_in_question,
    "L04": _all_of_the_above,
    "L05": _none_of_the_above,
    "L06": _negative_question,
    "L17": _k_type,
    "L18": _true_false,
    "L19": _blank,
    "L25": _length,
    "L28": _whys,
    "L29": _reference,
    "L30": _freshness,
    "L35": _misconceptions,
    "L40": _hidden,
    "required": _required,
    "rating": _rating,
    "accepted": _accepted,
}


def check_item(item: Item, as_of: date, at: Place) -> Iterator[Fault]:
    """Every finding on one item. A warning that a reviewer accepted by name is shown, no more."""
    accepted = {note.rule: note.why for note in item.accepted}
    for name, rule in RULES.items():
        for severity, message in rule(item, as_of):
            if severity is Severity.WARNING and name in accepted:
                yield quality(at, name, Severity.INFO, f"{message} (accepted: {accepted[name]})")
            else:
                yield quality(at, name, severity, message)


def check_exam(exam: Exam, at: Place) -> Iterator[Fault]:
    """Findings on the specification of an exam."""
    doubled = exam.cut.raw_equivalent * 2
    if doubled % 2 != 1:
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


def check(pack: Pack, as_of: date, places: Mapping[str, Place]) -> tuple[Fault, ...]:
    """Every quality fault of a pack, as of a date. Retired items are left in peace.

    `places` says where an item stands (by its id) and where an exam does (by `exam:` and its id).
    """
    exams = (f for exam in pack.exams for f in check_exam(exam, places.get(f"exam:{exam.id}", Place())))
    items = (
        fault
        for item in pack.items
        if item.status is not Status.RETIRED
        for fault in check_item(item, as_of, places.get(item.id, Place(item=item.id)))
    )
    return (*exams, *items, *check_topics(pack, places))


def delivered_status(item: Item, faults: Iterable[Fault]) -> Status:
    """The status that counts: a ready item with a quality error is still in review."""
    errors = (f for f in faults if f.kind is Kind.QUALITY and f.severity is Severity.ERROR)
    broken = item.status is Status.READY and any(fault.at.item == item.id for fault in errors)
    return Status.REVIEW if broken else item.status
