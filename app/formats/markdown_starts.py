"""Where the questions of a text begin (see markdown_read.py).

How questions begin is a habit of the whole file (headings with numbers, `Q1.`, `1.`, headings, rules, or nothing but
an empty line): the habit that most groups of options have above them is followed, and the others where it fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.formats.markdown_groups import ANSWER, EXPLAINS, Group
from app.formats.markdown_keys import is_title
from app.formats.markdown_lines import Line, Look

ENOUGH = 0.6
"""The share of the groups that must have a habit above them."""
_HABITS = ("numbered heading", "named", "heading", "numbered", "rule")
_EMPHASIS = "*_ "
INNER = re.compile(
    r"(?:the\s+)?(?:answer\s+)?(?:options?|choices?|questions?|answers?|scenario|background|context|situation|case|"
    r"requirements?|exhibit|code|possible answers)\s*:?",
    re.IGNORECASE,
)
_ONLY_LINK = re.compile(r"\[[^\[\]]{1,2000}\]\([^()\s]{0,2000}\)[\s.]*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a question may begin, and which habit that would be."""

    place: int
    habit: str
    number: str


def starts_of(
    lines: Sequence[Line], found: Sequence[Group], gaps: Sequence[list[Candidate]], habit: str | None
) -> list[int | None]:
    """The place where the question of each group begins; None for a group that belongs to the reasons above it."""
    starts: list[int | None] = []
    end, previous = 0, ""
    for group, gap in zip(found, gaps, strict=True):
        start = _start(lines, gap, habit, previous, end, group.start)
        if start is None and not end:
            start = group.start
        starts.append(start)
        end = group.end
        previous = next((each.number for each in gap if each.place == start), "") or previous
    return starts


def candidates_of(lines: Sequence[Line], shut: Sequence[bool], found: Sequence[Group]) -> list[Candidate]:
    inside = [False] * len(lines)
    for group in found:
        inside[group.start : group.end] = [True] * (group.end - group.start)
    result = []
    for place, line in enumerate(lines):
        if shut[place] or inside[place] or line.look not in (Look.HEADING, Look.TEXT, Look.RULE):
            continue
        if habit := _habit_of(line):
            result.append(Candidate(place, habit, line.start.number if line.start else ""))
    return result


def _habit_of(line: Line) -> str | None:
    if line.look is Look.RULE:
        return "rule"
    inline = line.start is not None and line.start.named
    if line.look is Look.HEADING:
        if line.start is not None:
            return "numbered heading"
        told_apart = (
            line.answer is not None
            or EXPLAINS.match(line.bare)
            or is_title(line)
            or INNER.fullmatch(line.bare)
        )
        return None if told_apart else "heading"
    if line.answer is not None or line.start is None or _ONLY_LINK.fullmatch(line.start.rest):
        return None
    return "named" if inline else "numbered"


def gaps_of(candidates: Sequence[Candidate], found: Sequence[Group]) -> list[list[Candidate]]:
    """For each group, the candidates between the group before it and itself."""
    gaps: list[list[Candidate]] = []
    at = 0
    for group in found:
        gap = []
        while at < len(candidates) and candidates[at].place < group.start:
            gap.append(candidates[at])
            at += 1
        gaps.append(gap)
    return gaps


def habit_of(gaps: Sequence[list[Candidate]]) -> str | None:
    for habit in _HABITS:
        held = sum(any(each.habit == habit for each in gap) for gap in gaps)
        if gaps and held >= ENOUGH * len(gaps):
            return habit
    return None


def _start(
    lines: Sequence[Line], gap: Sequence[Candidate], habit: str | None, previous: str, end: int, group: int
) -> int | None:
    """The place where the question of a group begins; None when nothing between is a question."""
    settled = _settled(lines, end, group)
    for wanted in dict.fromkeys(filter(None, (habit, *_HABITS[:4]))):
        held = [each for each in gap if each.habit == wanted]
        if wanted == "numbered":
            held = [each for each in held if each.place >= settled]
            if held:
                return _by_number(lines, held, previous)
        elif held and (wanted == habit or held[-1].place >= settled):
            return held[-1].place + (wanted == "rule")
    stem = next((place for place in range(settled, group) if lines[place].look is not Look.BLANK), None)
    if stem is None or (habit is not None and settled > end and end):
        return None
    return stem


def _settled(lines: Sequence[Line], end: int, group: int) -> int:
    """The place between two groups from which on nothing speaks of the answer any more."""
    settled = end
    for place in range(end, group):
        line = lines[place]
        if line.look in (Look.CLOSE, Look.RULE):
            settled = place + 1
        elif line.answer is not None or EXPLAINS.match(line.bare) or (line.look is Look.HEADING and not end):
            rest = range(max(place + 1, settled), group)
            settled = next(
                (n for n in rest if lines[n].look is Look.BLANK or lines[n].start is not None), group
            )
    return settled


def _by_number(lines: Sequence[Line], held: Sequence[Candidate], previous: str) -> int:
    """Of several numbered lines, the one that begins the question: the next number, after an empty line at best.

    Where that one asks and others that ask follow it by number, they are questions without options, but for the last.
    """
    apart = [each for each in held if each.place == 0 or lines[each.place - 1].look is not Look.TEXT] or list(
        held
    )
    following = str(int(previous) + 1) if previous.isdecimal() else "1"
    chosen = next((each for each in apart if each.number == following), apart[0])
    for each in apart:
        if (
            each.number.isdecimal()
            and chosen.number.isdecimal()
            and int(each.number) == int(chosen.number) + 1
        ):
            chosen = each if _asks(lines[chosen.place]) and _asks(lines[each.place]) else chosen
    return chosen.place


def _asks(line: Line) -> bool:
    return line.bare.rstrip(_EMPHASIS).endswith("?")


def is_open(
    each: Candidate,
    habit: str | None,
    chosen: set[int],
    numbers: set[str],
    lines: Sequence[Line],
    ahead: Sequence[str],
) -> bool:
    """Whether a place begins a question that has no options."""
    if each.place in chosen:
        return False
    if _has_room(lines, each.place):
        return each.number not in numbers
    if each.habit == habit and habit in ("numbered heading", "named"):
        return each.number not in numbers
    if each.habit == habit == "numbered" and each.number.isdecimal() and each.number not in numbers:
        apart = each.place == 0 or lines[each.place - 1].look is not Look.TEXT
        beside = {str(int(each.number) - 1), str(int(each.number) + 1)}
        asks = bool(beside & numbers) and _asks(lines[each.place])
        return apart and (beside <= numbers or asks or ahead[each.place] == ANSWER)
    return each.habit == habit == "heading" and lines[each.place].bare.endswith("?")


def _has_room(lines: Sequence[Line], place: int) -> bool:
    """Whether below a line there is nothing but room for an answer."""
    below = next((line.bare for line in lines[place + 1 : place + 3] if line.bare), "")
    return len(below) > 2 and not below.strip("_")  # noqa: PLR2004 - less is emphasis
