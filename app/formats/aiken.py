"""Aiken, the plainest of Moodle's formats: a line with the question, lettered options, and `ANSWER: B`.

    Which signal helps in fog?
    A) The long horn
    B) The flag
    ANSWER: A

Read more widely than Moodle does: a question of several lines, options that go on on the next line, and
`ANSWER: A, C` for several right ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.exam.faults import Fault, Place
from app.formats.decoding import decode, peek
from app.formats.drafts import MAX_QUESTIONS, Found, FoundOption, assemble, broken, unreadable
from app.formats.keys import chosen
from app.formats.markup import from_plain
from app.formats.reading import Reading
from app.formats.source import Source

NAME = "aiken"
MAX_LINES = 500_000
MAX_ANSWER = 100

_OPTION = re.compile(r"([A-Z])[).][ \t]*(.*)")
_ANSWER = re.compile(r"ANSWER\s*:\s*(.*)", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z](?:(?:\s*[,;&/]\s*|\s+and\s+|\s+)?[A-Z])*[.)]?")
_MARK = re.compile(r"^[A-Z][).][^\n]*\n(?:[^\n]*\n){0,40}?ANSWER: *[A-Z]\b", re.MULTILINE)
_NOT_AIKEN = re.compile(r"\s*(<[?!a-zA-Z]|[\[{]\s*[\[{\"])")
_MARKDOWN = re.compile(r"^(#{1,6} |\*\*|- \[|```)", re.MULTILINE)
_MORE = re.compile(
    r"(?:\A|^ANSWER\s*:[^\n]*\n)\s*(?:(?:explanation|rationale|reason|feedback|justification|reference)s?\s*:"
    r"|question\s+#?\d{1,4}\b|Q?\d{1,4}\s?[.):](?!\d))",
    re.IGNORECASE | re.MULTILINE,
)
"""What Aiken has no place for at the beginning and below an answer: a number, or a reason."""


@dataclass(slots=True)
class _Draft:
    """A question as far as it was read."""

    line: int
    stem: list[str] = field(default_factory=list)
    options: list[tuple[str, list[str]]] = field(default_factory=list)


def detect(given: Source) -> bool:
    """Whether the one file has lettered options and below them a line `ANSWER: X`, and no signs of Markdown.

    Numbers and reasons are such signs: the reader of Markdown and plain text knows what they are.
    """
    if len(given.files) != 1:
        return False
    (content,) = given.files.values()
    text = peek(content)
    if text is None or _NOT_AIKEN.match(text) or _MARKDOWN.search(text) or _MORE.search(text):
        return False
    return bool(_MARK.search(text))


def read(given: Source) -> Reading:
    """Read every file of the source."""
    found: list[Found] = []
    faults: list[Fault] = []
    readable = False
    for name, content in sorted(given.files.items()):
        text, told = decode(name, content, MAX_LINES)
        faults += told
        if text is not None:
            readable = True
            _read_file(name, text.split("\n"), found, faults)
    return assemble(NAME, given, found, (), faults) if readable else unreadable(NAME, faults)


def _read_file(file: str, lines: list[str], found: list[Found], faults: list[Fault]) -> None:
    following = _marks_after(lines)
    draft: _Draft | None = None

    def give_up(rule: str, message: str) -> None:
        if draft is not None:
            faults.append(broken(Place(file, draft.line), rule, message))

    for number, line in enumerate(lines, 1):
        if len(found) + len(faults) > MAX_QUESTIONS:
            return
        bare = line.strip()
        option, answer = _OPTION.match(bare), _ANSWER.match(bare)
        if answer:
            draft = draft or _Draft(number)
            made = _question(file, draft, answer[1].strip(), len(found) + 1)
            if isinstance(made, Found):
                found.append(made)
            else:
                faults.append(made)
            draft = None
        elif option:
            draft = draft or _Draft(number)
            draft.options.append((option[1], [option[2]]))
        elif draft is not None and draft.options and bare:
            if _goes_on(draft, following[number - 1]):
                draft.options[-1][1].append(bare)
            else:
                give_up("no-answer", "the question has no line ANSWER: with the letter of the key")
                draft = _Draft(number, [bare])
        elif draft is not None and not draft.options:
            draft.stem.append(bare)
        elif bare:
            draft = _Draft(number, [bare])
    give_up("no-answer", "the question has no line ANSWER: with the letter of the key")


def _marks_after(lines: list[str]) -> list[str]:
    """For each line, the letter of the next option after it, `!` for the next answer, or nothing."""
    marks = [""] * len(lines)
    after = ""
    for index in range(len(lines) - 1, -1, -1):
        marks[index] = after
        bare = lines[index].strip()
        if _ANSWER.match(bare):
            after = "!"
        elif found := _OPTION.match(bare):
            after = found[1]
    return marks


def _goes_on(draft: _Draft, following: str) -> bool:
    """Whether a line below an option is part of it: what follows belongs to the same question."""
    return following == "!" or following == chr(ord(draft.options[-1][0]) + 1)


def _question(file: str, draft: _Draft, answer: str, number: int) -> Found | Fault:
    at = Place(file, draft.line)
    letters = [letter for letter, _ in draft.options]
    stem = from_plain("\n".join(draft.stem)).text
    if not stem:
        return broken(at, "empty-stem", "there is no question above its options or its answer")
    if len(set(letters)) < len(letters):
        return broken(
            at, "duplicate-letter", f"the options are lettered {', '.join(letters)}; give each its own"
        )
    named = re.findall("[A-Z]", answer) if len(answer) <= MAX_ANSWER and _LETTERS.fullmatch(answer) else []
    if not named:  # "B. The flag", or the text alone
        places = chosen(answer, [" ".join(text) for _, text in draft.options]) or ()
        named = [letters[place] for place in sorted(places)]
    notes = []
    if unknown := [letter for letter in named if letter not in letters] or ([] if named else [answer[:40]]):
        notes.append(("unknown-answer", f"the answer names {', '.join(unknown)!r}, which is no option"))
    options = tuple(
        FoundOption(from_plain("\n".join(text)).text, key=letter in named and not notes)
        for letter, text in draft.options
    )
    multiple = len(set(named)) > 1
    return Found(at, stem, options, multiple, locator=f"question {number}", notes=tuple(notes))
