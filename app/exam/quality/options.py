"""Rules on the options, each one alone and all of them side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.exam.item import Item, ItemType, Option
from app.exam.lexicon import Lexicon
from app.exam.quality.measures import lower_words, word_list, words
from app.exam.quality.quantities import overlapping, quantity
from app.exam.quality.standard import Finding, Rule, Standard, error, keys, warning
from app.exam.quality.vocabulary import ABSOLUTE, DETERMINERS, IMPERATIVES, OPENERS, VAGUE

SINGLE_OPTIONS = 4
MULTIPLE_OPTIONS = (5, 6)
MULTIPLE_KEYS = (2, 3)
OPTION_WORDS = (4, 60)
LONG_KEY = 1.25
LONG_KEY_WORDS = 4
SPREAD_FROM = 40
SPREAD_WARNED, SPREAD_BARRED = 2.0, 3.0
IMPLIED_WORDS = 4
SHORT = 80
STOPS = (".", "!", "?", ";", ":")

_ALL_OF = re.compile(r"\b(all|both) of (the )?(above|these|following|options)\b", re.IGNORECASE)
_ALL_ABOVE = re.compile(r"\b(all|both) (the )?(above|options above|other options)\b", re.IGNORECASE)
_NONE_OF = re.compile(r"\b(none|neither) of (the )?(above|these|following|options)\b", re.IGNORECASE)
_NO_CHANGE = re.compile(r"(none|nothing|no change( is)?( needed| required)?)", re.IGNORECASE)
# The alternatives share no letter, so that a long list of letters is read in one way only.
_LETTER = r"(?:[A-HJ]|[a-j]|[1-9]|[IVX]{1,4})"
_K_TYPE = re.compile(
    rf"(?:both |only )?(?:options? )?{_LETTER}(?:, ?{_LETTER})*,? ?(?:and|or|&) ?{_LETTER}(?: only)?"
)
_TRUE_FALSE = re.compile(r"true|false|yes|no", re.IGNORECASE)
_GERUND = re.compile(r"[a-z]{2,}ing")


def bare(text: str) -> str:
    """The text of an option without what stands around it."""
    return text.strip().strip(".*_`\"' ")


def option_count(item: Item, _: Standard) -> Iterator[Finding]:
    """L01: as many options and keys as the exam has."""
    counts = f"{len(item.options)} options and {item.select} keys"
    if item.type is ItemType.SINGLE:
        if (len(item.options), item.select) != (SINGLE_OPTIONS, 1):
            yield error(f"{counts}; a single-answer item has {SINGLE_OPTIONS} options and 1 key")
    elif len(item.options) not in MULTIPLE_OPTIONS or item.select not in MULTIPLE_KEYS:
        yield error(f"{counts}; a multiple-answer item has 5 or 6 options and 2 or 3 keys")


def all_of_the_above(item: Item, _: Standard) -> Iterator[Finding]:
    """L04: no option stands for others."""
    for option in item.options:
        if _ALL_OF.search(option.text) or _ALL_ABOVE.search(option.text):
            yield error(f"option {option.id} refers to other options; give it a content of its own")


def none_of_the_above(item: Item, _: Standard) -> Iterator[Finding]:
    """L05: no option denies the others."""
    for option in item.options:
        if _NONE_OF.search(option.text) or _NO_CHANGE.fullmatch(bare(option.text)):
            yield error(f"option {option.id} denies the others; give it a content of its own")


def long_key(item: Item, _: Standard) -> Iterator[Finding]:
    """L08: the key does not stand out by its length (the cut is that of SAQUET)."""
    others = [len(option.text) for option in item.options if not option.key]
    right = keys(item)
    if not right or not others:
        return
    shortest = min(right, key=len)
    if len(shortest) > LONG_KEY * max(others) and words(shortest) >= LONG_KEY_WORDS:
        yield warning(
            f"the key has {len(shortest)} characters, the longest distractor {max(others)}; shorten the key or "
            "let a distractor say as much"
        )


def length_spread(item: Item, _: Standard) -> Iterator[Finding]:
    """L10: options of about the same length."""
    by_length = sorted(item.options, key=lambda option: len(option.text))
    if not by_length:
        return
    low, high = by_length[0], by_length[-1]
    if len(high.text) <= SPREAD_FROM:
        return
    spread = len(high.text) / max(1, len(low.text))
    if spread > SPREAD_WARNED:
        finding = error if spread > SPREAD_BARRED else warning
        yield finding(
            f"option {high.id} has {len(high.text)} characters, {low.id} only {len(low.text)}; bring them within "
            f"a factor of {SPREAD_WARNED:g}"
        )


def without_terms(text: str, lexicon: Lexicon) -> str:
    """A text without the terms of the lexicon, which hold absolute words but are names."""
    lower = text.lower()
    for term in lexicon.terms:
        lower = lower.replace(term.lower(), " ")
    return lower


def _absolutes(option: Option, standard: Standard) -> list[str]:
    return ABSOLUTE.findall(without_terms(option.text, standard.lexicon))


def absolute_terms(item: Item, standard: Standard) -> Iterator[Finding]:
    """L11: absolute words are not what tells the distractors from the key."""
    found = {option.id: _absolutes(option, standard) for option in item.options}
    if any(found[option.id] for option in item.options if option.key):
        return
    if named := {name: absolutes for name, absolutes in found.items() if absolutes}:
        shown = ", ".join(f"{name}: “{absolutes[0]}”" for name, absolutes in named.items())
        yield warning(
            f"absolute words stand in distractors only ({shown}); reword them, or use one in the key"
        )


def vague_terms(item: Item, standard: Standard) -> Iterator[Finding]:
    """L13: no option that is true or false as one reads “often”."""
    for option in item.options:
        if found := VAGUE.search(without_terms(option.text, standard.lexicon)):
            yield warning(
                f"option {option.id} says “{found[0]}”, which everyone reads as they like; be exact"
            )


def k_type(item: Item, _: Standard) -> Iterator[Finding]:
    """L17: no option combines others."""
    for option in item.options:
        if len(option.text) <= SHORT and _K_TYPE.fullmatch(bare(option.text)):
            yield error(f"option {option.id} combines other options; use a multiple-answer item")


def true_false(item: Item, _: Standard) -> Iterator[Finding]:
    """L18: no option is only a yes or a no."""
    for option in item.options:
        if _TRUE_FALSE.fullmatch(bare(option.text)):
            yield error(f"option {option.id} is only “{bare(option.text)}”; write what would be done")


def lost_sequence(item: Item, _: Standard) -> Iterator[Finding]:
    """L20: options that are all quantities stand in their order, and stay in it."""
    found = [quantity(option.text) for option in item.options]
    sizes = [each.low for each in found if each]
    if len(sizes) < len(item.options) or len({each.kind for each in found if each}) != 1:
        return
    if sizes not in (sorted(sizes), sorted(sizes, reverse=True)):
        yield error("the options are quantities; put them in rising order and set shuffle: false")
    elif item.shuffle:
        yield error("the options are quantities; set shuffle: false so that they stay in their order")


def overlap(item: Item, _: Standard) -> Iterator[Finding]:
    """L21: no two options are true at once by what they say."""
    for first, second in overlapping([option.text for option in item.options]):
        names = f"{item.options[first].id} and {item.options[second].id}"
        yield error(f"the ranges of options {names} overlap; set them apart")
    said = [(option, lower_words(option.text)) for option in item.options]
    for part, small in said:
        for whole, large in said:
            if part.key != whole.key and IMPLIED_WORDS <= len(small) < len(large) and _within(small, large):
                yield warning(
                    f"option {whole.id} says all that {part.id} says, and more; who does {whole.id} has done "
                    f"{part.id}"
                )


def _within(small: Sequence[str], large: Sequence[str]) -> bool:
    """Whether the words of one text all stand in another, in the same order."""
    rest = iter(large)
    return all(word in rest for word in small)


def punctuation(item: Item, _: Standard) -> Iterator[Finding]:
    """L22, the options: the same stop at the end, the same form of the first verb."""
    texts = [option.text.rstrip() for option in item.options]
    stops = {text[-1] if text.endswith(STOPS) else "" for text in texts}
    if len(stops) > 1:
        yield warning("some options end in a stop and some do not; treat them alike")
    firsts = [opening(option.text) for option in item.options]
    if "command" in firsts and "gerund" in firsts:
        yield warning("some options begin with a command and some with a form in -ing; begin them alike")


def parallel(item: Item, _: Standard) -> Iterator[Finding]:
    """L23: all options begin as commands, or none does."""
    firsts = [opening(option.text) for option in item.options]
    if "command" in firsts and "noun" in firsts:
        noun = item.options[firsts.index("noun")].id
        yield warning(f"option {noun} begins with a noun and others with a command; begin them alike")


def opening(text: str) -> str:
    """What an option begins with: `command`, `gerund`, `noun`, or nothing that can be told from the words."""
    first, *others = [word.lower() for word in word_list(text[:400])] or [""]
    if first in OPENERS:
        _, comma, rest = text.partition(", ")
        following = [word.lower() for word in word_list(rest[:40])]
        return "command" if comma and following and following[0] in IMPERATIVES else ""
    if first in IMPERATIVES:
        return "command"
    if _GERUND.fullmatch(first) and others:
        return "gerund"
    return "noun" if first in DETERMINERS else ""


def option_length(item: Item, _: Standard) -> Iterator[Finding]:
    """L25, the options."""
    low, high = OPTION_WORDS
    for option in item.options:
        if not low <= (count := words(option.text)) <= high:
            yield error(f"option {option.id} has {count} words; write {low} to {high}")


RULES: tuple[tuple[str, Rule], ...] = (
    ("L01", option_count),
    ("L04", all_of_the_above),
    ("L05", none_of_the_above),
    ("L08", long_key),
    ("L10", length_spread),
    ("L11", absolute_terms),
    ("L13", vague_terms),
    ("L17", k_type),
    ("L18", true_false),
    ("L20", lost_sequence),
    ("L21", overlap),
    ("L22", punctuation),
    ("L23", parallel),
    ("L25", option_length),
)
