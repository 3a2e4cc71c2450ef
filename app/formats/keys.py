"""What a source says is right, in the ways that people write it, to the options that it means.

`chosen("B and E", texts)` reads letters, numbers, texts of options, labels and lists of them. What plain numbers
mean (counted from 1, from 0, or texts that are numbers) is a matter of the whole file: `numbering` looks at all of
its keys. `letters` reads the letters that a line of text begins with. Pure; never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

MAX_SAID = 20_000
DISAGREE = (
    "keys-disagree",
    "the marks at the options name others than the answer beside them; the options were taken",
)
"""Rule and message of a question whose options say themselves which of them are right, and whose answer says else."""
_CLOSED = re.compile(r"[*_`)\].:]")
_LETTER = re.compile(
    r"[\s*_`(\[\"“]*+(?:(?:options?|choices?|answers?)(?:\b\s*+:?\s*+|_|(?=[A-Z]\s*+$)))?[*_`(\[]*+"
    r"(?P<letter>[A-Za-z])(?P<closed>[*_`)\].:\"”]*+)(?![^\W_]|['\u2019])",
    re.IGNORECASE,
)
_JOIN = re.compile(r"\s*+(?:[,;/&+|]\s*+(?:and\b\s*+)?|\b(?:and|und|et|y)\b\s*+)", re.IGNORECASE)
_RUN = re.compile(r"[\s*_`(\[]*+(?P<run>[A-Z]{2,10})[*_`)\].:]*+(?![^\W_]|['\u2019])")
_LOOSE_RUN = re.compile(r"[A-Za-z](?: {1,3}[A-Za-z]){1,9}")
_GOES_ON = re.compile(r"\s*+(?:[^\w?]*+$|\n|[-\u2013\u2014→:;,.!(<|✓✔✅]|=>|\s{2})")
_EITHER = re.compile(
    r"\s++(?:or|oder|ou?|или|lub|eller)\b|\s?[-\u2013\u2014]\s?[A-Za-z](?![A-Za-z])",
    re.IGNORECASE,
)
_ARTICLES = frozenset("AI")
_NUMBERS = re.compile(
    r"[\s(\[#]*+(?:(?:options?|choices?|answers?)[\s#:_]*+)?\d{1,4}[)\].]?"
    r"(?:\s*+(?:[,;/&+|]|\band\b)\s*+[(\[#]?\d{1,4}[)\].]?|\s++\d{1,4}){0,20}[\s)\]]*+",
    re.IGNORECASE,
)
_NUMBERED_TEXT = re.compile(r"\s*+(\d{1,2})[.):]\s++(?=\S)")
_SPACE = re.compile(r"\s+")
_WORDS = re.compile(r"\w+")


class Numbers(Enum):
    """What plain numbers in the keys of a file mean."""

    FROM_ONE = "from 1"
    FROM_ZERO = "from 0"
    TEXTS = "texts"


class Numbering(NamedTuple):
    """What the keys of a file mean: plain numbers, and whether that is sure.

    `texts_too`: whether the numbers may just as well be texts; `letters_too`: whether what is a text may be a letter.
    """

    meaning: Numbers
    sure: bool
    texts_too: bool = False
    letters_too: bool = True


def letters(text: str) -> tuple[tuple[str, ...], str] | None:
    """The letters (upper case) of a key that a text begins with, and what follows them; None when it has none.

    "B", "(b)", "B and E", "A, C, D", "BD", "Option C" and "B. The flag" are keys; "A company has" is not.
    """
    text = text[:MAX_SAID]
    if run := _RUN.match(text):
        found = run["run"]
        if list(found) == sorted(set(found)) and _GOES_ON.match(text, run.end()):
            return tuple(found), text[run.end() :]
    if _LOOSE_RUN.fullmatch(text.strip()):
        return tuple(text.upper().split()), ""
    named: list[str] = []
    at, closed = 0, False
    while item := _LETTER.match(text, at):
        named.append(item["letter"])
        at, closed = item.end(), bool(_CLOSED.search(item["closed"]))
        join = _JOIN.match(text, at)
        if not join or not _LETTER.match(text, join.end()):
            break
        at = join.end()
    if not named or not (closed or _stands_alone(named, text, at)):
        return None
    return tuple(dict.fromkeys(letter.upper() for letter in named)), text[at:]


def _stands_alone(named: list[str], text: str, end: int) -> bool:
    """Whether what follows unmarked letters leaves them a key: not when they may be words themselves."""
    if _EITHER.match(text, end):
        return False
    if _GOES_ON.match(text, end):
        return True
    return text[end : end + 1] == " " and named[-1].isupper() and named[-1] not in _ARTICLES


def numbers(text: str) -> tuple[int, ...] | None:
    """The plain numbers of a key ("2", "1,3,4", "#2", "1 and 3"); None when it is anything else."""
    if len(text) > MAX_SAID or not _NUMBERS.fullmatch(text):
        return None
    return tuple(int(number) for number in re.findall(r"\d+", text))


def numbering(questions: Iterable[tuple[str, Sequence[str]]], usual: Numbers = Numbers.FROM_ONE) -> Numbering:
    """What plain numbers mean in a file, by the key and the option texts of each question; and whether that is sure.

    The meaning that fits most questions wins, `usual` among equals, which is then not sure.
    """
    fits = dict.fromkeys(Numbers, 0)
    only_texts = only_letters = False
    for said, texts in questions:
        found = numbers(said)
        if not found:
            by_letter, by_text = _by_letters(said, texts), _by_text(said, texts)
            only_texts |= by_letter is None and by_text is not None
            only_letters |= by_letter is not None and by_text is None
            continue
        fits[Numbers.FROM_ONE] += all(1 <= number <= len(texts) for number in found)
        fits[Numbers.FROM_ZERO] += all(number < len(texts) for number in found)
        fits[Numbers.TEXTS] += _by_text(said, texts) is not None
    best = max(fits, key=lambda meaning: (fits[meaning], meaning is usual))
    sure = sum(count == fits[best] for count in fits.values()) == 1
    texts_too = best is not Numbers.TEXTS and 0 < fits[best] == fits[Numbers.TEXTS]
    return Numbering(best, sure or not any(fits.values()), texts_too, only_letters or not only_texts)


def doubtful(said: str, texts: Sequence[str], numbering: Numbering, labels: Sequence[str] = ()) -> bool:
    """Whether a key may mean two things: a letter or number that is also the text of another option.

    Labels of the source are never in doubt, nor are numbers where the rest of the file tells what they mean.
    """
    said = said.strip()
    by_text = _by_text(said, texts)
    if by_text is None or _matching(said, labels) is not None:
        return False
    if found := numbers(said):
        first = 0 if numbering.meaning is Numbers.FROM_ZERO else 1
        other = _places((number - first for number in found), len(texts)) if numbering.texts_too else None
    else:
        other = _by_letters(said, texts) if numbering.letters_too else None
    return other not in (None, by_text)


def chosen(
    said: str,
    texts: Sequence[str],
    labels: Sequence[str] = (),
    meaning: Numbers = Numbers.FROM_ONE,
) -> frozenset[int] | None:
    """The places (from 0) of the options that a key names; None when it names none of them.

    `labels` are what the source itself calls its options, in their order.
    """
    said = said.strip()
    if not said or len(said) > MAX_SAID:
        return frozenset() if not said else None
    whole = _one(said, texts, labels, meaning)
    if whole is not None:
        return whole
    for separator in ("\n", "|", ";", ","):
        parts = [part for part in said.split(separator) if part.strip()]
        if 1 < len(parts) <= len(texts):
            found = [_one(part.strip(), texts, labels, meaning) for part in parts]
            if all(each is not None for each in found):
                return frozenset().union(*(each for each in found if each is not None))
    return None


def _one(said: str, texts: Sequence[str], labels: Sequence[str], meaning: Numbers) -> frozenset[int] | None:
    """The options that a key names when it is no list of texts."""
    by_label = _matching(said, labels)
    if by_label is not None:
        return by_label
    found = numbers(said)
    if found and meaning is not Numbers.TEXTS:
        first = 1 if meaning is Numbers.FROM_ONE else 0
        return _places((number - first for number in found), len(texts))
    by_text = _by_text(said, texts)
    if by_text is not None:
        return by_text
    if found:
        return _places((number - 1 for number in found), len(texts))
    if (numbered := _NUMBERED_TEXT.match(said)) and meaning is not Numbers.TEXTS:
        place = int(numbered[1]) - 1
        if place < len(texts) and _plain(said[numbered.end() :]) == _plain(texts[place]):
            return frozenset((place,))
    if named := letters(said):
        places = _places((ord(letter) - ord("A") for letter in named[0]), len(texts))
        return None if places is None or at_odds(named[1], texts, places) else places
    return None


def at_odds(rest: str, texts: Sequence[str], places: frozenset[int]) -> bool:
    """Whether what follows the letters of a key is the text of another option than they name."""
    found = _matching(rest, texts)
    return found is not None and not found & places


def _by_letters(said: str, texts: Sequence[str]) -> frozenset[int] | None:
    """The options that a key names which is nothing but letters."""
    named = letters(said)
    if named is None or named[1].strip():
        return None
    return _places((ord(each) - ord("A") for each in named[0]), len(texts))


def ambiguous(said: str) -> tuple[str, str]:
    """Rule and message of a key in doubt."""
    message = f"the answer {said[:80]!r} is the place of one option and the text of another; mark the key"
    return "ambiguous-answer", message


def _places(found: Iterable[int], count: int) -> frozenset[int] | None:
    places = frozenset(found)
    return places if all(0 <= place < count for place in places) else None


def _by_text(said: str, texts: Sequence[str]) -> frozenset[int] | None:
    found = _matching(said, texts)
    if found is None:
        return None
    return found if len(found) == 1 else None


def _matching(said: str, among: Sequence[str]) -> frozenset[int] | None:
    """The places of a text among others: the same but for case and space, else the same words."""
    for shape in (_folded, _plain):
        wanted = shape(said)
        found = frozenset(place for place, text in enumerate(among) if wanted and shape(text) == wanted)
        if found:
            return found
    return None


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))
