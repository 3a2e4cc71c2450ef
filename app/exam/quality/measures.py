"""Measures of a text: words, sentences, the question, reading grade, hidden characters. No judgement yet.

Every pattern here takes time in proportion to the text, whatever the text is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from app.exam.quality.vocabulary import STOP

CONTENT_LETTERS = 4
_TAIL = 80  # the phrase that tells the number to choose is shorter than this

_WORD = re.compile(r"[^\W_](?:[\w'’/.,-]*\w)?")  # noqa: RUF001
_SELECT = re.compile(r"\((?:select|choose|pick)\s+(\w+)\.?\)$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_HIDDEN = re.compile("[\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_VOWELS = re.compile(r"[aeiouy]+")
_NAME_LIKE = re.compile(r"[A-Z].*[A-Z]|\d|[./_]", re.DOTALL)


@lru_cache(maxsize=256)
def word_list(text: str) -> tuple[str, ...]:
    """The words of a text; a name such as `s3.example.com` or `read/write` is one."""
    return tuple(_WORD.findall(text))


def words(text: str) -> int:
    """How many words a text has."""
    return len(word_list(text))


@lru_cache(maxsize=256)
def lower_words(text: str) -> tuple[str, ...]:
    """The words of a text without letter case."""
    return tuple(map(str.lower, word_list(text)))


@lru_cache(maxsize=256)
def content_words(text: str) -> frozenset[str]:
    """The words that carry a meaning: four letters or more, and not among the commonest."""
    return frozenset(w for w in lower_words(text) if len(w) >= CONTENT_LETTERS and w not in STOP)


def without_select(stem: str) -> str:
    """A stem without the phrase that tells the number to choose."""
    text = stem.strip()
    head, tail = text[:-_TAIL], text[-_TAIL:]
    return (head + _SELECT.sub("", tail)).rstrip()


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; an empty line ends one too."""
    parts = (part.strip() for part in _SENTENCE_END.split(text.strip()))
    return tuple(part for part in parts if part)


def question_of(stem: str) -> str:
    """The last sentence of a stem, without the phrase that tells the number to choose."""
    found = sentences(without_select(stem))
    return found[-1] if found else ""


def hidden_characters(text: str) -> tuple[str, ...]:
    """Names of the bidirectional controls and zero-width characters in a text, each once, in order."""
    found = dict.fromkeys(_HIDDEN.findall(text)) if not text.isascii() else {}
    return tuple(f"U+{ord(c):04X} {unicodedata.name(c, 'control')}" for c in found)


@lru_cache(maxsize=10_000)
def syllables(word: str) -> int:
    """About how many syllables an English word has: groups of vowels, a silent e at the end left out."""
    lower = word.lower()
    count = len(_VOWELS.findall(lower))
    if lower.endswith("e") and not lower.endswith("le") and count > 1:
        count -= 1
    return max(count, 1)


def reading_grade(text: str, names: Iterable[str] = ()) -> float:
    """The Flesch-Kincaid grade of a text, without names (Kincaid et al. 1975).

    0.39 words per sentence + 11.8 syllables per word - 15.59. Left out are the given names, and what looks
    like one: capitals in it or after the first word, digits, slashes. 0 for a text without words.
    """
    for name in names:
        text = text.replace(name, "")
    counted = [_plain_words(sentence) for sentence in sentences(text)]
    total = sum(map(len, counted))
    if not total:
        return 0.0
    sounds = sum(syllables(word) for sentence in counted for word in sentence)
    return 0.39 * total / sum(map(bool, counted)) + 11.8 * sounds / total - 15.59


def _plain_words(sentence: str) -> list[str]:
    found = word_list(sentence)
    return [
        word for place, word in enumerate(found) if not (_is_name_like(word) or (place and word[0].isupper()))
    ]


@lru_cache(maxsize=10_000)
def _is_name_like(word: str) -> bool:
    return _NAME_LIKE.search(word) is not None


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """What two sets share, as a part of what they hold together; 0 for two empty sets."""
    together = len(first | second)
    return len(first & second) / together if together else 0.0


def shortened(text: str, most: int = 60) -> str:
    """The beginning of a text, for a message."""
    line = " ".join(text[: 2 * most].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
