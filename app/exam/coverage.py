"""What a pack says that its items cover: subjects, the items that each of them decides, and where items lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from app.exam.item import Item, Status

_LEAD = (
    "An item stands beside a subject that decides it: the subject is in the key or in the strongest distractor. "
    "`cutscore packs coverage` writes this page from the `coverage.yaml` of the pack, where it is changed."
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """One subject of a pack, and the ids of the items in which it is the deciding matter.

    `at_least` items are wanted; `unverified` says why they cannot be had, `note` is for the reader.
    """

    subject: str
    group: str
    items: tuple[str, ...] = ()
    at_least: int = 1
    unverified: str = ""
    note: str = ""


def ready(row: Coverage, items: Iterable[Item]) -> tuple[str, ...]:
    """The ids of a row that are ready items, each once, as listed."""
    known = {item.id for item in items if item.status is Status.READY}
    return tuple(name for name in dict.fromkeys(row.items) if name in known)


def problems(rows: Sequence[Coverage], items: Collection[Item]) -> tuple[str, ...]:
    """All that is wrong, in words, in the order of the rows. A row that is short is not, if it says why."""
    statuses = {item.id: item.status for item in items}
    seen: set[tuple[str, str]] = set()
    found: list[str] = []
    for row in rows:
        if (row.group, row.subject) in seen:
            found.append(f"{_name(row)}: the subject stands twice; make one entry of the two")
        seen.add((row.group, row.subject))
        found += [f"{_name(row)}: {problem}" for problem in _problems(row, statuses, ready(row, items))]
    return tuple(found)


def _problems(row: Coverage, statuses: dict[str, Status], counted: Collection[str]) -> Iterator[str]:
    for name, times in Counter(row.items).items():
        if name not in statuses:
            near = get_close_matches(name, sorted(statuses), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "correct it, or take it out"
            yield f"the pack has no item {name!r}; {hint}"
        elif statuses[name] is not Status.READY:
            yield f"item {name!r} is {statuses[name].value}, not ready; mend it, or take it out"
        if times > 1:
            yield f"item {name!r} is listed {times} times; once is enough"
    short = len(counted) < row.at_least
    if short and not row.unverified:
        yield f"{_of(row, counted)}; write more, or say under unverified why there are none"
    elif row.unverified and not short:
        yield f"{_of(row, counted)}, so nothing is unverified; take that out"


def _of(row: Coverage, counted: Collection[str]) -> str:
    return f"{len(counted)} ready of {row.at_least} wanted"


def _name(row: Coverage) -> str:
    return f"{row.group}, {row.subject}"


def document(title: str, rows: Sequence[Coverage], items: Collection[Item]) -> str:
    """The table as Markdown: one for each group, then the subjects that are short, and those unverified."""
    named = {name for row in rows for name in ready(row, items)}
    total = sum(item.status is Status.READY for item in items)
    groups = dict.fromkeys(row.group for row in rows)
    short = [row for row in rows if not row.unverified and len(ready(row, items)) < row.at_least]
    parts = [
        f"# What the items cover: {title}",
        _LEAD,
        f"{len(rows)} subjects in {len(groups)} groups; {len(named)} of {total} ready items stand beside one.",
        *(_table(group, [row for row in rows if row.group == group], items) for group in groups),
        _list("Fewer items than wanted", [f"{_name(row)}: {_of(row, ready(row, items))}" for row in short]),
        _list("Unverified", [f"{_name(row)}: {row.unverified}" for row in rows if row.unverified]),
    ]
    return "\n\n".join(parts) + "\n"


def _table(group: str, rows: Iterable[Coverage], items: Collection[Item]) -> str:
    lines = [f"## {group}", "", "| subject | items | wanted | which | note |", "|---|--:|--:|---|---|"]
    for row in rows:
        counted = ready(row, items)
        cells = (row.subject, str(len(counted)), str(row.at_least), ", ".join(counted), row.note)
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """A text that cannot end a cell or a row."""
    return " ".join(text.split()).replace("|", "\\|")


def _list(heading: str, lines: Sequence[str]) -> str:
    return f"## {heading}\n\n" + ("\n".join(f"- {_cell(line)}" for line in lines) or "None.")
