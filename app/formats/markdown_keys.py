"""What a text says is right, and why: below a question, or in a key far from it (see markdown_read.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.formats.keys import letters
from app.formats.markdown_groups import ANSWER, BOX, EXPLAINS, FIRST
from app.formats.markdown_lines import Line, Look, line_of

_TITLE = re.compile(
    r"(?:part\s+\w+|section\s+\w+|appendix\s*\w?)?[\s:\u2013\u2014→-]*(?:the\s+)?(?:correct\s+|model\s+|official\s+)?"
    r"(?:answers?(?:\s*[-]?\s*(?:keys?|sheet|section|list))?|solutions?|keys?|respuestas|antworten|lösungen|答案)"
    r"(?:\s*(?:and|&|with|/|,)\s*(?:explanations?|rationales?|discussions?|solutions?|answers?))?"
    r"(?:\s+(?:to|for)\b.{0,60})?\s*[:\uff1a]?",
    re.IGNORECASE,
)
_IN_TITLE = re.compile(r"\b(?:answers?|answer[\s-]?keys?|solutions?)\b", re.IGNORECASE)
_NOT_TITLE = re.compile(
    r"questions?\s*(?:and|&|/|\+)\s*answers?|q\s*&\s*a|practice|mock|quiz|\?", re.IGNORECASE
)
_REPLY = re.compile(r"(?:answers?|ans|a|solution)\s{0,3}(?:to\s+)?(?:(?:question|q)\s*)?[.:#-]?\s{0,3}"
                    r"(?P<number>\d{1,4}(?:\.\d{1,4}){0,3})(?![\d%])(?P<rest>.*)$", re.IGNORECASE)  # fmt: skip
_PAIR = re.compile(
    r"\s*[*_(\[]*(?:q\s?)?(?P<number>\d{1,4}(?:\.\d{1,4}){0,3})\s*[.):\]*_=\u2013\u2014-]{0,4}\s*[*_(]*"
    r"(?P<said>[A-Za-z](?:\s?[,/&+]\s?[A-Za-z]){0,9}|[A-Z]{2,8}|(?=[a-h]{2,8}\b)a?b?c?d?e?f?g?h?)[*_)]*(?=[\s,;|]|$)\s*[,;|]?"
)
_EMPHASIS = "*_ \t"
_HEADER_NUMBER = re.compile(
    r"(?:q(?:uestion)?s?|no|nr|#|number|item)\b[\s.#]*(?:no|number|#)?\.?|#|№", re.IGNORECASE
)
_HEADER_ANSWER = re.compile(
    r"(?:correct\s+)?(?:ans(?:wers?)?|key|correct|solution|option|response)(?:\(s\))?(?:\s+\w+)?",
    re.IGNORECASE,
)
_TOP = re.compile(
    r"\s*[*_]{0,3}\[?[^\[\]\n]{0,20}(?:back\s+to|return\s+to|⬆|↑|go\s+to)\s*(?:the\s+)?(?:top|table|contents|toc|questions?)"
    r"|show\s+(?:\w+\s+)?answers?\s+hide\s+answers?",
    re.IGNORECASE,
)
_REST = re.compile(r"^[\s*_.,;):\]\u2013\u2014→>|=-]+")
_CELL_NUMBER = re.compile(r"(?:q(?:uestion)?\s?)?#?(\d{1,4}(?:\.\d{1,4}){0,3})\.?", re.IGNORECASE)
_MANY = re.compile(r"answers\b|\bkeys?\b|solutions\b|respuestas|antworten|lösungen|答案", re.IGNORECASE)
_ASKED = frozenset((*FIRST, BOX))
"""What comes next after the text of a question: its first option."""
MAX_PAIRS = 500
MAX_REMARKS = 4


@dataclass(slots=True)
class Told:
    """What is said of one question: the key as it is written (None when nothing is), and the lines of the reasons.

    `again` are keys that are written below the first: letters and nothing else.
    """

    said: str | None = None
    why: list[Line] = field(default_factory=list)
    again: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """One entry of a key that stands apart: the number of its question, and what it says."""

    number: str
    line: int
    told: Told


def is_title(line: Line) -> bool:
    """Whether a line announces a key."""
    bare = line.bare.strip("*_#: \t>")
    if line.look is Look.HEADING:
        titled = (
            bool(_IN_TITLE.search(bare))
            and not _NOT_TITLE.search(bare)
            and not (line.start and line.start.named)
        )
        return titled and not _REPLY.match(bare)
    return line.look is Look.TEXT and bool(_TITLE.fullmatch(bare)) and len(bare) < 100  # noqa: PLR2004


def is_table_head(line: Line) -> bool:
    """Whether a line is the head of a table that gives the key of numbered questions."""
    cells = _cells(line)
    return len(cells) > 1 and bool(_HEADER_NUMBER.fullmatch(cells[0])) and _answer_column(cells) > 0


def _answer_column(cells: Sequence[str]) -> int:
    """The place of the column that names the key; 0 when there is none."""
    named = (n for n, cell in enumerate(cells[:4]) if n and _HEADER_ANSWER.fullmatch(cell))
    return next(named, int(len(cells) == 2 and cells[1] == "A"))  # noqa: PLR2004 - Q and A


def _cells(line: Line) -> list[str]:
    if line.look is not Look.ROW:
        return []
    return [cell.strip(_EMPHASIS + "`") for cell in line.bare.strip("|").split("|")][:12]


def keys_apart(lines: Sequence[Line], ahead: Sequence[str]) -> tuple[list[bool], list[Entry]]:
    """The keys that stand apart from their questions: for each line, whether it is part of one; and their entries."""
    shut = [False] * len(lines)
    entries: list[Entry] = []
    place, seen = 0, False
    while place < len(lines):
        line = lines[place]
        seen = seen or line.mark is not None
        end = place
        if seen and is_table_head(line):
            end = _while(lines, place, lambda each: each.look is Look.ROW)
        elif seen and _pairs(line) and _is_bare_pair(lines, place):
            end = _while(lines, place, lambda each: each.look is Look.BLANK or bool(_pairs(each)))
        elif seen and is_title(line) and _opens(lines, place, ahead):
            end = _end(lines, place, ahead)
        found = _entries(lines[place:end], ahead[place:end])
        if found:
            shut[place:end] = [True] * (end - place)
            entries += found
        place = end if found else place + 1
    return shut, entries


def _while(lines: Sequence[Line], start: int, holds: Callable[[Line], bool]) -> int:
    return next((place for place in range(start + 1, len(lines)) if not holds(lines[place])), len(lines))


def _is_bare_pair(lines: Sequence[Line], place: int) -> bool:
    """Whether a line with pairs stands for itself: it has several, or the next line has some too."""
    if len(_pairs(lines[place])) > 1:
        return True
    below = next((line for line in lines[place + 1 : place + 3] if line.look is not Look.BLANK), None)
    return below is not None and bool(_pairs(below))


def _opens(lines: Sequence[Line], title: int, ahead: Sequence[str]) -> bool:
    """Whether an entry follows a title; below "Answers" (not "Answer") a remark may stand between."""
    remarks = MAX_REMARKS if _MANY.search(lines[title].bare) else 0
    for place in range(title + 1, min(title + 30, len(lines))):
        line = lines[place]
        if _pairs(line) or is_table_head(line) or _number_of(line, ahead[place]):
            return True
        idle = (
            line.look in (Look.BLANK, Look.RULE, Look.OPEN, Look.CLOSE)
            or line.bare.startswith(">")
            or is_title(line)
            or (line.look is lines[title].look is Look.HEADING and line.level > lines[title].level)
        )
        if not idle:
            remarks -= 1
            if remarks < 0 or line.look is Look.HEADING:
                return False
    return False


def _end(lines: Sequence[Line], start: int, ahead: Sequence[str]) -> int:
    """The place behind a key that begins with a title."""
    title = lines[start]
    for place in range(start + 1, len(lines)):
        line = lines[place]
        if line.look is Look.HEADING:
            higher = line.level <= title.level if title.look is Look.HEADING else True
            if higher and not is_title(line) and _number_of(line, ahead[place]) is None:
                return place
        elif _asks(line, ahead[place]):
            return place
    return len(lines)


def _asks(line: Line, ahead: str) -> bool:
    """Whether a line starts a question rather than an entry of a key."""
    if line.start is None or ahead not in _ASKED:
        return False
    return (
        letters(line.start.rest) is None
        and len(line.start.rest) > len("A, B and C")
        and line.start.rest.endswith("?")
    )


def _number_of(line: Line, ahead: str) -> tuple[str, str] | None:
    """The number and the rest of a line that begins an entry."""
    if line.look in (Look.CODE, Look.BLANK, Look.ROW, Look.RULE):
        return None
    bare = line.bare.strip("# \t>").lstrip(_EMPHASIS + "-•+ ")
    if reply := _REPLY.match(bare):
        return reply["number"], _REST.sub("", reply["rest"])
    start = line.start
    if start is None:
        return None
    if letters(start.rest) or ahead == ANSWER or (line.look is Look.HEADING and ahead not in _ASKED):
        return start.number, start.rest
    return None


def _pairs(line: Line) -> list[tuple[str, str]]:
    """The entries of a line that holds nothing but numbers with letters: `1. B  2. A, C`."""
    told = line.answer or line.bare
    if line.look is not Look.TEXT or not any(character.isdigit() for character in told[:8]):
        return []
    found: list[tuple[str, str]] = []
    at = 0
    bare = line.bare.lstrip("-*• ")
    if line.answer:  # "Answer key: 1-B, 2-A"; with one pair it is the answer of one question
        bare = line.answer
    while at < len(bare) and len(found) < MAX_PAIRS:
        pair = _PAIR.match(bare, at)
        if not pair:
            return []
        found.append((pair["number"], pair["said"].upper()))
        at = pair.end()
    return found if len(found) > 1 or not line.answer else []


def _entries(lines: Sequence[Line], ahead: Sequence[str]) -> list[Entry]:
    """The entries of a key."""
    found: list[tuple[str, int, list[Line]]] = []
    column, goes_on = 0, False
    for line, after in zip(lines, ahead, strict=True):
        if is_table_head(line):
            column = _answer_column(_cells(line))
        elif column and line.look is Look.ROW:
            cells = _cells(line)
            cell = _CELL_NUMBER.fullmatch(cells[0]) if column < len(cells) else None
            goes_on = False
            if cell:
                found.append((cell[1], line.number, [line_of(line.number, f"Answer: {cells[column]}")]))
        elif pairs := _pairs(line):
            goes_on = len(pairs) == 1
            found += [
                (number, line.number, [line_of(line.number, f"Answer: {said}")]) for number, said in pairs
            ]
        elif numbered := _number_of(line, after):
            number, rest = numbered
            goes_on = True
            said = f"Answer: {rest}" if letters(rest) else rest
            found.append((number, line.number, [line_of(line.number, said)] if rest else []))
        elif goes_on and not (
            line.look is Look.HEADING and line.answer is None and not EXPLAINS.match(line.bare)
        ):
            found[-1][2].append(line)
    return [Entry(number, line, told(below)) for number, line, below in found]


def told(lines: Sequence[Line]) -> Told:
    """What the lines below a question say is right, and why."""
    result = Told()
    listed: list[Line] | None = None
    for line in lines:
        if line.look is Look.RULE and result.said is not None and result.why:
            break
        if line.look in (Look.OPEN, Look.CLOSE, Look.RULE) or _TOP.match(line.bare):
            continue
        if (
            listed is not None
            and line.look is Look.TEXT
            and _is_listed(line)
            and (not listed or _is_item(line))
        ):
            listed.append(line)
            result.said = _said(listed)
            continue
        if listed is not None and line.look is not Look.BLANK:
            listed = None
        if line.answer is not None and (result.said is None or not line.answer):
            result.said = line.answer or result.said
            listed = [] if result.said is None else None
            continue
        if line.answer and (named := letters(line.answer)) and not named[1].strip(_EMPHASIS):
            result.again.append(line.answer)
        if line.look is Look.HEADING and (EXPLAINS.match(line.bare) or is_title(line)):
            continue
        if result.why or line.look is not Look.BLANK:
            result.why.append(_unlabelled(line) if not result.why else line)
    return result


def _is_item(line: Line) -> bool:
    return line.bare.startswith(("- ", "* ", "• ", "+ "))


def _is_listed(line: Line) -> bool:
    """Whether a line below the word "Answers" names one."""
    return letters(_without_bullet(line)) is not None


def _without_bullet(line: Line) -> str:
    return line.bare[2:].strip() if _is_item(line) else line.bare.lstrip("> ")


def _said(listed: Sequence[Line]) -> str:
    """The key of a list: the entries that are marked as right, or the only one, or all of them."""
    marked = [line for line in listed if line.mark is not None and line.mark.told] or listed
    if len(marked) == 1:
        return _without_bullet(marked[0])
    found = (letters(_without_bullet(line)) for line in marked)
    return ", ".join(each[0][0] for each in found if each)


def _unlabelled(line: Line) -> Line:
    """The first line of a reason without the word that announces it."""
    label = EXPLAINS.match(line.bare) if line.look is Look.TEXT else None
    if not label:
        return line
    rest = line.bare[label.end() :].strip()
    opened = line.bare[: label.end()].count("**") % 2
    rest = rest.removeprefix("**").strip() if opened else rest
    return Line(line.number, rest, Look.TEXT if rest else Look.BLANK, rest)


def after_letters(said: str) -> str:
    """What an answer says after its letters: the beginning of a reason."""
    found = letters(said)
    return _REST.sub("", found[1]).strip() if found else ""
