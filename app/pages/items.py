"""Items: the bank of an exam as its responses show it, to be sorted, filtered, and taken along as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.exam import topics
from app.exam.analysis import Summary
from app.exam.item import Status
from app.exam.item_analysis import Line, Rule
from app.exam.pack import Exam
from app.formats.csv_cells import harmless
from app.pages.depends import Keeper, TheSite
from app.pages.render import page
from app.store import analyses, packs
from app.store.analyses import Analysis
from app.store.database import Transaction
from app.store.packs import StoredExam

ON_A_PAGE = 100
ANY, NONE, EARLIER = "any", "none", "earlier"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for: the filters (empty: all), the column to sort by, and where the page starts."""

    text: Annotated[str, Query(max_length=200)] = ""
    domain: str = ""
    topic: str = ""
    flag: str = ""
    status: str = ""
    sort: str = "item"
    down: bool = False
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0

    def query(self, **changes: object) -> str:
        """The choice, with changes, as the query of an address; what is as usual is left out."""
        usual = Choice()
        chosen = {**asdict(self), **changes}
        kept = {name: value for name, value in chosen.items() if value != getattr(usual, name)}
        return "?" + urlencode({name: "1" if value is True else value for name, value in kept.items()})


@dataclass(frozen=True, slots=True)
class Column:
    """The heading of a column. `ordered` is "ascending", "descending" or empty; `query` sorts by it."""

    title: str
    hint: str
    number: bool
    query: str
    ordered: str


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter, with the number of items that have it."""

    value: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Raised:
    """A rule that some items of the bank broke."""

    rule: Rule
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """items/page.html. `lines` are the items on this page of the `found` ones; `total` are in the bank now."""

    exam: Exam
    summary: Summary | None
    made_at: datetime | None
    raised: tuple[Raised, ...]
    choice: Choice
    filters: tuple[tuple[str, str, tuple[Option, ...]], ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    found: int
    total: int
    before: str
    after: str
    export: str


Asked = Annotated[Choice, Depends()]
Key = Callable[[Line], float | str | None]
_COLUMNS: dict[str, tuple[str, str, Key]] = {
    "item": ("Item", "", lambda line: line.item),
    "count": ("n", "First-seen responses of strict mocks", lambda line: line.count),
    "p": ("Right", "Share right", lambda line: line.p),
    "r": ("r", "Correlation of right with the rest", lambda line: line.r),
    "b": ("b", "Location on the ability scale, with its standard error", lambda line: line.b),
    "a": ("a", "Slope", lambda line: line.a),
    "fit": ("Fit", "Tail of the chi-square", lambda line: line.fit),
    "exposure": ("Shown", "Share of all forms", lambda line: line.exposure),
    "seconds": ("Time", "Median seconds on screen", lambda line: line.seconds),
    "flags": ("Flags", "", lambda line: len(line.flags)),
}
router = APIRouter()


@router.get("/exams/{exam_id}/items")
def bank(request: Request, exam_id: str, choice: Asked, who: Keeper, site: TheSite) -> Response:
    """The bank of an exam, as of its last analysis."""
    with site.database.reading() as tx:
        stored = packs.exam(tx, exam_id)
        latest = analyses.latest(tx, exam_id)
        lines = () if latest is None else analyses.lines(tx, latest.id)
    return page(request, "items/page.html", _page(stored, latest, lines, choice), who)


@router.get("/exams/{exam_id}/items.csv")
def export(exam_id: str, choice: Asked, who: Keeper, site: TheSite) -> Response:  # noqa: ARG001 - who asks is checked
    """What the page shows with the same choice, whole, and with every figure."""
    with site.database.reading() as tx:
        packs.exam(tx, exam_id)
        content = as_csv(sort(fitting(_lines(tx, exam_id), choice), choice))
    headers = {"Content-Disposition": f'attachment; filename="{exam_id}-items.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def fitting(lines: Iterable[Line], choice: Choice) -> list[Line]:
    """The lines that a choice asks for. Earlier versions of items come only when they are asked for."""
    tests: dict[str, Callable[[Line, str], bool]] = {
        "text": lambda line, text: text.casefold() in f"{line.item} {line.opening}".casefold(),
        "domain": lambda line, value: line.domain == value,
        "topic": lambda line, value: topics.chapter_of(line.topic) == value,
        "flag": _is_flagged,
        "status": lambda line, value: value in (EARLIER, line.status),
    }
    wanted = [(test, getattr(choice, name)) for name, test in tests.items() if getattr(choice, name)]
    return [
        line
        for line in lines
        if line.current is (choice.status != EARLIER) and all(test(line, value) for test, value in wanted)
    ]


def sort(lines: Iterable[Line], choice: Choice) -> list[Line]:
    """The lines in the order asked for; what has no figure comes last, either way."""
    _, _, key = _COLUMNS.get(choice.sort, _COLUMNS["item"])
    known: list[Line] = []
    unknown: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.item, line.version)):
        (unknown if key(line) is None else known).append(line)
    return [*sorted(known, key=key, reverse=choice.down), *unknown]  # type: ignore[arg-type]  # None is not among them


def as_csv(lines: Iterable[Line]) -> str:
    """Lines as CSV, flags as their rules. Text that a spreadsheet would take for a formula gets a quotation mark."""
    names = [field.name for field in fields(Line)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    for line in lines:
        plain = asdict(line) | {"flags": " ".join(sorted({flag.rule.value for flag in line.flags}))}
        cells = (plain[name] for name in names)
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue()


def _lines(tx: Transaction, exam_id: str) -> tuple[Line, ...]:
    latest = analyses.latest(tx, exam_id)
    return () if latest is None else analyses.lines(tx, latest.id)


def _is_flagged(line: Line, value: str) -> bool:
    if value == NONE:
        return not line.flags
    return any(value in (ANY, flag.rule.value) for flag in line.flags)


def _page(stored: StoredExam, latest: Analysis | None, lines: Sequence[Line], choice: Choice) -> ItemsPage:
    found = sort(fitting(lines, choice), choice)
    end = choice.start + ON_A_PAGE
    current = [line for line in lines if line.current]
    counts = Counter(rule for line in current for rule in {flag.rule for flag in line.flags})
    return ItemsPage(
        exam=stored.exam,
        summary=None if latest is None else latest.summary,
        made_at=None if latest is None else latest.made_at,
        raised=tuple(
            Raised(rule, counts[rule], Choice(flag=rule.value).query()) for rule in Rule if counts[rule]
        ),
        choice=choice,
        filters=_filters(stored, lines, current),
        columns=tuple(_columns(choice)),
        lines=tuple(found[choice.start : end]),
        found=len(found),
        total=len(current),
        before=choice.query(start=max(choice.start - ON_A_PAGE, 0)) if choice.start else "",
        after=choice.query(start=end) if end < len(found) else "",
        export=f"/exams/{stored.exam.id}/items.csv{choice.query(start=0)}",
    )


def _columns(choice: Choice) -> Iterable[Column]:
    for name, (title, hint, _) in _COLUMNS.items():
        own = name == choice.sort
        # Figures start with the highest, names with the first; the same again turns round.
        down = not choice.down if own else name != "item"
        ordered = ("descending" if choice.down else "ascending") if own else ""
        yield Column(
            title, hint, name not in ("item", "flags"), choice.query(sort=name, down=down, start=0), ordered
        )


def _filters(
    stored: StoredExam, lines: Sequence[Line], current: Sequence[Line]
) -> tuple[tuple[str, str, tuple[Option, ...]], ...]:
    def counted(titles: Mapping[str, str], of: Callable[[Line], Iterable[str]]) -> tuple[Option, ...]:
        counts = Counter(value for line in current for value in of(line))
        return tuple(Option(value, title, counts[value]) for value, title in titles.items() if counts[value])

    chapters = sorted({topics.chapter_of(line.topic) for line in current if line.topic})
    rules = {rule.value: rule.label for rule in Rule}
    flags = {ANY: "Any flag", NONE: "No flag", **rules}
    statuses = counted(
        {status.value: status.value.capitalize() for status in Status}, lambda one: [one.status]
    )
    earlier = len(lines) - len(current)
    return (
        (
            "domain",
            "Domain",
            counted({domain.id: domain.title for domain in stored.domains}, lambda line: [line.domain]),
        ),
        (
            "topic",
            "Topic",
            counted(
                {chapter: topics.title(chapter, stored.topics) for chapter in chapters},
                lambda line: [topics.chapter_of(line.topic)],
            ),
        ),
        (
            "flag",
            "Flag",
            counted(flags, lambda line: {ANY if line.flags else NONE} | {f.rule.value for f in line.flags}),
        ),
        (
            "status",
            "Status",
            (*statuses, *([Option(EARLIER, "Earlier versions", earlier)] if earlier else [])),
        ),
    )
