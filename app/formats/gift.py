"""GIFT, Moodle's plain text format: multiple choice, multiple answer and true/false come in, the rest is named.

`~` is a wrong option and `=` a right one; without any `=` the question has several right ones, those with a
positive weight (`~%50%`). Text after the braces makes a gap of them. A question of another kind (short answer,
numerical, matching, essay, description) is skipped with its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.exam.faults import Fault, Place
from app.formats.decoding import decode, peek
from app.formats.drafts import (
    MAX_OPTIONS,
    MAX_QUESTIONS,
    Found,
    FoundOption,
    assemble,
    broken,
    moodle_category,
    unreadable,
)
from app.formats.gift_text import MOODLE, Block, blocks, shown, tagged, titled
from app.formats.markup import Gathered, Marked, from_html, from_markdown, from_mixed, from_plain
from app.formats.media import Image, Media
from app.formats.reading import Reading, Skipped
from app.formats.source import Source

NAME = "gift"
GAP = "_____"
FULL = 100.0
MAX_SIGNS = 1_000
MAX_LINES = 500_000

_TRUE_FALSE = re.compile(r"(?P<truth>T|TRUE|F|FALSE)\s*(?:#(?P<told>.*))?", re.DOTALL | re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:[.,]\d{1,10})?)%")
_PIECE = re.compile(r"([=~])([^=~]*)")
_CLOZE = re.compile(r"\d*:[A-Z_]+:")
# What only GIFT writes: answers in braces, a category, a title, a format tag, a tag in a comment …
_MARK = re.compile(
    r"(?<!\\)\{\s*+(?://[^\n]*+\n\s*+)*+(?:[=~]|#\s*[-=\d.]|(?:T|TRUE|F|FALSE)\s*(?:\}|#))"
    r"|^[ \t]*(?:\$CATEGORY:|::[^:\n]+::|\[(?:html|markdown|plain|moodle)\]|//[ \t]*\[(?:tag|id):)",
    re.MULTILINE,
)
# … or empty braces at the end of a sentence that ends a paragraph; in a program they follow other signs.
_ESSAY = re.compile(r"[\w.?!:>]\s*(?<!\\)\{\s*\}\s*(?:\n[ \t]*\n|\Z)")
_PROGRAM = re.compile(r"[;){]\s*$|=>", re.MULTILINE)
_NOT_GIFT = re.compile(r"\s*(<[?!a-zA-Z]|\[\s*[\[{\"]|\{\s*[\"}])")
_IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")


@dataclass(slots=True)
class _Pile:
    """What was found so far. `image` finds the images of the file that is being read."""

    image: Image
    found: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many questions there were so far."""
        return len(self.found) + len(self.skipped) + len(self.faults)


def detect(given: Source) -> bool:
    """Whether a file holds answers in braces as only GIFT writes them, or a category or title of it."""
    texts = [peek(content) for _, content in _text_files(given)]
    return any(text is not None and not _NOT_GIFT.match(text) and _is_gift(text) for text in texts)


def _is_gift(text: str) -> bool:
    return bool(_MARK.search(text) or (_ESSAY.search(text) and not _PROGRAM.search(text)))


def read(given: Source) -> Reading:
    """Read every text file of the source; images beside them are found by their names."""
    media = Media()
    found: list[Found] = []
    skipped: list[Skipped] = []
    faults: list[Fault] = []
    readable = False
    for name, content in _text_files(given):
        text, told = decode(name, content, MAX_LINES)
        faults += told
        if text is not None:
            readable = True
            pile = _Pile(media.among(given.files, name))
            _read_file(name, text, pile)
            found += pile.found
            skipped += pile.skipped
            faults += pile.faults
    if not readable:
        return unreadable(NAME, faults)
    return assemble(NAME, given, found, skipped, faults, media.files)


def _text_files(given: Source) -> list[tuple[str, bytes]]:
    if len(given.files) == 1:
        return list(given.files.items())
    return [(name, c) for name, c in sorted(given.files.items()) if not name.lower().endswith(_IMAGE_ENDINGS)]


def _read_file(file: str, text: str, pile: _Pile) -> None:
    category: tuple[str, ...] = ()
    for block in blocks(text):
        if block.category is not None:
            category = moodle_category(block.category)
            continue
        for part in _questions(block):
            _read_question(file, part, category, pile)
            if pile.count > MAX_QUESTIONS:
                return


def _questions(block: Block) -> Iterator[Block]:
    """A block as one question, or as several when empty lines between them were forgotten."""
    start, line = 0, block.line
    for cut in _forgotten(block.text):
        yield replace(block, text=block.text[start:cut], line=line, gap=block.gap or start > 0)
        line += block.text.count("\n", start, cut + 1)
        start = cut + 1
        block = replace(block, tags=[], ident="")
    yield replace(block, text=block.text[start:], line=line, gap=block.gap or start > 0)


def _forgotten(text: str) -> Iterator[int]:
    """Where the line ends after the braces of a question when other braces begin on a later line."""
    closed = None
    for number, brace in enumerate(re.finditer("[{}]", text)):
        if brace[0] != "{}"[number % 2]:
            return
        if brace[0] == "}":
            closed = brace.start()
        elif closed is not None and (cut := text.find("\n", closed, brace.start())) >= 0:
            yield cut


def _read_question(file: str, block: Block, category: tuple[str, ...], pile: _Pile) -> None:
    at = Place(file, block.line)
    title, text = titled(block.text)
    start, end = text.find("{"), text.find("}")
    if start < 0 and end < 0:
        pile.skipped.append(Skipped(at, "a description (a text without answers) is not delivered"))
        return
    if start < 0 or end < start or re.search("[{}]", text[start + 1 : end] + text[end + 1 :]):
        message = "the braces do not match; write \\{ and \\} where a brace is part of the text"
        pile.faults.append(broken(at, "unbalanced-braces", message))
        return
    answers, _, general = text[start + 1 : end].partition("####")
    answers = answers.strip()
    kind = _kind(answers)
    if kind not in ("choice", "true-false"):
        pile.skipped.append(Skipped(at, f"{kind} questions are not delivered"))
        return
    format_name, before = tagged(text[:start], MOODLE)
    question = _Question(Gathered(), pile.image, format_name)
    stem = question.marked(_with_gap(before, text[end + 1 :], kind == "choice"), tag=False)
    try:
        options, multiple = question.choice(answers) if kind == "choice" else question.true_false(answers)
    except _BadAnswersError as error:
        pile.faults.append(broken(at, error.rule, str(error)))
        return
    feedback = question.marked(general)
    notes = list(question.texts.notes)
    if block.gap:
        notes.append(
            ("empty-line", "an empty line is missing before the question, or stands inside its braces")
        )
    pile.found.append(
        Found(
            at,
            stem,
            options,
            multiple,
            locator=f"question {pile.count + 1}",
            title=title,
            ident=block.ident,
            feedback=feedback,
            category=category,
            tags=tuple(tag for tag in block.tags if tag),
            unmapped=question.texts.unmapped,
            notes=tuple(notes),
        )
    )


def _kind(answers: str) -> str:
    """What kind of question the text between the braces makes."""
    if not answers:
        return "essay"
    if answers.startswith("#"):
        return "numerical"
    if _CLOZE.match(answers):
        return "cloze"
    if _TRUE_FALSE.fullmatch(answers):
        return "true-false"
    if "~" in answers:
        return "choice"
    if "->" in answers and answers.startswith("="):
        return "matching"
    return "short-answer"


def _with_gap(before: str, after: str, choice: bool) -> str:
    """The text of a question; text after its braces makes a gap of them (a full stop behind true/false does not)."""
    if not after.strip():
        return before
    return f"{before}{GAP}{after}" if choice else f"{before.rstrip()} {after.strip()}"


class _BadAnswersError(ValueError):
    """The answers of a question contradict GIFT; `rule` is the name of what is wrong."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(slots=True)
class _Question:
    """The texts of one question, whose format its answers have too unless they name another."""

    texts: Gathered
    image: Image
    format_name: str

    def marked(self, text: str, *, tag: bool = True) -> str:
        """A part of the question as Markdown; `tag`: whether it may name its format itself."""
        name, rest = tagged(text, self.format_name) if tag else (self.format_name, text)
        return self.texts.take(_as_markdown(name, shown(rest), self.image))

    def true_false(self, answers: str) -> tuple[tuple[FoundOption, ...], bool]:
        """The options of a true/false question. Its first feedback is for the wrong answer, then for the right."""
        found = _TRUE_FALSE.fullmatch(answers)
        assert found is not None
        truth = found["truth"].upper().startswith("T")
        wrong, _, right = (found["told"] or "").partition("#")
        told = {truth: self.marked(right.strip()), not truth: self.marked(wrong.strip())}
        return tuple(FoundOption(str(v), key=v is truth, feedback=told[v]) for v in (True, False)), False

    def choice(self, answers: str) -> tuple[tuple[FoundOption, ...], bool]:
        """The options of a choice, and whether it has several right ones. Raises _BadAnswersError."""
        first = re.match("[^=~]*", answers)
        if first and first[0].strip():
            message = f"{shown(first[0].strip())[:60]!r} stands before the first option; begin it with ~ or ="
            raise _BadAnswersError("stray-text", message)
        if (signs := answers.count("=") + answers.count("~")) > MAX_SIGNS:
            raise _BadAnswersError("option-count", f"{signs} options; an item has {MAX_OPTIONS} at most")
        pieces = [(sign, text) for sign, text in _PIECE.findall(answers) if text.strip() or sign == "="]
        if len(pieces) > MAX_OPTIONS:
            raise _BadAnswersError(
                "option-count", f"{len(pieces)} options; an item has {MAX_OPTIONS} at most"
            )
        multiple = all(sign == "~" for sign, _ in pieces)
        return tuple(self._option(sign, text, multiple) for sign, text in pieces), multiple

    def _option(self, sign: str, text: str, multiple: bool) -> FoundOption:
        found = _WEIGHT.match(text)
        weight = float(found[1].replace(",", ".")) if found else None
        body, _, told = (text[found.end() :] if found else text).partition("#")
        key = (weight or 0) > 0 if multiple else sign == "="
        _check_weight(weight, key, multiple)
        return FoundOption(self.marked(body.strip()), key, self.marked(told.strip()), weight)


def _check_weight(weight: float | None, key: bool, multiple: bool) -> None:
    """Raises _BadAnswersError when a weight contradicts the sign before it, or is none."""
    if weight is None:
        return
    if abs(weight) > FULL:
        raise _BadAnswersError("bad-weight", f"the weight {weight:g} is not between -100 and 100")
    if not multiple and key and weight <= 0:
        raise _BadAnswersError("bad-weight", f"an option marked = (right) has the weight {weight:g}")
    if not multiple and not key and weight >= FULL:
        raise _BadAnswersError("bad-weight", f"an option marked ~ (wrong) has the weight {weight:g}")


def _as_markdown(format_name: str, text: str, image: Image) -> Marked:
    if format_name == "html":
        return from_html(text, image)
    if format_name == "markdown":
        return from_markdown(text.strip("\n"), image)
    if format_name == "plain":
        return from_plain(text)
    return from_mixed(text, image)
