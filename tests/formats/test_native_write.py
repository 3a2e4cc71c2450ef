"""What is written reads back to the same pack, whatever the text looks like."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exam.item import (
    Accepted,
    Bloom,
    DecidingConstraint,
    Demand,
    Item,
    ItemType,
    Option,
    Origin,
    Reference,
    Service,
    Status,
    Trap,
)
from app.exam.pack import Cut, Domain, Exam, MultipleAnswer, Pack, Scale, Topic
from app.formats import native, source
from app.formats.native_write import write, write_zip
from app.formats.text import problem, skeleton
from tests.formats.pieces import HEAD, MULTIPLE, SINGLE, broken, good
from tests.images import drawn, file

Value = TypeVar("Value")
_HARD = ("yes", "no", "null", "~", "1.0", "0o17", "1e5", "2026-11-23", "12:30", "NaN", "- a", "a: b", "# a")
_HARD_TOO = (
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "`a`",
    "| a",
    "a\n\n  b",
    "a\n b\nc",
    "{a}",
    "[a]",
    '"a"',
    "'",
    "<<",
    "=",
)


def _usable(value: str) -> bool:
    return bool(value.strip()) and problem(value.strip()) is None


_characters = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]) | st.sampled_from("\n\t :#-'\"\\")
_text = (
    (st.text(_characters, max_size=80) | st.sampled_from(_HARD + _HARD_TOO)).filter(_usable).map(str.strip)
)
_maybe_text = _text | st.just("")
_name = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
_topic_name = st.from_regex(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}(/[A-Za-z0-9][A-Za-z0-9._-]{0,8})?", fullmatch=True
)
_day = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def _few(of: st.SearchStrategy[Value]) -> st.SearchStrategy[tuple[Value, ...]]:
    return st.lists(of, max_size=2).map(tuple)


@st.composite
def _options(draw: st.DrawFn, keys: int) -> tuple[Option, ...]:
    texts = draw(st.lists(_text, min_size=keys + 1, max_size=6, unique_by=skeleton))
    return tuple(
        Option(
            "abcdef"[index],
            text,
            key=index < keys,
            why=draw(_maybe_text),
            trap=draw(st.none() | st.sampled_from(Trap)),
            misconception=draw(_maybe_text),
        )
        for index, text in enumerate(texts)
    )


@st.composite
def _item(draw: st.DrawFn, name: str, names: list[str], domains: list[str]) -> Item:
    kind = draw(st.sampled_from(ItemType))
    options = draw(_options(1 if kind is ItemType.SINGLE else draw(st.integers(2, 3))))
    return Item(
        id=name,
        version=draw(st.integers(1, 99)),
        status=draw(st.sampled_from(Status)),
        type=kind,
        stem=draw(_text.filter(lambda stem: "![" not in stem)),
        options=options,
        rationale=draw(_maybe_text),
        references=draw(_few(st.builds(Reference, _text, st.just("https://example.org/a?b=c&d=%20#e")))),
        domain=draw(st.none() | st.sampled_from(domains)),
        objective=draw(st.none() | _text),
        topic=draw(st.none() | _text),
        services=draw(_few(st.builds(Service, _text, st.none() | _day))),
        constraint=draw(st.none() | st.sampled_from(DecidingConstraint)),
        bloom=draw(st.none() | st.sampled_from(Bloom)),
        rating=draw(st.none() | st.floats(0, 1)),
        company=draw(st.none() | _text),
        constraints=draw(_few(st.builds(Demand, _text, st.just(("a", "b"))))),
        cover_test=draw(st.none() | st.booleans()),
        enemies=tuple(other for other in names if other != name),
        facts=draw(_few(st.integers(0, 999))),
        verified_on=draw(st.none() | _day),
        shuffle=draw(st.booleans()),
        accepted=draw(_few(st.builds(Accepted, st.sampled_from(["L13", "L14"]), _text))),
        origin=draw(st.none() | st.builds(Origin, _name, _text, _maybe_text, st.just("0f" * 32), _unmapped)),
    )


_unmapped = st.dictionaries(
    st.text(max_size=5), st.text(max_size=20) | st.integers(0, 9) | st.booleans(), max_size=3
)


@st.composite
def _pack(draw: st.DrawFn) -> Pack:
    domains = draw(st.lists(_name, min_size=1, max_size=3, unique=True))
    names = draw(st.lists(_name, max_size=3, unique_by=str.casefold))
    exam = Exam(
        id=draw(_name),
        title=draw(_text),
        items=draw(st.integers(10, 90)),
        minutes=draw(st.integers(1, 600)),
        blueprint={domains[0]: 100.0} if len(domains) == 1 else {domains[0]: 33.5, domains[1]: 66.5},
        scale=Scale(),
        cut=Cut(draw(st.integers(1, 4)) + 0.5, draw(_text)),
        pilots=draw(st.integers(0, 4)),
        multiple_answer=draw(st.none() | st.just(MultipleAnswer(1, 5))),
        per_service=draw(st.none() | st.integers(1, 5)),
        overlap=draw(st.none() | st.integers(0, 10)),
        embargo_days=draw(st.integers(0, 400)),
        note=draw(_maybe_text),
    )
    return Pack(
        id=draw(_name),
        version="1.2.3",
        title=draw(_text),
        language=draw(st.sampled_from(["en", "de-CH", "no"])),
        license=draw(_maybe_text),
        authors=draw(st.lists(_text, max_size=2).map(tuple)),
        domains=tuple(Domain(name, draw(_text)) for name in domains),
        exams=draw(st.sampled_from([(exam,), ()])),
        items=tuple(draw(_item(name, names, domains)) for name in names),
        approvals=draw(st.integers(0, 3)),
        topics=tuple(
            Topic(name, draw(_text)) for name in draw(st.lists(_topic_name, max_size=3, unique=True))
        ),
    )


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None, max_examples=150
)
@given(_pack())
def test_a_written_pack_reads_back_the_same(pack: Pack) -> None:
    reading = native.read({"pack.yaml": write(pack)})
    assert reading.faults == ()
    assert reading.pack == pack
    assert reading.pack.sha256 == pack.sha256


def test_writing_what_was_read_and_read_again_changes_nothing() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    again = native.read({"pack.yaml": write(pack)}).pack
    assert again == pack
    assert write(again) == write(pack)


def test_a_stem_is_written_as_lines_that_people_can_read() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    assert "    stem: |-\n      A keeper sees" in write(pack).decode()


def test_a_zip_with_images_reads_back_the_same_and_is_the_same_each_time() -> None:
    item = broken(SINGLE, "first?", "first? ![map](media/map.png)") + "  media: [media/map.png]\n"
    image = file(drawn(400, 300))
    files = {"pack.yaml": HEAD.encode(), "items/a.yaml": (item + MULTIPLE).encode(), "media/map.png": image}
    reading = native.read(files)
    assert reading.pack is not None
    written = write_zip(reading.pack, reading.media)
    assert written == write_zip(reading.pack, reading.media)
    again = native.read(source.from_bytes("pack.zip", written).files)
    assert (again.pack, again.media) == (reading.pack, reading.media)
