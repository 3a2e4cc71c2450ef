"""Rules on the stem: that it asks one clear, positive question and can be read in the time there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.exam.item import Item, ItemType
from app.exam.quality.measures import (
    question_of,
    reading_grade,
    sentences,
    without_select,
    words,
)
from app.exam.quality.standard import Finding, Rule, Standard, error, warning
from app.exam.quality.vocabulary import SUPERLATIVE

STEM_WORDS = (40, 180)
STEM_LIMIT = 260
EMPHASES = 2
SENTENCE_WORDS = 25
GRADE = 14.0

_SELECT_ANYWHERE = re.compile(r"\((?:select|choose|pick)\s+\w+\.?\)", re.IGNORECASE)
_NUMBER_WORDS = {2: "TWO", 3: "THREE"}
_INTERROGATIVE = re.compile(
    r"\b(what|which|who|whose|when|where|why|how|would|should|could|can|will|does|do|is|are)\b", re.IGNORECASE
)
_WHICH_IS_TRUE = re.compile(
    r"\bwhich\b( one)?( of)?( the)? (following|these|statements?)\b.{0,30}\b(is|are) (true|correct)\b",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\bNOT\b|\bEXCEPT\b|\b[Ll](EAST|east) likely\b|\b(?i:incorrect)\b"
    r"|\b(?i:false)\b(?! (?:positive|negative|alarm))"
    r"|^(?i:(?:which|what)(?: of the following| of these)?(?: \w+)?"
    r" (?:is|are|does|do|would|should|can|will) not)\b"
)
_DENIAL = re.compile(
    r"\b(?:not|never|no|none|nothing|neither|nor|cannot|without|unless|\w+n't)\b", re.IGNORECASE
)
_NOT_UN = re.compile(r"\bnot (?:un|in|im|dis)(?:\w+(?:able|ible|ed|ary|ent|al))\b", re.IGNORECASE)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_BLANK = re.compile(r"(?<!\w)_{2,}(?!\w)")
_ARTICLE_END = re.compile(r"\b(?:a|an)$")


def number_to_choose(item: Item, _: Standard) -> Iterator[Finding]:
    """L02: the number to choose is stated, and right."""
    if item.type is ItemType.SINGLE:
        if _SELECT_ANYWHERE.search(item.stem):
            yield error("a single-answer stem names no number to choose; remove the phrase")
        return
    wanted = _NUMBER_WORDS.get(item.select)
    if wanted and not item.stem.rstrip().endswith(f"(Select {wanted}.)"):
        yield error(f"end the stem with “(Select {wanted}.)”, as the item has {item.select} keys")


def ends_in_question(item: Item, _: Standard) -> Iterator[Finding]:
    """L03: the stem ends in a question of its own."""
    question = question_of(item.stem)
    if not question.endswith("?") or not _INTERROGATIVE.search(question):
        yield error("end the stem with a question (the number to choose comes after it)")
    if _WHICH_IS_TRUE.search(question):
        yield error("the question asks nothing of its own; ask for what the scenario demands")


def negative_question(item: Item, _: Standard) -> Iterator[Finding]:
    """L06: the question asks for what is right."""
    if found := _NEGATIVE.search(question_of(item.stem)):
        yield error(f"the question is negative (“{found[0]}”); ask for what is right")


def emphasis(item: Item, _: Standard) -> Iterator[Finding]:
    """L07: the deciding demand is in capitals, and little else."""
    found = SUPERLATIVE.findall(item.stem)
    if len(found) > EMPHASES:
        yield warning(
            f"{len(found)} words are in capitals ({', '.join(found[:6])}); keep the one that decides, "
            f"{EMPHASES} at most"
        )


def blank(item: Item, _: Standard) -> Iterator[Finding]:
    """L19: nothing is to be filled in."""
    if _BLANK.search(_CODE.sub("", item.stem)):
        yield error("the stem has a blank to fill in; ask a question")


def stem_length(item: Item, _: Standard) -> Iterator[Finding]:
    """L25, the stem: long enough for a scenario, short enough for two minutes."""
    low, high = STEM_WORDS
    if (count := words(item.stem)) > STEM_LIMIT:
        yield error(f"the stem has {count} words; shorten it to {STEM_LIMIT} at most")
    elif not low <= words(without_select(item.stem)) <= high:
        advice = "say what decides" if count < low else "remove what decides nothing"
        yield warning(f"the stem has {count} words; {advice}: {low} to {high} words are usual")


def reading_load(item: Item, standard: Standard) -> Iterator[Finding]:
    """L26: short sentences, plain words, no double negation."""
    text = without_select(item.stem)
    count = words(text) / max(1, len(sentences(text)))
    if count > SENTENCE_WORDS:
        yield warning(
            f"the sentences have {count:.0f} words on average; split them, {SENTENCE_WORDS} at most"
        )
    names = (*(s.name for s in item.services), item.company or "", *standard.lexicon.names)
    if (grade := reading_grade(text, names)) > GRADE:
        yield warning(f"the reading grade is {grade:.1f}; use shorter sentences and words, {GRADE:g} at most")
    denials = [found.lower() for found in _DENIAL.findall(question_of(text))]
    if len(denials) > 1 or (found := _NOT_UN.search(text)):
        shown = " … ".join(denials) if len(denials) > 1 else found[0] if found else ""
        yield warning(f"a double negation (“{shown}”); say what is wanted")


def article(item: Item, _: Standard) -> Iterator[Finding]:
    """L22, the stem: no article at its end that fits some options only."""
    if _ARTICLE_END.search(question_of(item.stem)[-40:].rstrip(" .?:…")):
        yield warning("the stem ends in an article, which some options do not fit; put it into the options")


RULES: tuple[tuple[str, Rule], ...] = (
    ("L02", number_to_choose),
    ("L03", ends_in_question),
    ("L06", negative_question),
    ("L07", emphasis),
    ("L19", blank),
    ("L22", article),
    ("L25", stem_length),
    ("L26", reading_load),
)
