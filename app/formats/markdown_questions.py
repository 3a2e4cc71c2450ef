"""What of a text belongs to each question: stem, options, and what is said of the key (see markdown_read.py)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from app.formats.markdown_groups import EXPLAINS, Group, Option, groups, signals
from app.formats.markdown_keys import Entry, Told, is_title, keys_apart, told
from app.formats.markdown_lines import Line, Look, Mark
from app.formats.markdown_starts import INNER, Candidate, candidates_of, gaps_of, habit_of, is_open, starts_of

_PART = re.compile(
    r"(?:part|section)\s+\w{1,3}\b\W*(?:questions?|exam|quiz|test)?\W*|(?:practice\s+|sample\s+)?questions?|(?:table\s+of\s+)?contents|toc",
    re.IGNORECASE,
)
_TRUTH = re.compile(r"[\s*_`]*(?:true|false|[tf]$)\b(?!\s+(?:or|and)\b)", re.IGNORECASE)
_WHERE = re.compile(
    r"(?:-\s*)?\(?topic\s*#?\s*:?\s*\d{1,3}\)?|\[all\b[^\[\]]{0,100}\bquestions\]", re.IGNORECASE
)
"""Lines that only say where a question stands."""
_LETTERS = re.compile("[A-Za-z]")
_LETTER_EACH = re.compile(r"[A-Za-z](?:\s*[,;]\s*[A-Za-z]|\s+[A-Za-z]){1,500}")
_COUNT = re.compile(r"\s*[(\[]\d{1,4}\s*(?:questions?|items?|q)?[)\]]\s*$", re.IGNORECASE)


@dataclass(slots=True)
class Raw:
    """One question as lines of the text: `told` is what is said below it, `apart` what a key far from it says."""

    line: int
    number: str
    title: str
    stem: list[Line]
    group: Group
    source: Sequence[Line]
    told: Told
    apart: Told | None = None
    category: tuple[str, ...] = ()


@dataclass(slots=True)
class Parsed:
    """A whole text: its questions, the lines of those without options, and the entries of keys for none of them."""

    questions: list[Raw] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    strangers: list[tuple[int, str]] = field(default_factory=list)


def parse(lines: Sequence[Line]) -> Parsed:
    """The questions of a text."""
    ahead = signals(lines)
    shut, entries = keys_apart(lines, ahead)
    found = groups(lines, shut, ahead)
    candidates = candidates_of(lines, shut, found)
    gaps = gaps_of(candidates, found)
    habit = habit_of(gaps)
    starts = starts_of(lines, found, gaps, habit)
    numbers = {each.place: each.number for each in candidates}
    chosen = {start for start in starts if start is not None}
    known = {numbers.get(place, "") for place in chosen}
    without = [each for each in candidates if is_open(each, habit, chosen, known, lines, ahead)]
    edges = sorted({*chosen, *(each.place for each in without), len(lines)})
    path_at = paths(lines)
    parsed = Parsed()
    for group, start in zip(found, starts, strict=True):
        if start is None:
            continue  # a list within the reasons of the question above
        raw = _raw(lines, start, group, numbers.get(start, ""))
        raw.category = path_at(start)
        below = _below(lines, group.end, edges[bisect_right(edges, start)], shut)
        below.again += [below.said] if raw.told.said and below.said else []
        raw.told = Told(raw.told.said or below.said, below.why, below.again)
        parsed.questions.append(raw)
    for each in without:
        statement = _statement(lines, each, edges[bisect_right(edges, each.place)], shut)
        if statement is None:
            parsed.open.append(lines[each.place].number)
        else:
            statement.category = path_at(each.place)
            parsed.questions.append(statement)
    parsed.questions.sort(key=lambda raw: raw.line)
    _match(parsed, entries)
    _in_order(parsed.questions)
    return parsed


def _raw(lines: Sequence[Line], place: int, group: Group, number: str) -> Raw:
    first = lines[place]
    stem = list(lines[place : group.start])
    title = ""
    if first.look is Look.HEADING or number:
        rest = first.start.rest if first.start is not None else first.bare
        stem = [Line(first.number, rest, Look.TEXT if rest else Look.BLANK, rest), *stem[1:]]
    told_inline = _inline_key(stem)
    head = next((n for n, line in enumerate(stem) if line.bare and not _WHERE.fullmatch(line.bare)), 0)
    stem = stem[head:]
    while stem and (stem[-1].look is Look.BLANK or INNER.fullmatch(stem[-1].bare.strip("*_#: "))):
        stem.pop()
    if first.look is Look.HEADING and stem and _is_title_only(stem):
        title = stem.pop(0).bare
    return Raw(first.number, number, title, stem, group, lines, told_inline)


_INLINE = re.compile(
    r"[\s(\[\u2014\u2013|:-]*[(\[]?\s*[*_]{0,2}(?:correct\s+)?(?:ans(?:wer)?s?|key|correct)\s*[:=]\s*[*_]{0,2}"
    r"(?P<said>[A-Ja-j](?:\s?(?:,|&|and|/)?\s?[A-Ja-j]){0,9})[*_]{0,2}\s*[)\]]?\s*$",
    re.IGNORECASE,
)


def _inline_key(stem: list[Line]) -> Told:
    """The key that stands at the end of a heading or of the last line of a stem; it is taken out of there."""
    for place in dict.fromkeys((0, len(stem) - 1)):
        line = stem[place] if stem else None
        found = _INLINE.search(line.text[-120:]) if line is not None and line.look is Look.TEXT else None
        if line is not None and found:
            cut = max(0, len(line.text) - 120) + found.start()
            stem[place] = Line(line.number, line.text[:cut], Look.TEXT, line.text[:cut].strip())
            return Told(found["said"])
    return Told()


def _is_title_only(stem: Sequence[Line]) -> bool:
    """Whether the first line of a stem, from a heading, only names it: short, no question, and more text follows."""
    first = stem[0].bare
    more = any(line.look is not Look.BLANK for line in stem[1:])
    return more and 0 < len(first) < 100 and not first.endswith(("?", ".", ":", "…"))  # noqa: PLR2004


def _below(lines: Sequence[Line], start: int, end: int, shut: Sequence[bool]) -> Told:
    """What stands below a question up to the next heading or key."""
    depth = 0
    for place in range(start, end):
        line = lines[place]
        depth += (line.look is Look.OPEN) - (line.look is Look.CLOSE)
        own = line.answer is not None or EXPLAINS.match(line.bare) or is_title(line)
        if shut[place] or (line.look is Look.HEADING and depth <= 0 and not own):
            return told(lines[start:place])
    return told(lines[start:end])


def _statement(lines: Sequence[Line], each: Candidate, end: int, shut: Sequence[bool]) -> Raw | None:
    """A question without options whose answer is true or false, with these two as its options."""
    answer = next((place for place in range(each.place, end) if lines[place].answer), None)
    if answer is None or not _TRUTH.match(lines[answer].answer or ""):
        return None
    options = [
        Option(Mark("letter", label, text), [answer]) for label, text in (("A", "True"), ("B", "False"))
    ]
    raw = _raw(lines, each.place, Group(answer, answer, options), each.number)
    raw.told = _below(lines, answer, end, shut)
    raw.told.said = {"t": "True", "f": "False"}.get((raw.told.said or "").lower(), raw.told.said)
    return raw


def paths(lines: Sequence[Line]) -> Callable[[int], tuple[str, ...]]:
    """How to tell the headings that a place stands under, from the outside in: without the title of the file, and
    without what announces answers, reasons or parts."""
    places: list[int] = []
    above: list[tuple[str, ...]] = []
    below: list[tuple[str, ...]] = []
    stack: list[tuple[int, str]] = []
    for place, line in enumerate(lines):
        if line.look is not Look.HEADING:
            continue
        stack = [(level, title) for level, title in stack if level < line.level]
        silent = (
            line.answer is not None
            or EXPLAINS.match(line.bare)
            or is_title(line)
            or _PART.fullmatch(line.bare)
        )
        title = "" if silent or (not places and line.level == 1) else _COUNT.sub("", line.bare).strip("*_ ")
        places.append(place)
        above.append(tuple(name for _, name in stack if name))
        stack.append((line.level, title))
        below.append(tuple(name for _, name in stack if name))

    def path_at(place: int) -> tuple[str, ...]:
        at = bisect_right(places, place) - 1
        if at < 0:
            return ()
        return above[at] if places[at] == place else below[at]

    return path_at


def _match(parsed: Parsed, entries: Iterable[Entry]) -> None:
    """Give each entry of a key to its question: those above it that have its number and no entry yet.

    Where several entries of one key have the same number, the last so many questions get them in their order.
    """
    waiting: dict[str, list[Raw]] = {}
    ordinals = len({raw.number for raw in parsed.questions}) <= 1
    starts = [raw.line for raw in parsed.questions]
    done = 0
    for above, listed in groupby(entries, lambda entry: bisect_left(starts, entry.line)):
        for place, raw in enumerate(parsed.questions[done:above], done + 1):
            waiting.setdefault(str(place) if ordinals else raw.number, []).append(raw)
        done = max(done, above)
        same: dict[str, list[Entry]] = {}
        for entry in listed:
            same.setdefault(entry.number, []).append(entry)
        for number, found in same.items():
            held = waiting.get(number, [])
            given, held[-len(found) :] = held[-len(found) :], []
            for raw, entry in zip(given, found, strict=False):
                raw.apart = entry.told
            parsed.strangers += [(entry.line, number) for entry in found[len(given) :]]


def _in_order(questions: Sequence[Raw]) -> None:
    """A key without numbers that stands below the last question, a letter for each of them, is the key of all."""
    if len(questions) < 2 or questions[-1].apart or any(map(is_keyed, questions[:-1])):  # noqa: PLR2004
        return
    told = questions[-1].told
    said = (told.said or "").strip(" .*_")
    letters = _LETTERS.findall(said) if _LETTER_EACH.fullmatch(said) else []
    if len(letters) == len(questions):
        told.said = None
        for raw, letter in zip(questions, letters, strict=True):
            raw.apart = Told(letter)


def is_keyed(raw: Raw) -> bool:
    """Whether anything tells which options of a question are right."""
    marks = [option.mark for option in raw.group.options]
    shown = any(mark.right or mark.told or mark.bold for mark in marks)
    return bool(raw.told.said or shown or (raw.apart and raw.apart.said))
