"""A pack: a versioned collection of items, with the exams that it defines."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from app.exam.item import Item, canonical, to_plain
from app.exam.lexicon import Lexicon

TUTORIAL = "tutorial"
"""The id of the exam that teaches the exam screen: sat as practice, and listed nowhere."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What the report is broken down by."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What an item is about. The id is that of a chapter (`fog`) or of a subject in it (`fog/horns`)."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The reporting scale: S(0) = min, the cut score, S(n) = max."""

    min: int = 100
    cut: int = 750
    max: int = 1000


@dataclass(frozen=True, slots=True)
class Cut:
    """The standard: `raw_equivalent` right of the scored items, on a half point, and who set it when."""

    raw_equivalent: float
    source: str


@dataclass(frozen=True, slots=True)
class MultipleAnswer:
    """How many multiple-answer items a form holds, bounds included."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Exam:
    """The specification of an exam: everything that makes it this exam and not another."""

    id: str
    title: str
    items: int
    minutes: int
    blueprint: dict[str, float]
    scale: Scale
    cut: Cut
    pilots: int = 0
    grace_seconds: int = 60
    multiple_answer: MultipleAnswer | None = None
    per_service: int | None = None
    per_company: int | None = None
    overlap: int | None = None
    embargo_days: int = 0
    note: str = ""

    @property
    def scored(self) -> int:
        """How many items of a form count."""
        return self.items - self.pilots

    @property
    def cut_share(self) -> float:
        """π_c: the share of the scored items that the standard asks for."""
        return self.cut.raw_equivalent / self.scored


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as its reader made it. `domains` in report order, `exams` default first.

    `topics` gives the ids that its items may use, with their titles; when it is empty, they may use any.
    `lexicon` holds the words of its subject that the item-writing rules need to know.
    """

    id: str
    version: str
    title: str
    language: str
    license: str
    authors: tuple[str, ...]
    domains: tuple[Domain, ...]
    exams: tuple[Exam, ...]
    items: tuple[Item, ...]
    approvals: int = 0
    topics: tuple[Topic, ...] = ()
    lexicon: Lexicon | None = None

    @property
    def sha256(self) -> str:
        """Hash of the whole pack; two packs with the same hash are the same pack."""
        return hashlib.sha256(canonical(self.plain()).encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """The pack as plain JSON values, items included."""
        apart = ("items", "domains", "topics", "lexicon", "exams")
        head = {name: value for name, value in asdict(self).items() if name not in apart}
        # Left out when there are none, so that a pack from before there were topics keeps its hash.
        topics = {"topics": [asdict(topic) for topic in self.topics]} if self.topics else {}
        lexicon = {"lexicon": self.lexicon.plain()} if self.lexicon else {}
        return {
            **head,
            **topics,
            **lexicon,
            "domains": [asdict(domain) for domain in self.domains],
            "exams": [asdict(exam) for exam in self.exams],
            "items": [to_plain(item) for item in self.items],
        }


def exam_from_plain(plain: dict[str, Any]) -> Exam:
    """An exam from stored JSON: no checks."""
    multiple = plain.get("multiple_answer")
    return Exam(
        **{
            **plain,
            "scale": Scale(**plain["scale"]),
            "cut": Cut(**plain["cut"]),
            "multiple_answer": MultipleAnswer(**multiple) if multiple else None,
        }
    )
