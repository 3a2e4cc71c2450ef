"""Which lines are the options of one question (see markdown_read.py).

Options are lines in a row whose boxes, letters or numbers follow each other; what stands between two of them
belongs to the first. Plain bullets and numbers are options only where something near says that one is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.formats.keys import Numbers, chosen, numbers
from app.formats.markdown_lines import Line, Look, Mark

EXPLAINS = re.compile(
    r"[\s>*_#+💡📖📝\u2139️-]*(?:(?:detailed|general|overall|answer|full)\s+)?"
    r"(?:explanations?|rationales?|reason(?:ing)?|justification|why|analysis|discussion|references?|source|"
    r"study tip|exam tip|tip|note|feedback|erklärung|explicaci[oó]n|explication|spiegazione|explicação|解析|解释)"
    r"(?:/references?)?\s*(?:\*|_)*\s*(?:[:\uff1a]|$|[-\u2013\u2014]\s|\*\*)",
    re.IGNORECASE,
)
_BREAKS = (Look.HEADING, Look.RULE, Look.ROW, Look.OPEN, Look.CLOSE)
BOX, ANSWER, EDGE = "[]", "!", "#"
FIRST = frozenset("a\u0430\u03b1\uff41")
"""What options begin with: the first letter of the alphabets that are read."""


@dataclass(slots=True)
class Option:
    """One option: what its first line shows, and the places of all its lines."""

    mark: Mark
    places: list[int]


@dataclass(slots=True)
class Group:
    """The options of one question, and the places of their first line and of the line after the last."""

    start: int
    end: int
    options: list[Option] = field(default_factory=list)
    has_code: bool = False

    @property
    def kind(self) -> str:
        """What its options are told by: box, letter, number or bullet."""
        return self.options[0].mark.kind


def signals(lines: Sequence[Line]) -> list[str]:
    """For each line, what the next line after it that shows anything is: a letter, a box, an answer, or an edge."""
    found = [""] * len(lines)
    after = ""
    for place in range(len(lines) - 1, -1, -1):
        found[place] = after
        line = lines[place]
        if line.answer is not None:
            after = ANSWER
        elif line.mark is not None and line.mark.kind == "box":
            after = BOX
        elif line.mark is not None and line.mark.kind == "letter":
            after = line.mark.label.lower()
        elif line.look in (Look.HEADING, Look.OPEN, Look.CLOSE) or (
            line.start is not None and line.start.named
        ):
            after = EDGE
    return found


def groups(lines: Sequence[Line], shut: Sequence[bool], ahead: Sequence[str]) -> list[Group]:
    """The groups of options in the order of the text. `shut` lines belong to keys, `ahead` are the signals."""
    found: list[Group] = []
    weak: list[Group] = []
    current: Group | None = None
    gap = False

    def close() -> None:
        nonlocal current
        if current is not None and len(current.options) > 1:
            (found if current.kind in ("box", "letter") else weak).append(current)
        current = None

    for place, line in enumerate(lines):
        if shut[place]:
            close()
            continue
        mark = line.mark
        if current is not None and mark is not None and _follows(current, mark, line, lines):
            current.options.append(Option(mark, [place]))
            current.end, gap = place + 1, False
        elif mark is not None and _begins(mark, ahead[place]):
            close()
            current, gap = Group(place, place + 1, [Option(mark, [place])]), False
        elif current is not None and line.look is Look.BLANK:
            gap = True
        elif current is not None and mark is not None and _is_of_question(current, mark, line, lines):
            close()
            current, gap = Group(place, place + 1, [Option(mark, [place])]), False
        elif current is not None and _belongs(current, line, lines, ahead[place], gap=gap):
            last = current.options[-1]
            last.places += range(current.end, place + 1)
            current.end, gap = place + 1, False
            current.has_code |= line.look is Look.CODE
        else:
            close()
            if mark is not None and mark.kind in ("bullet", "number") and mark.label in ("", "1"):
                current, gap = Group(place, place + 1, [Option(mark, [place])]), False
    close()
    keyed = [_is_keyed(group, lines) for group in weak]
    sure = [group for group, right in zip(weak, keyed, strict=True) if right]
    if sum(group.kind == "bullet" for group in sure) > 1:
        free = _free_questions(lines, [*found, *sure])
        sure += [
            group for group, right in zip(weak, keyed, strict=True) if not right and _is_under(group, free)
        ]
    return sorted(found + sure, key=lambda group: group.start)


def _begins(mark: Mark, ahead: str) -> bool:
    """Whether an option begins a group by itself."""
    label = mark.label.lower()
    return mark.kind == "box" or (mark.kind == "letter" and label in FIRST and ahead == chr(ord(label) + 1))


def _follows(group: Group, mark: Mark, line: Line, lines: Sequence[Line]) -> bool:
    """Whether an option is the next one of a group."""
    first, last = group.options[0], group.options[-1]
    if mark.kind != group.kind:
        return False
    if mark.kind == "letter":
        return ord(mark.label.lower()) == ord(last.mark.label.lower()) + 1
    indent = lines[first.places[0]].indent
    if mark.kind == "number":
        return int(mark.label) == int(last.mark.label) + 1 and line.indent == indent
    return mark.kind == "box" or line.indent == indent


def _is_of_question(group: Group, mark: Mark, line: Line, lines: Sequence[Line]) -> bool:
    """Whether the number that a group begins with is that of a question, whose options only begin now."""
    deeper = line.indent > lines[group.start].indent and mark.label == "1" and len(group.options) == 1
    return group.kind == "number" and (mark.kind == "bullet" or (mark.kind == "number" and deeper))


def _belongs(group: Group, line: Line, lines: Sequence[Line], ahead: str, *, gap: bool) -> bool:
    """Whether a line that is no option goes on with the last one; `gap` when an empty line stands between."""
    last = group.options[-1]
    indent = lines[last.places[0]].indent
    more = ahead == (chr(ord(last.mark.label.lower()) + 1) if group.kind == "letter" else BOX)
    if line.look in _BREAKS or line.answer is not None:
        return False
    if line.look is Look.CODE:
        return not gap or more or line.indent > indent or group.has_code
    if line.start is not None and (line.start.named or not (more or line.indent > indent)):
        return False
    if EXPLAINS.match(line.bare):
        return False
    if line.mark is not None and line.mark.kind == "bullet" and line.indent <= indent:
        return more and group.kind == "letter"
    if gap:
        return line.indent > indent + 1 or (more and group.kind == "letter")
    return True


def _after(group: Group, lines: Sequence[Line]) -> Line | None:
    """The next line below a group that is not empty."""
    return next((line for line in lines[group.end : group.end + 6] if line.look is not Look.BLANK), None)


def _is_keyed(group: Group, lines: Sequence[Line]) -> bool:
    """Whether plain bullets or numbers are options: some are marked as right, or an answer below names one."""
    told = sum(option.mark.told for option in group.options)
    if group.kind == "bullet" and 0 < told < len(group.options):
        return True
    bold = sum(option.mark.bold for option in group.options)
    if group.kind == "bullet" and 0 < bold < len(group.options) and _is_asked(group, lines):
        return True
    below = _after(group, lines)
    if below is None or not below.answer:
        return False
    texts = [option.mark.body for option in group.options]
    if group.kind == "number":
        named = numbers(below.answer.strip(" *_."))
        return bool(named) and all(1 <= number <= len(texts) for number in named or ())
    return chosen(below.answer.strip(" *_`"), texts, meaning=Numbers.TEXTS) not in (None, frozenset())


def _is_asked(group: Group, lines: Sequence[Line]) -> bool:
    """Whether a question stands just above a group."""
    above = next((line for line in lines[max(group.start - 3, 0) : group.start][::-1] if line.bare), None)
    return above is not None and above.bare.rstrip("*_ :").endswith("?")


def _free_questions(lines: Sequence[Line], taken: Sequence[Group]) -> list[bool]:
    """For each line, whether it stands below the heading of a question that has no options yet."""
    starts = {group.start for group in taken}
    found, free, section = [False] * len(lines), False, list[int]()
    for place, line in enumerate(lines):
        if line.look is Look.HEADING:
            free, section = line.start is not None and line.start.named, []
        elif place in starts:
            for above in section:
                found[above] = False
            free = False
        section.append(place)
        found[place] = free
    return found


def _is_under(group: Group, free: Sequence[bool]) -> bool:
    return group.kind == "bullet" and free[group.start]
