"""What is written as CSV reads back to the same questions, and no spreadsheet takes a cell of it for a formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType, Option
from app.exam.pack import Domain, Pack, Topic
from app.formats import csv_read, csv_write, native
from app.formats.columns import PRESETS
from app.formats.csv_cells import harmless, plain
from app.formats.reading import Reading
from app.formats.source import from_bytes
from tests.formats.pieces import good, rules
from tests.formats.written import item_of, items, pack_of
from tests.images import PNG

OPTIONS = (Option("a", "The horn", key=True, why="It carries."), Option("b", "The flag"))


def again(pack: Pack) -> Reading:
    return csv_read.read(from_bytes("p.csv", csv_write.write(pack).content))


def cells(pack: Pack) -> list[list[str]]:
    """What another program reads."""
    text = csv_write.write(pack).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def said(item: Item) -> tuple[object, ...]:
    """What a table holds of an item."""
    options = tuple((option.id, option.text, option.key, option.why) for option in item.options)
    return item.type, item.stem, options, item.rationale, item.shuffle


@settings(max_examples=200, deadline=None)
@given(st.lists(items(), min_size=1, max_size=3))
def test_questions_read_back_to_the_letter(given_items: list[Item]) -> None:
    pack = pack_of(*given_items)
    reading = again(pack)
    assert reading.pack is not None
    assert list(map(said, reading.pack.items)) == list(map(said, pack.items))


@settings(max_examples=50, deadline=None)
@given(st.lists(items(), min_size=1, max_size=3))
def test_what_was_read_is_written_as_the_same_bytes(given_items: list[Item]) -> None:
    first = again(pack_of(*given_items))
    assert first.pack is not None
    content = csv_write.write(first.pack).content
    second = csv_read.read(from_bytes("p.csv", content))
    assert second.pack is not None
    assert csv_write.write(second.pack).content == content
    assert [item.id for item in second.pack.items] == [item.id for item in first.pack.items]


def test_a_whole_pack_reads_back_with_its_places() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    reading = again(pack)
    assert reading.pack is not None
    for before, after in zip(pack.items, reading.pack.items, strict=True):
        assert said(replace(after, stem="")) == said(replace(before, stem=""))
        assert after.stem == before.stem.strip()
        assert after.origin is not None
        assert after.origin.unmapped["ident"] == before.id
    assert reading.pack.items[0].origin is not None
    assert reading.pack.items[0].origin.unmapped["category"].startswith("Light / ")


def test_topics_and_domains_are_written_by_their_titles() -> None:
    item = replace(item_of("Which?", *OPTIONS), topic="fog/horns", domain="D1")
    pack = replace(
        pack_of(item),
        topics=(Topic("fog", "Fog / Mist"), Topic("fog/horns", "Horns > all")),
        domains=(Domain("D1", "Sound"),),
    )
    reading = again(pack)
    assert reading.pack is not None
    (read,) = reading.pack.items
    assert read.origin is not None
    assert read.origin.unmapped["category"] == "Sound / Fog/Mist / Horns > all"


def test_the_first_columns_are_those_of_udemys_second_template() -> None:
    header, row = cells(pack_of(item_of("Which?", *OPTIONS)))
    assert header[:17] == [
        *("Question", "Question Type"),
        *(name for n in range(1, 7) for name in (f"Answer Option {n}", f"Explanation {n}")),
        *("Correct Answers", "Overall Explanation", "Domain"),
    ]
    assert len(PRESETS["udemy-v2"]) == 17
    assert row[:6] == ["Which?", "multiple-choice", "The horn", "It carries.", "The flag", ""]
    assert row[14] == "1"


def test_more_than_six_options_have_columns_behind() -> None:
    options = [Option("abcdefghij"[n], f"o{n}", n > 7) for n in range(10)]
    pack = pack_of(item_of("Which two?", *options, kind=ItemType.MULTIPLE))
    assert cells(pack)[1][14] == "9,10"
    reading = again(pack)
    assert reading.pack is not None
    assert said(reading.pack.items[0]) == said(pack.items[0])


def test_the_same_pack_gives_the_same_bytes() -> None:
    pack = pack_of(item_of("Which?", *OPTIONS))
    assert csv_write.write(pack) == csv_write.write(pack)
    assert csv_write.write(pack).content.startswith("\ufeffQuestion,".encode())


def test_images_go_into_a_zip_and_come_back() -> None:
    item = replace(item_of("![The horn](media/horn.png) Which?", *OPTIONS), media=("media/horn.png",))
    written = csv_write.write_zip(pack_of(item), {"media/horn.png": PNG, "media/unused.png": PNG})
    reading = csv_read.read(from_bytes("p.zip", written.content))
    assert reading.pack is not None
    assert list(reading.media.values()) == [PNG]
    assert reading.pack.items[0].stem == f"![The horn]({reading.pack.items[0].media[0]}) Which?"
    assert rules(reading.faults) == []
    assert any("images" in left.what for left in csv_write.write(pack_of(item)).left)


def test_what_a_table_cannot_hold_is_listed() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    left = csv_write.write(pack).left
    assert any(each.item == "lamp-001" and "references" in each.what for each in left)
    assert any(not each.item and "exams" in each.what for each in left)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "'=", "''@"])
def test_b12_no_cell_begins_like_a_formula(start: str) -> None:
    cell = harmless(f"{start}1+1")
    assert cell.startswith("'")
    assert plain(cell) == f"{start}1+1"


@pytest.mark.parametrize("number", ["-5", "+2", "-1,5", "-3.5%", "12"])
def test_b12_numbers_stay_numbers(number: str) -> None:
    assert harmless(number) == number == plain(number)


def test_b12_hostile_options_are_harmless_in_another_program_and_come_back() -> None:
    hostile = ("=cmd|' /C calc'!A0", "@SUM(A1)", "+1+1", "-2+3", "\t=1", "'=1")
    options = [Option("abcdef"[n], text.strip(), n == 0) for n, text in enumerate(hostile)]
    pack = pack_of(item_of("=HYPERLINK(1)", *options))
    for cell in cells(pack)[1]:
        assert not cell.startswith(("=", "+", "-", "@", "\t"))
    reading = again(pack)
    assert reading.pack is not None
    assert said(reading.pack.items[0]) == said(pack.items[0])


@given(st.text(max_size=20))
def test_b12_making_harmless_is_undone_exactly(text: str) -> None:
    assert plain(harmless(text)) == text
