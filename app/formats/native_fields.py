"""The fields of the native format, written once: the reader, the writer and the JSON Schema follow them."""

from __future__ import annotations

from typing import Any

from app.exam.coverage import Coverage
from app.exam.item import (
    Accepted,
    Bloom,
    DecidingConstraint,
    Demand,
    ItemType,
    Option,
    Origin,
    Reference,
    Service,
    Status,
    Trap,
)
from app.exam.lexicon import Category, Lexicon, Moving, Name
from app.exam.pack import Cut, Domain, Exam, MultipleAnswer, Scale, Topic
from app.formats.fields import (
    Anything,
    Choice,
    Day,
    Exactly,
    Flag,
    Integer,
    Many,
    Number,
    Record,
    Table,
    Text,
    maybe,
    needed,
)

VERSION = 1
MAX_OPTIONS = 20
MAX_FORM = 1_000
MAX_DAYS = 36_500

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_ID = Text(
    pattern=NAME, form="an id: letters, digits, '.', '_' and '-', at most 100, a letter or digit first"
)
_TOPIC_ID = Text(
    pattern=rf"{NAME[:-1]}(/{NAME[1:-1]})?$",
    form="a chapter or a chapter/subject: two ids with one slash between them",
)
_OPTION_ID = Text(pattern=r"^[A-Za-z0-9]{1,20}$", form="an option id: letters and digits, at most 20")
_MEDIA = Text(
    pattern=r"^media/(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$",
    form="a file of the pack: media/ and a plain name",
)
_URL = Text(most=2_000, pattern=r"^https?://[^\s<>\"]+$", form="a web address that begins with https://")
_SHORT = Text(most=500)
_LONG = Text()
_MAYBE_EMPTY = Text(least=0)

OPTION = Record(
    "an option",
    {
        "id": needed(_OPTION_ID),
        "key": maybe(Flag()),
        "text": needed(_LONG),
        "why": maybe(_MAYBE_EMPTY),
        "trap": maybe(Choice(Trap)),
        "misconception": maybe(_MAYBE_EMPTY),
    },
    Option,
)
REFERENCE = Record("a reference", {"title": needed(_SHORT), "url": needed(_URL)}, Reference)
SERVICE = Record("a service", {"name": needed(_SHORT), "since": maybe(Day())}, Service)
DEMAND = Record(
    "a constraint of the scenario",
    {"text": needed(_SHORT), "decides": needed(Many(_OPTION_ID, least=1, most=MAX_OPTIONS))},
    Demand,
)
ACCEPTED = Record("an accepted warning", {"rule": needed(_ID), "why": needed(_LONG)}, Accepted)
ORIGIN = Record(
    "an origin",
    {
        "format": needed(_ID),
        "file": needed(_SHORT),
        "locator": needed(Text(least=0, most=500)),
        "sha256": needed(Text(pattern=r"^[0-9a-f]{64}$", form="64 hexadecimal digits")),
        "unmapped": maybe(Anything()),
    },
    Origin,
)
ITEM = Record(
    "an item",
    {
        "id": needed(_ID),
        "version": needed(Integer(1, 1_000_000)),
        "status": needed(Choice(Status)),
        "type": needed(Choice(ItemType)),
        "select": maybe(Integer(1, MAX_OPTIONS)),
        "stem": needed(_LONG),
        "options": needed(Many(OPTION, least=2, most=MAX_OPTIONS)),
        "rationale": maybe(_MAYBE_EMPTY),
        "references": maybe(Many(REFERENCE, most=50)),
        "domain": maybe(_ID),
        "objective": maybe(_SHORT),
        "topic": maybe(_SHORT),
        "services": maybe(Many(SERVICE, most=50)),
        "constraint": maybe(Choice(DecidingConstraint)),
        "bloom": maybe(Choice(Bloom)),
        "rating": maybe(Number(0, 1)),
        "company": maybe(_SHORT),
        "constraints": maybe(Many(DEMAND, most=50)),
        "cover_test": maybe(Flag()),
        "enemies": maybe(Many(_ID)),
        "facts": maybe(Many(Integer(0, 1_000_000), most=200)),
        "verified_on": maybe(Day()),
        "shuffle": maybe(Flag()),
        "accepted": maybe(Many(ACCEPTED, most=50)),
        "media": maybe(Many(_MEDIA, most=50)),
        "origin": maybe(ORIGIN),
    },
)
DOMAIN = Record("a domain", {"id": needed(_ID), "title": needed(_SHORT)}, Domain)
TOPIC = Record("a topic", {"id": needed(_TOPIC_ID), "title": needed(_SHORT)}, Topic)
SCALE = Record(
    "a scale",
    {name: needed(Integer(0, 1_000_000)) for name in ("min", "cut", "max")},
    Scale,
)
CUT = Record(
    "a cut",
    {"raw_equivalent": needed(Number(0, MAX_FORM)), "source": needed(_LONG)},
    Cut,
)
MULTIPLE_ANSWER = Record(
    "multiple_answer",
    {"min": needed(Integer(0, MAX_FORM)), "max": needed(Integer(0, MAX_FORM))},
    MultipleAnswer,
)
EXAM = Record(
    "an exam",
    {
        "id": needed(_ID),
        "title": needed(_SHORT),
        "note": maybe(_MAYBE_EMPTY),
        "items": needed(Integer(1, MAX_FORM)),
        "pilots": maybe(Integer(0, MAX_FORM)),
        "minutes": needed(Integer(1, 1_440)),
        "grace_seconds": maybe(Integer(0, 3_600)),
        "blueprint": needed(Table(NAME, Number(0, 100))),
        "multiple_answer": maybe(MULTIPLE_ANSWER),
        "per_service": maybe(Integer(1, MAX_FORM)),
        "per_company": maybe(Integer(1, MAX_FORM)),
        "overlap": maybe(Integer(0, MAX_FORM)),
        "embargo_days": maybe(Integer(0, MAX_DAYS)),
        "scale": needed(SCALE),
        "cut": needed(CUT),
    },
    Exam,
)
HEAD = Record(
    "pack",
    {
        "id": needed(_ID),
        "version": needed(
            Text(
                pattern=r"^\d+(\.\d+){0,2}([-+][0-9A-Za-z.-]+)?$",
                most=100,
                form="a version such as 1.0.0",
            )
        ),
        "title": needed(_SHORT),
        "language": maybe(
            Text(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", form="a language tag such as en")
        ),
        "license": maybe(Text(least=0, most=500)),
        "authors": maybe(Many(_SHORT, most=100)),
    },
)
_WORDS = Many(_SHORT, most=2_000)
_FACT = Integer(0, 1_000_000)
OLD_NAME = Record(
    "an old name", {"name": needed(_SHORT), "instead": maybe(_SHORT), "fact": maybe(_FACT)}, Name
)
MOVING = Record(
    "a moving number", {"unit": needed(_SHORT), "near": maybe(_SHORT), "fact": maybe(_FACT)}, Moving
)
CATEGORY = Record(
    "a category", {"demand": needed(_SHORT), "names": needed(Many(_SHORT, least=1, most=500))}, Category
)
LEXICON = Record(
    "a lexicon",
    {
        "retired": maybe(Many(OLD_NAME)),
        "renamed": maybe(Many(OLD_NAME)),
        "terms": maybe(_WORDS),
        "names": maybe(_WORDS),
        "moving": maybe(Many(MOVING)),
        "categories": maybe(Many(CATEGORY)),
        "companies": maybe(_WORDS),
        "domains": maybe(_WORDS),
        "facts": maybe(Many(_FACT, most=10_000)),
        "managed": maybe(_WORDS),
    },
    Lexicon,
)
COVERAGE = Many(
    Record(
        "a subject",
        {
            "subject": needed(_SHORT),
            "group": needed(_SHORT),
            "at_least": maybe(Integer(1, 1_000)),
            "items": maybe(Many(_ID)),
            "unverified": maybe(_MAYBE_EMPTY),
            "note": maybe(_MAYBE_EMPTY),
        },
        Coverage,
    ),
    least=1,
    most=2_000,
)
REVIEW = Record("review", {"approvals": needed(Integer(0, 3))})
ITEMS = Many(ITEM, most=20_000)
PACK = Record(
    "a pack file",
    {
        "cutscore": needed(Exactly(VERSION)),
        "pack": needed(HEAD),
        "review": maybe(REVIEW),
        "domains": maybe(Many(DOMAIN, most=100)),
        "topics": maybe(Many(TOPIC, most=300)),
        "lexicon": maybe(LEXICON),
        "exams": maybe(Many(EXAM, most=50)),
        "items": maybe(ITEMS),
    },
)


def schema() -> dict[str, Any]:
    """The published JSON Schema. A file of items/ is checked against `#/$defs/items`, coverage.yaml against
    `#/$defs/coverage`."""
    document = PACK.schema()
    document["properties"]["items"] = {"$ref": "#/$defs/items"}
    items = ITEMS.schema()
    items["items"] = {"$ref": "#/$defs/item"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:cutscore:pack:1",
        "title": "Cutscore question pack, version 1: pack.yaml",
        "description": "The shape only; the reader checks the rest (keys, ids, enemies, media, sums).",
        **document,
        "$defs": {"items": items, "item": ITEM.schema(), "coverage": COVERAGE.schema()},
    }
