"""Imports: what a file came to, question by question, and where it is to go; and the history of all imports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from app.exam import topics
from app.exam.faults import Place, Severity
from app.exam.item import Status
from app.exam.pack import Domain, Topic
from app.exam.person import Role
from app.exam.quality import RULES, Standard, check_item
from app.exam.staging import EVERYTHING_ELSE, Target, category_of
from app.formats.columns import PRESETS
from app.formats.registry import FORMATS
from app.pages import staged
from app.pages.depends import Id, Instructor, Now, TheSite
from app.pages.render import inline_markdown, item_html, page
from app.pages.sheets import LETTERS
from app.pages.staged import Aim, Judged
from app.store import imports, item_rows, pack_versions
from app.store.database import Transaction
from app.store.imports import STAGED, Import, ImportLine, TargetPack

ON_A_PAGE = 25
SHOWN = 50
"""Lines of what was left out, or said of the file; the counts are of all."""
MOST_CATEGORIES = 400
PRESENT = "present"
REPEAT = "L33"
FIELDS = {
    "stem": "Question",
    "key": "Right answers",
    "index": "Right answers, counted from 0",
    "options": "All options in one",
    **{f"option {number}": f"Option {number}" for number in range(1, 7)},
    "explanation": "Explanation",
    "category 1": "Category",
    "category 2": "Category within",
    "title": "Title",
    "id": "Identifier",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which questions are shown: by status, by finding (empty: all), from which on."""

    status: Annotated[str, Query(max_length=20)] = ""
    finding: Annotated[str, Query(max_length=80)] = ""
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0

    def query(self, **changes: object) -> str:
        """The choice, with changes, as the query of an address."""
        kept = {name: value for name, value in {**asdict(self), **changes}.items() if value}
        return "?" + urlencode(kept)


@dataclass(frozen=True, slots=True)
class Filter:
    """One value of a filter, with the number of questions that have it."""

    value: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An option, with what the file says of it."""

    letter: str
    html: Markup
    key: bool
    why: Markup


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A question as a candidate will see it, and what is to be said of it.

    `fate` says what becomes of it in the pack; `missing` bars it from being ready, `notes` are worth a look.
    """

    number: int
    id: str
    opening: str
    at: str
    status: str
    fate: str
    select: int
    stem: Markup
    options: tuple[ShownOption, ...]
    rationale: Markup
    belongs: str
    missing: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category of the file (an empty name: everything else), and where its questions go."""

    name: str
    count: int
    target: Target


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A field, and the place of the column that it is read from; None: none."""

    field: str
    title: str
    place: int | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """imports/page.html"""

    one: Import
    read: Mapping[str, Any]
    format_title: str
    formats: tuple[tuple[str, str], ...]
    presets: tuple[str, ...]
    columns: tuple[ColumnRow, ...]
    made_version: str
    in_use: bool
    packs: tuple[TargetPack, ...]
    base: TargetPack | None
    domains: tuple[Domain, ...]
    topics: tuple[Topic, ...]
    categories: tuple[CategoryRow, ...]
    counts: Mapping[str, int]
    statuses: tuple[Filter, ...]
    findings: tuple[Filter, ...]
    choice: Choice
    found: int
    items: tuple[ShownItem, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """imports/list.html"""

    lines: tuple[ImportLine, ...]
    all_of_them: bool


router = APIRouter()


@router.get("/packs/imports")
def history(request: Request, who: Instructor, site: TheSite) -> Response:
    """All imports of a person, or of everybody for an administrator."""
    with site.database.reading() as tx:
        lines = imports.history(tx, who)
    return page(request, "imports/list.html", ImportsPage(lines, who.may(Role.ADMIN)), who)


@router.get("/packs/imports/{import_id}")
def review(
    request: Request,
    import_id: Id,
    choice: Annotated[Choice, Depends()],
    who: Instructor,
    now: Now,
    site: TheSite,
) -> Response:
    """What a file came to, and what would become of it."""
    with site.database.reading() as tx:
        one = imports.get(tx, import_id, who)
        aim = staged.aim_of(tx, one, who, now.date())
        present = _present(tx, one, aim)
        fitting = _fitting(one.document["index"], present, choice)
        shown = fitting[choice.start : choice.start + ON_A_PAGE]
        rows = imports.items(tx, one.id, shown)
        items = tuple(_shown(number, each, aim) for number, each in staged.judged(tx, one, aim, rows))
        lines = imports.history(tx, who) if one.state != STAGED else ()
        open_packs = imports.packs_open_to(tx, who)
    made = next((line for line in lines if line.id == one.id), None)
    context = ImportPage(
        one=one,
        read=one.document,
        format_title=FORMATS[one.format].title if one.format in FORMATS else "not recognised",
        formats=tuple((each.name, each.title) for each in FORMATS.values()),
        presets=tuple(PRESETS),
        columns=_columns(one.document),
        made_version=made.version if made else "",
        in_use=made is not None and made.in_use,
        packs=open_packs,
        base=aim.base,
        domains=aim.domains,
        topics=aim.topics,
        categories=category_rows(one, aim),
        counts=_counts(one.document, present),
        statuses=_statuses(one.document["index"], present),
        findings=_findings(one.document["index"]),
        choice=choice,
        found=len(fitting),
        items=items,
        before=choice.query(start=max(choice.start - ON_A_PAGE, 0)) if choice.start else "",
        after=choice.query(start=choice.start + ON_A_PAGE) if choice.start + ON_A_PAGE < len(fitting) else "",
    )
    return page(request, "imports/page.html", context, who)


def category_rows(one: Import, aim: Aim) -> tuple[CategoryRow, ...]:
    """Every category of the file with its target, in the order in which the form numbers them."""
    named = [(name, number) for name, number in one.document["categories"] if name][:MOST_CATEGORIES]
    rest = sum(number for _, number in one.document["categories"]) - sum(number for _, number in named)
    rows = [CategoryRow(name, number, aim.mapping.get(name, Target())) for name, number in named]
    if rest or not named:
        rows.append(CategoryRow(EVERYTHING_ELSE, rest, aim.mapping.get(EVERYTHING_ELSE, Target())))
    return tuple(rows)


def _present(tx: Transaction, one: Import, aim: Aim) -> frozenset[str]:
    """The ids of the questions that the pack has already, word for word."""
    if aim.base is None or one.state != STAGED:
        return frozenset()
    index = one.document["index"]
    held = pack_versions.in_pack(tx, one.pack_id)
    known = item_rows.known(tx, one.pack_id, [line["id"] for line in index])
    return frozenset(
        line["id"]
        for line in index
        if line["id"] in held and line["content"] in known.get(line["id"], {}).values()
    )


def _fitting(index: Sequence[Mapping[str, Any]], present: frozenset[str], choice: Choice) -> list[int]:
    """The places of the questions that a choice asks for."""

    def fits(line: Mapping[str, Any]) -> bool:
        if choice.status and choice.status != (PRESENT if line["id"] in present else line["status"]):
            return False
        return not choice.finding or choice.finding in line["rules"]

    return [number for number, line in enumerate(index) if fits(line)]


def _counts(read: Mapping[str, Any], present: frozenset[str]) -> dict[str, int]:
    return {
        "questions": len(read["index"]),
        "single": read["single"],
        "multiple": read["multiple"],
        "left_out": read["left_out"],
        "present": len(present),
        "ready": sum(line["status"] == Status.READY.value for line in read["index"]),
    }


def _statuses(index: Sequence[Mapping[str, Any]], present: frozenset[str]) -> tuple[Filter, ...]:
    counts = Counter(PRESENT if line["id"] in present else line["status"] for line in index)
    titles = {status.value: status.value.capitalize() for status in Status} | {PRESENT: "In the pack already"}
    return tuple(Filter(value, title, counts[value]) for value, title in titles.items() if counts[value])


def _findings(index: Sequence[Mapping[str, Any]]) -> tuple[Filter, ...]:
    counts = Counter(rule for line in index for rule in line["rules"])
    return tuple(Filter(rule, _about(rule), number) for rule, number in counts.most_common())


def _about(rule: str) -> str:
    """A rule in a few words: the first sentence of what it says of itself."""
    if rule == REPEAT:
        return f"{rule}: Asks what an item of a pack asks"
    if rule not in RULES:
        return rule.replace("-", " ").capitalize()
    said = " ".join((RULES[rule][0].__doc__ or rule).partition(".")[0].split())
    words = said.removeprefix(rule).lstrip(":, ")
    return f"{rule}: {words[:1].upper()}{words[1:]}" if rule.startswith("L") else words


def _shown(number: int, one: Judged, aim: Aim) -> ShownItem:
    html = item_html(one.item.asked)
    missing, notes = _said(one, aim.standard)
    where = {each.id: each.title for each in aim.domains}.get(one.item.domain or "", "")
    topic = topics.title(one.item.topic, aim.topics) if one.item.topic else ""
    return ShownItem(
        number=number + 1,
        id=one.item.id,
        opening=html.plain_stem[:120],
        at=one.at,
        status=one.item.status.value,
        fate=_fate(one),
        select=one.item.select,
        stem=html.stem,
        options=tuple(
            ShownOption(letter, html.options[option.id], option.key, inline_markdown(option.why))
            for letter, option in zip(LETTERS, one.item.options, strict=False)
        ),
        rationale=inline_markdown(one.item.rationale),
        belongs=" · ".join(part for part in (where, topic) if part) or category_of(one.item),
        missing=missing,
        notes=notes,
    )


def _said(one: Judged, standard: Standard) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What keeps an item from being ready, and what else is worth a look."""
    found = list(check_item(one.item, standard, Place(item=one.item.id)))
    missing = [fault.message for fault in found if fault.severity is Severity.ERROR]
    # What the pack has already, or what a new version of it is, repeats no other item.
    own = one.fate.item is None or one.fate.replaces is not None
    notes = [message for _, rule, message in one.notes if not (own and rule == REPEAT)]
    notes += [fault.message for fault in found if fault.severity is Severity.WARNING]
    return tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(notes))


def _fate(one: Judged) -> str:
    if one.fate.item is None:
        return "in the pack already"
    if one.fate.replaces is not None:
        return f"replaces version {one.fate.replaces}"
    return ""


def _columns(read: Mapping[str, Any]) -> tuple[ColumnRow, ...]:
    if not read["look"]:
        return ()
    used = read["columns"] if isinstance(read["columns"], dict) else read["look"]["columns"]
    names = {**FIELDS, **{name: name.capitalize() for name in used if name not in FIELDS}}
    return tuple(ColumnRow(name, title, used.get(name)) for name, title in names.items())
