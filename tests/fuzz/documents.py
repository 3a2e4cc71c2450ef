"""Documents whose content is known: what every grammar of this folder gives, and the questions they are made of."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.formats.oracles import Told

LETTERS = "ABCDEF"
_PLAIN = """
the lamp fog horn bell keeper ships night storm harbour größer façade naïve 日本語 Ωmega x² half-lit don't 10 24/7
e.g. (dimly) light, tower; rope: 5% +3 co-op mañana Łódź №5 “quoted” — …
"""
_SIGNS = """
a<b c>d R&D &amp; f(x) {set} ~home =sum #1 50%50 back\\slash *star* `tick` [x] ]]> <b> _us_ "q"
"""
PLAIN = tuple(_PLAIN.split())
"""Words that mean nothing to any format."""
HARD = (*PLAIN, *_SIGNS.split())
"""With those that mean something to one, for formats that can say all."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file, the questions that are in it, and how many more of kinds that are not delivered."""

    name: str
    content: bytes
    told: tuple[Told, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question before it is written down. `keys` are places of options."""

    number: int
    stem: str
    options: tuple[str, ...]
    keys: frozenset[int]
    why: str

    @property
    def multiple(self) -> bool:
        """Whether several options are right."""
        return len(self.keys) > 1

    @property
    def letters(self) -> tuple[str, ...]:
        """The key in letters."""
        return tuple(LETTERS[place] for place in sorted(self.keys))

    @property
    def told(self) -> Told:
        """What a reader is to find."""
        options = tuple((text, place in self.keys) for place, text in enumerate(self.options))
        return Told("multiple" if self.multiple else "single", self.stem, options)


def phrase(rng: Random, words: Sequence[str], most: int = 8) -> str:
    """A few words, the first and the last of which are letters only: no format takes them for a sign."""
    middle = rng.choices(words, k=rng.randrange(most))
    return " ".join(
        [rng.choice(("Where", "Keep", "Which", "Signal")), *middle, rng.choice(("aboard", "lit", "now"))]
    )


def questions(
    rng: Random, words: Sequence[str] = HARD, *, several: bool = True, most: int = 6
) -> list[Question]:
    """Questions that all differ, with two to six options that differ."""
    made = []
    for number in range(1, rng.randint(1, most) + 1):
        options = tuple(
            f"{phrase(rng, words)} {word}"
            for word in rng.sample(("one", "two", "three", "four", "five", "six"), k=rng.randint(2, 6))
        )
        right = rng.randint(2, len(options)) if several and rng.random() < 0.3 else 1
        keys = frozenset(rng.sample(range(len(options)), k=right))
        why = phrase(rng, words) if rng.random() < 0.3 else ""
        made.append(Question(number, f"{phrase(rng, words, 15)} at pier {number}?", options, keys, why))
    return made


def zipped(rng: Random, files: Mapping[str, bytes]) -> bytes:
    """An archive, at times with one folder around everything."""
    target = io.BytesIO()
    top = rng.choice(("", "", "export/"))
    method = rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return target.getvalue()


def encoded(rng: Random, text: str) -> bytes:
    """A text with one of the ends of lines and in one of the encodings that programs write."""
    if rng.random() < 0.3:
        text = text.replace("\n", "\r\n")
    return text.encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))
