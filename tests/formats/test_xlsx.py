"""XLSX: sheets are read as tables of values, and a workbook that means harm is refused before it is opened."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.exam.item import Item, ItemType
from app.formats import registry, xlsx
from app.formats.drafts import is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.pieces import rules

HEADER = ("Question", "Option A", "Option B", "Option C", "Answer")
SHEET = "xl/worksheets/sheet1.xml"


def workbook(*sheets: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook of sheets with their rows."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def simple(*rows: Sequence[Any]) -> bytes:
    return workbook(("Fog", [HEADER, *rows]))


def altered(content: bytes, part: str, change: Any) -> bytes:
    """The workbook with one part changed; a part that was not there is added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = old.namelist()
        for name in [*names, *([] if part in names else [part])]:
            held = old.read(name) if name in names else b""
            new.writestr(name, change(held) if name == part else held)
    return target.getvalue()


def read(content: bytes) -> Reading:
    return registry.read_upload("fog.xlsx", content, "xlsx")


def items(content: bytes) -> tuple[Item, ...]:
    pack = read(content).pack
    assert pack is not None
    return pack.items


def texts(item: Item) -> list[str]:
    return [option.text for option in item.options]


def test_a_sheet_is_read_like_any_table() -> None:
    reading = read(
        simple(("Which?", "horn", "flag", "bell", "B"), (), ("Which two?", "a", "b", "c", "A and C"))
    )
    assert reading.pack is not None
    first, second = reading.pack.items
    assert (texts(first), first.key) == (["horn", "flag", "bell"], frozenset("b"))
    assert (second.type, second.key) == (ItemType.MULTIPLE, frozenset("ac"))
    assert [reading.places[item.id].line for item in (first, second)] == [2, 4]
    assert reading.faults == ()


def test_a_workbook_is_recognised_by_its_content() -> None:
    assert xlsx.detect(from_bytes("x.dat", simple()))
    assert not xlsx.detect(from_bytes("x.xlsx", b"question,a,b\n"))


def test_numbers_are_shown_as_a_spreadsheet_shows_them() -> None:
    (item,) = items(simple(("How many?", 64000.0, 0.5, True, 1)))
    assert (texts(item), item.key) == (["64000", "0.5", "TRUE"], frozenset("a"))


def test_per_cents_are_shown_as_such() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append(["How much?", 0.25, 0.5, 1, "A"])
    sheet["B2"].number_format = "0%"
    content = io.BytesIO()
    book.save(content)
    (item,) = items(content.getvalue())
    assert texts(item) == ["25%", "0.5", "1"]


def test_a_date_in_an_option_is_told() -> None:
    reading = read(simple(("Which range?", date(2026, 1, 2), "2-4", "5-6", "A")))
    assert rules(reading.faults) == ["spreadsheet-change"]
    assert reading.pack is not None
    assert texts(reading.pack.items[0])[0] == "2026-01-02"


def test_a_date_in_a_column_of_no_use_is_not() -> None:
    content = workbook(("Fog", [(*HEADER, "Made on"), ("Which?", "a", "b", "c", "A", date(2026, 1, 2))]))
    assert read(content).faults == ()


def test_a_formula_without_a_value_is_taken_as_text_and_told() -> None:
    reading = read(simple(("Which?", "=1+1", "b", "c", "A")))
    assert reading.pack is not None
    assert texts(reading.pack.items[0])[0] == "=1+1"
    assert rules(reading.faults) == ["formula"]


def test_the_value_of_a_formula_is_taken_and_told() -> None:
    content = altered(
        simple(("Which?", "=1+1", "b", "c", "A")),
        SHEET,
        lambda old: re.sub(rb"<v ?/>|<v></v>", b"<v>2</v>", old),
    )
    reading = read(content)
    assert reading.pack is not None
    assert texts(reading.pack.items[0])[0] == "2"
    assert rules(reading.faults) == ["formula"]


def test_several_sheets_are_categories() -> None:
    rows = [HEADER, ("Which?", "a", "b", "c", "A")]
    reading = read(
        workbook(("Fog", rows), ("Light", [HEADER, ("Who?", "a", "b", "c", "B")]), ("Notes", [("nothing",)]))
    )
    assert reading.pack is not None
    assert [item.topic for item in reading.pack.items] == ["fog", "light"]
    assert str(next(place for name, place in reading.places.items() if name != "pack:")).startswith(
        "fog.xlsx#Fog:2"
    )
    assert [(fault.rule, fault.at.file) for fault in reading.faults] == [("sheet-left-out", "fog.xlsx#Notes")]


def test_a_workbook_without_a_table_of_questions_is_refused() -> None:
    reading = read(workbook(("Notes", [("nothing", "at", "all")])))
    assert (reading.pack, rules(reading.faults)) == (None, ["columns-unknown"])


def test_a_mapping_by_hand_is_obeyed() -> None:
    content = workbook(("Fog", [("L1", "L2", "L3"), ("Which?", "a", "b")]))
    reading = xlsx.read(from_bytes("fog.xlsx", content), {"stem": 0, "option 1": "L2", "option 2": "L3"})
    assert reading.pack is not None
    assert texts(reading.pack.items[0]) == ["a", "b"]


def test_the_review_page_sees_each_sheet() -> None:
    shown = xlsx.look(from_bytes("fog.xlsx", simple(("Which?", "a", "b", "c", "A"))))
    assert shown["Fog"].header == HEADER
    assert shown["Fog"].columns["key"] == 4
    assert xlsx.look(from_bytes("fog.xlsx", b"no")) == {}


def test_a_size_that_the_workbook_claims_is_not_believed() -> None:
    content = altered(
        simple(("Which?", "a", "b", "c", "A")),
        SHEET,
        lambda old: old.replace(b'ref="A1:E2"', b'ref="A1:XFD1048576"'),
    )
    assert len(items(content)) == 1


def test_a_row_a_million_rows_down_ends_the_sheet() -> None:
    content = altered(
        simple(("Which?", "a", "b", "c", "A"), ("Late?", "a", "b", "c", "A")),
        SHEET,
        lambda old: old.replace(b'<row r="3"', b'<row r="1048576"').replace(b'3" t', b'1048576" t'),
    )
    reading = read(content)
    assert reading.pack is not None
    assert len(reading.pack.items) == 1
    assert rules(reading.faults) == ["rows-left-out"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, ".xls"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}, ".ods"),
        ({"xl/workbook.bin": b"x", "[Content_Types].xml": b"<a/>"}, ".xlsb"),
    ],
)
def test_other_workbooks_are_told_how_to_become_ours(content: bytes | dict[str, bytes], what: str) -> None:
    given_source = from_bytes("x", content) if isinstance(content, bytes) else Source("x", content, b"PK")
    assert xlsx.detect(given_source)
    (fault,) = xlsx.read(given_source).faults
    assert fault.rule == "other-workbook"
    assert what in fault.message


def test_b03_a_bomb_is_refused_by_its_ratio() -> None:
    bomb = altered(simple(("Which?", "a", "b", "c", "A")), SHEET, lambda old: old + b" " * 50_000_000)
    assert rules(read(bomb).faults) == ["bad-entry"]


def _rows(count: int) -> bytes:
    cell = b'<c t="inlineStr"><is><t>%d</t></is></c>'
    rows = (
        b"<row>" + b"".join(cell % (n * 7919 % 10**9) for _ in range(2)) + b"</row>" for n in range(count)
    )
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return start + b"".join(rows) + b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("part", "change", "why"),
    [
        (SHEET, lambda old: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + old, "DOCTYPE"),
        ("xl/styles.xml", lambda old: b"<!ENTITY b 'c'>" + old, "DOCTYPE"),
        ("xl/workbook.xml", lambda old: old.decode().encode("utf-16"), "UTF-8"),
        (SHEET, lambda old: b"<?xml version='1.0' encoding='cp037'?>" + old, "UTF-8"),
        (SHEET, lambda _: _rows(300_000), "tags"),
        (SHEET, lambda old: old.replace(b"Which?", bytes(range(97, 123)) * 80_000), "text of more"),
    ],
)
def test_b06_hostile_parts_are_refused_before_they_are_parsed(part: str, change: Any, why: str) -> None:
    good = simple(("Which?", "a", "b", "c", "A"))
    hostile = Source("x.xlsx", {}, altered(good, part, change))
    with zipfile.ZipFile(io.BytesIO(hostile.raw or b"")) as archive:
        hostile = Source("x.xlsx", {name: archive.read(name) for name in archive.namelist()}, hostile.raw)
    (fault,) = xlsx.read(hostile).faults
    assert fault.rule == "workbook-limit"
    assert why in fault.message


def test_b11_more_rows_than_are_allowed_are_refused() -> None:
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    names = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % name for name in (b"question", b"a", b"b"))
    cells = b"<c><v>1</v></c><c><v>%d</v></c><c><v>2</v></c>"
    rows = b"".join(b"<row>" + cells % n + b"</row>" for n in range(21_000))
    content = altered(
        simple(), SHEET, lambda _: start + b"<row>" + names + b"</row>" + rows + b"</sheetData></worksheet>"
    )
    before = time.process_time()
    assert rules(read(content).faults) == ["too-many-questions"]
    assert time.process_time() - before < 60  # far above what it takes


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_refused(data: st.DataObject) -> None:
    good = simple(("Which?", "=1+1", "b", 3.5, "A"))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        part = data.draw(st.sampled_from(archive.namelist()))
    signs = st.sampled_from([b"<", b">", b"&", b'"', b"\xff", b"9", b"", b"A1"])

    def damage(content: bytes) -> bytes:
        at = data.draw(st.integers(0, len(content)))
        return content[:at] + data.draw(signs) + content[at + data.draw(st.integers(0, 30)) :]

    reading = read(altered(good, part, damage))
    assert reading.pack is not None or reading.faults


GOOD = simple(("Which?", "a", "b", "c", "A"))  # made once: a workbook holds the time it was saved at


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_bytes_break_the_reader(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    content = GOOD[:at] + data.draw(st.binary(max_size=10)) + GOOD[at + data.draw(st.integers(0, 10)) :]
    reading = read(content)
    assert reading.pack is not None or reading.faults
    xlsx.read(Source("x", {"xl/workbook.xml": b""}, content))


_value = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates(date(1950, 1, 1))
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(_value, min_size=5, max_size=5), max_size=5))
def test_items_skipped_and_broken_are_all_rows(rows: list[list[Any]]) -> None:
    reading = read(simple(*rows))
    filled = [row for row in rows if any(str(value).strip() for value in row if value is not None)]
    assert reading.pack is not None
    broken = sum(is_broken(fault) for fault in reading.faults)
    assert len(reading.pack.items) + len(reading.skipped) + broken == len(filled)
