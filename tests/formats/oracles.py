"""Independent readers and writers of formats, as the differential tests use them.

They are packages of the development group only. What each of them is asked is what our reader is asked too: the kind
of a question, its text, its options and keys. Texts are compared as a reader of the page sees them.
"""

from __future__ import annotations

import re
import sys
import tempfile
import types
import warnings
from dataclasses import dataclass
from typing import Any

from lxml.html import fromstring
from moodle_xml_parser import parser as moodle_oracle
from text2qti.config import Config
from text2qti.qti import QTI
from text2qti.quiz import Quiz

from app.exam.item import Item
from app.formats.reading import Reading
from tests.formats.written import shown


def text_of(markup: str) -> str:
    """What a browser shows of HTML, white space aside."""
    spaced = re.sub(r"(?i)<(?!/?(?:em|strong|b|i|code|sup|sub|span)\b)", " <", markup)
    return " ".join("".join(map(str, fromstring(f"<div>{spaced}</div>").itertext())).split())


class _AsText:
    """In the place of html2text, which the converter of QTI 3 imports and whose licence keeps it out."""

    def handle(self, markup: str) -> str:
        return text_of(markup)


_html2text: Any = types.ModuleType("html2text")
_html2text.HTML2Text = _AsText
sys.modules.setdefault("html2text", _html2text)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # regular expressions with escapes that Python will refuse one day
    import citolab_qti_json_schema_converters as qti_3_oracle
    from pygiftparser import answer as gift_answers
    from pygiftparser import parser as gift_oracle


@dataclass(frozen=True)
class Told:
    """One question as one of the two sides tells it: each option with whether it is a key."""

    kind: str
    stem: str
    options: tuple[tuple[str, bool], ...]


def ours(reading: Reading) -> list[Told]:
    """The questions of a reading of ours; none may be left out."""
    assert reading.pack is not None, reading.faults
    assert reading.skipped == ()
    return [told_by(item) for item in reading.pack.items]


def told_by(item: Item) -> Told:
    """An item as a question."""
    options = tuple((shown(option.text), option.key) for option in item.options)
    return Told(item.type.value, shown(item.stem), options)


def moodle_xml(content: bytes) -> list[Told]:
    """The questions with several answers in a file of Moodle, in its order."""
    return [
        Told(
            "single" if question.single else "multiple",
            text_of(question.text_pre_parse),
            tuple((text_of(option.answer), option.score_fraction > 0) for option in question.options),
        )
        for question in moodle_oracle.parse_bytes(content)["multichoice"]
    ]


def qti_3(content: bytes) -> list[Told]:
    """The choices in a package of QTI 3, in the order of its manifest."""
    told = []
    for item in _document(content).items:
        assert item.interaction_type is not None
        keys = qti_3_oracle.split_answer_values(item.answer)
        options = tuple((each.value, each.id in keys) for each in item.question_options or ())
        told.append(Told(item.interaction_type.value, " ".join(item.question.split()), options))
    return told


def qti_3_again(content: bytes) -> bytes:
    """A package of QTI 3 as the converter writes it after it has read it."""
    return bytes(qti_3_oracle.convert_exam_document_to_qti_bytes(_document(content)))


def _document(content: bytes) -> qti_3_oracle.ExamDocument:
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:  # it takes a name only
        file.write(content)
        file.flush()
        return qti_3_oracle.convert_qti_zip_to_exam_document(file.name)


def canvas(text: str) -> bytes:
    """The package for Canvas (QTI 1.2) that text2qti makes of a quiz in its own notation."""
    return bytes(QTI(Quiz(text, config=Config(), source_name="quiz.txt")).zip_bytes())


__all__ = [
    "Told",
    "canvas",
    "gift_answers",
    "gift_oracle",
    "moodle_xml",
    "ours",
    "qti_3",
    "qti_3_again",
    "text_of",
    "told_by",
]
