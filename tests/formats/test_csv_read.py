"""CSV: Udemy's templates and any table that names its columns, however it is quoted, divided and encoded."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType
from app.formats import csv_read
from app.formats.drafts import MAX_QUESTIONS, is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from app.formats.table import MAX_BAD_ROWS, MAX_CELL, MAX_GAP, Mapped
from tests.formats.pieces import mutated, rules
from tests.formats.test_columns import UDEMY_1, UDEMY_2
from tests.images import PNG

HEADER = "question,option a,option b,option c,answer\n"
ROW = "Which signal?,horn,flag,bell,B\n"


def read(content: str | bytes, mapped: Mapped = None) -> Reading:
    return csv_read.read(
        from_bytes("fog.csv", content if isinstance(content, bytes) else content.encode()), mapped
    )


def items(content: str | bytes, mapped: Mapped = None) -> tuple[Item, ...]:
    pack = read(content, mapped).pack
    assert pack is not None
    return pack.items


def only(content: str | bytes) -> Item:
    (item,) = items(content)
    return item


def detected(content: str | bytes) -> bool:
    return csv_read.detect(from_bytes("x", content if isinstance(content, bytes) else content.encode()))


def texts(item: Item) -> list[str]:
    return [option.text for option in item.options]


def key(item: Item) -> str:
    return "".join(sorted(item.key))


def test_udemys_first_template_is_read() -> None:
    reading = read(f'{UDEMY_1}\nWhich?,multiple-choice,horn,flag,,,,,2,"As seen, so known.",Fog\n')
    assert reading.pack is not None
    (item,) = reading.pack.items
    assert (item.type, texts(item), key(item)) == (ItemType.SINGLE, ["horn", "flag"], "b")
    assert (item.rationale, item.topic) == ("As seen, so known.", "fog")
    assert reading.faults == ()


def test_udemys_second_template_has_a_reason_for_each_option() -> None:
    item = only(f'{UDEMY_2}\nWhich two?,multi-select,a,one,b,two,c,,,,,,,,"1,3",all,Fog\n')
    assert (item.type, key(item)) == (ItemType.MULTIPLE, "ac")
    assert [option.why for option in item.options] == ["one", "two", ""]


def test_an_empty_option_in_the_middle_does_not_move_the_key() -> None:
    item = only(f"{UDEMY_1}\nWhich?,multiple-choice,a,,c,,,,3,,\n")
    assert [(option.text, option.key) for option in item.options] == [("a", False), ("c", True)]


def test_udemys_template_without_a_header_is_told_by_its_types() -> None:
    content = "Which?,multiple-choice,a,why a,b,why b,,,,,,,,,2,,Fog\n"
    assert detected(content)
    assert key(only(content)) == "b"


def test_a_preset_can_be_named() -> None:
    translated = ",".join(f"S{n}" for n in range(11))
    (item,) = items(f"{translated}\nWhich?,?,a,b,,,,,2,,\n", "udemy-v1")
    assert key(item) == "b"
    assert rules(read(f"{translated}\nx,y\n", "udemy-v9").faults) == ["unknown-preset"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_told_from_the_content(sign: str) -> None:
    content = f"{HEADER}{ROW}".replace(",", sign)
    assert detected(content)
    assert texts(only(content)) == ["horn", "flag", "bell"]


def test_a_separator_may_be_declared() -> None:
    assert texts(only("sep=;\nquestion;a;b\nOne, two?;x,y;z\n")) == ["x,y", "z"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_told_from_the_content(encoding: str) -> None:
    content = "question,a,b,answer\nWas ist „grün“?,Gräser,Häuser,A\n".encode(encoding)
    assert detected(content)
    reading = read(content)
    assert reading.pack is not None
    assert texts(reading.pack.items[0]) == ["Gräser", "Häuser"]
    assert ("guessed-encoding" in rules(reading.faults)) is (encoding == "cp1252")


def test_line_ends_may_stand_within_quotes() -> None:
    reading = read(f'{HEADER}"First.\r\n\r\nWhich ""one""?","a\nb",c,d,A\r\n{ROW}')
    assert reading.pack is not None
    first, second = reading.pack.items
    assert first.stem == 'First.\n\nWhich "one"?'
    assert [reading.places[item.id].line for item in (first, second)] == [2, 6]


def test_quotes_may_be_written_with_a_backslash() -> None:
    item = only(f'{HEADER}"Who said \\"hi, you\\"?","a\\"",b,c,A\n')
    assert (item.stem, texts(item)[0]) == ('Who said "hi, you"?', 'a"')


def test_a_backslash_at_the_end_of_a_cell_is_one() -> None:
    first, second = items(f'{HEADER}"Which is it?","C:\\",b,c,A\n"x, y?","D:\\",b,c,A\n')
    assert (texts(first)[0], texts(second)[0]) == ("C:\\\\", "D:\\\\")


def test_a_quote_inside_a_cell_is_kept_and_told() -> None:
    reading = read(f'{HEADER}A 5" disk?,"a" b,c,d,A\n')
    assert reading.pack is not None
    assert reading.pack.items[0].stem == 'A 5" disk?'
    assert rules(reading.faults) == ["misplaced-quote"]


def test_a_quote_that_is_never_closed_spoils_its_line_only() -> None:
    reading = read(f'{HEADER}"Which,a,b,c,A\n{ROW}')
    assert [(fault.rule, fault.at.line) for fault in reading.faults] == [("unclosed-quote", 2)]
    assert reading.pack is not None
    assert len(reading.pack.items) == 1


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("stem,a,b,key", "Q?,x,y,y", "b"),
        ("question,options,answer", "Q?,x|y|z,C", "c"),
        ("question,option 1,option 2,is correct 1,is correct 2", "Q?,x,y,,1", "b"),
        ("question,option a,option b,correct_index", "Q?,x,y,0", "a"),
        ("prompt,choice_a,choice_b,solution", "Q?,x,y,B. y", "b"),
        ("question,correct answer,wrong answer 1,wrong answer 2", "Q?,x,y,z", "a"),
        ("Frage,Antwort 1,Antwort 2,Richtige Antwort", "Q?,x,y,2", "b"),
    ],
)
def test_columns_are_told_by_their_names(header: str, row: str, expected: str) -> None:
    assert detected(f"{header}\n{row}\n")
    assert key(only(f"{header}\n{row}\n")) == expected


def test_titles_above_the_names_of_the_columns_do_not_matter() -> None:
    assert key(only(f"Quiz of the week,,,,\n,,,,\n{HEADER}{ROW}")) == "b"


def test_what_has_no_place_is_kept() -> None:
    reading = read(
        'id,question,a,b,answer,topic,tags,minutes,scenario\n7,Q?,x,y,A,Fog > Horns,"s,t",3,A storm.\n'
    )
    assert reading.pack is not None
    (item,) = reading.pack.items
    assert item.stem == "A storm.\n\nQ?"
    assert item.topic == "fog/horns"
    assert item.origin is not None
    assert item.origin.locator == "row 2"
    assert item.origin.unmapped == {
        "ident": "7",
        "category": "Fog / Horns",
        "tags": ["s", "t"],
        "minutes": "3",
    }


@pytest.mark.parametrize("answer", ["T", "true", "TRUE", "Yes"])
def test_true_and_false_are_two_options(answer: str) -> None:
    item = only(f"question,type,option 1,option 2,answer\nIs it?,true/false,,,{answer}\n")
    assert (texts(item), key(item), item.type) == (["True", "False"], "a", ItemType.SINGLE)


@pytest.mark.parametrize("answer", ["T", "True", "a"])
def test_true_and_false_may_be_named_by_a_letter(answer: str) -> None:
    assert key(only(f"question,option 1,option 2,answer\nIs it?,True,False,{answer}\n")) == "a"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Explain.,essay,,,", "essay questions are not delivered"),
        ("Match.,Matching,x,y,A", "matching questions are not delivered"),
        ("What is it?,,,,a horn", "questions without options (short answer, essay) are not delivered"),
    ],
)
def test_questions_of_other_kinds_are_named(row: str, why: str) -> None:
    reading = read(f"question,type,option a,option b,answer\n{row}\n")
    assert [(skipped.at.line, skipped.why) for skipped in reading.skipped] == [(2, why)]


def test_a_type_against_its_key_is_told() -> None:
    reading = read('question,type,a,b,c,answer\nQ?,single choice,x,y,z,"A,C"\nR?,multi-select,x,y,z,A\n')
    assert reading.pack is not None
    assert [item.type for item in reading.pack.items] == [ItemType.MULTIPLE, ItemType.MULTIPLE]
    assert rules(reading.faults) == ["type-contradiction", "one-key"]


@pytest.mark.parametrize("answer", ["D", "9", "something else", "B-C"])
def test_an_answer_that_names_no_option_leaves_the_key_open(answer: str) -> None:
    reading = read(f"{HEADER}Which?,x,y,z,{answer}\n{ROW}{ROW.replace('B', 'C')}")
    assert reading.pack is not None
    assert reading.pack.items[0].key == frozenset()
    assert "unknown-answer" in rules(reading.faults)


def test_an_answer_that_names_an_empty_option_is_told() -> None:
    reading = read(f"{UDEMY_1}\nWhich?,multiple-choice,a,b,,,,,3,,\n")
    assert "unknown-answer" in rules(reading.faults)
    broken = read(f"{UDEMY_1}\nWhich?,multiple-choice,a,,c,,,,2,,\n")
    assert [fault.rule for fault in broken.faults if is_broken(fault)] == ["empty-key"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "@x", "-2", "=cmd|' /C calc'!A0", "=HYPERLINK(A1)"])
def test_a_formula_is_text(cell: str) -> None:
    item = only(f'{HEADER}Which?,"{cell}",b,c,A\n')
    assert texts(item)[0].replace("\\", "") == cell


def test_an_apostrophe_that_made_a_formula_harmless_is_taken_off() -> None:
    item = only(f"{HEADER}Which?,'=1+1,'tis,'+x,A\n")
    assert [text.replace("\\", "") for text in texts(item)] == ["=1+1", "'tis", "+x"]


@pytest.mark.parametrize("cell", ["1-Feb", "02-Jan", "Jan-02", "2026-01-02", "1/2/2026", "1.5E+12"])
def test_what_a_spreadsheet_changed_is_told(cell: str) -> None:
    assert "spreadsheet-change" in rules(read(f"{HEADER}Which range?,{cell},2-4,5-6,A\n").faults)


def test_options_that_are_all_dates_are_no_change() -> None:
    assert read(f"{HEADER}When?,1/2/2026,1/3/2026,1/4/2026,A\n").faults == ()


def test_the_error_of_a_formula_is_told() -> None:
    assert rules(read(f"{HEADER}Which?,#NAME?,b,c,B\n").faults) == ["spreadsheet-error"]


def test_a_row_with_too_many_cells_is_left_out() -> None:
    reading = read(f"{HEADER}Which, really?,a,b,c,d,A\n{ROW}")
    assert [(f.rule, f.at.line) for f in reading.faults if is_broken(f)] == [("row-width", 2)]
    assert reading.pack is not None
    assert len(reading.pack.items) == 1


def test_a_short_row_is_read_as_far_as_it_goes() -> None:
    reading = read(f"{HEADER}Which?,a,b\n")
    assert rules(reading.faults) == ["no-key"]


def test_every_row_is_accounted_for() -> None:
    reading = read(f"{HEADER}{ROW}Explain.,,,,x\nOne?,a,,,A\n,a,b,c,A\n,,,,\nx,y,z,v,w,u\n")
    assert reading.pack is not None
    broken = sum(is_broken(fault) for fault in reading.faults)
    assert (len(reading.pack.items), len(reading.skipped), broken) == (1, 1, 3)


def test_rows_that_only_have_a_number_are_no_questions() -> None:
    reading = read("No,question,option a,option b,answer\n1,Which?,horn,flag,B\n2,,,,\n3,,,,\n")
    assert (rules(reading.faults), reading.skipped) == (["rows-left-out"], ())
    assert not any(map(is_broken, reading.faults))


def test_a_row_that_describes_the_columns_of_a_template_is_no_question() -> None:
    described = "Text (required),First (required),Second (optional),,The place (default is 1)\n"
    reading = read(f"{HEADER}{described}{ROW}")
    assert reading.pack is not None
    assert [item.stem for item in reading.pack.items] == ["Which signal?"]
    assert rules(reading.faults) == ["rows-left-out"]


def test_a_question_about_what_is_required_is_one() -> None:
    asked = "Which is (required)?,Name (required),Age (optional),Id (required),B\n"
    assert len(items(f"{HEADER}{ROW}{asked}")) == 2


def test_an_answer_that_is_the_place_of_one_option_and_the_text_of_another_is_left_open() -> None:
    reading = read("question,a,b,c,d,answer\n2 + 2?,3,4,5,6,4\n")
    assert reading.pack is not None
    assert key(reading.pack.items[0]) == ""
    assert rules(reading.faults) == ["ambiguous-answer", "no-key"]


def test_an_answer_against_the_marks_of_the_options_is_told() -> None:
    header = "question,a,correct a,b,correct b,answer\n"
    assert rules(read(f"{header}Which?,horn,yes,flag,no,B\n").faults) == ["keys-disagree"]
    assert rules(read(f"{header}Which?,horn,yes,flag,no,A\n").faults) == []


@pytest.mark.parametrize(
    ("names", "cells"),
    [
        ("Correct Answer,Correct Answer", "A,C"),
        ("Correct Answer,Correct Answer", "horn,bell"),
        ("Correct Answer 1,Correct Answer 2", "horn,bell"),
        ("Correct Answer 1,Correct Answer 2", "1,3"),
    ],
)
def test_right_answers_may_have_a_column_each(names: str, cells: str) -> None:
    assert key(only(f"question,option 1,option 2,option 3,{names}\nWhich?,horn,flag,bell,{cells}\n")) == "ac"


def test_wrong_answers_may_share_a_cell() -> None:
    item = only("question,correct answer,wrong answers\nWhich?,horn,flag; bell\n")
    assert (texts(item), key(item)) == (["horn", "flag", "bell"], "a")


def test_names_of_columns_that_stand_again_are_no_question() -> None:
    reading = read(f"{HEADER}{ROW}{HEADER}{ROW.replace('Which', 'What')}")
    assert reading.pack is not None
    assert (len(reading.pack.items), rules(reading.faults)) == (2, ["rows-left-out"])


def test_options_counted_from_0_lose_none() -> None:
    item = only("question,choice_0,choice_1,choice_2,answer_index\nWhich?,horn,flag,bell,0\n")
    assert (texts(item), key(item)) == (["horn", "flag", "bell"], "a")


def test_unknown_columns_are_told_with_what_to_do() -> None:
    reading = read("L1,L2,L3\nx,y,z\nu,v,w\n")
    assert detected("L1,L2,L3\nx,y,z\nu,v,w\n")
    (fault,) = reading.faults
    assert (fault.rule, reading.pack) == ("columns-unknown", None)
    assert "L1, L2, L3" in fault.message


def test_a_mapping_by_hand_makes_up_for_unknown_columns() -> None:
    (item,) = items("L1,L2,L3,L4\nQ?,x,y,B\n", {"stem": "L1", "option 1": "L2", "option 2": 2, "key": "L4"})
    assert (texts(item), key(item)) == (["x", "y"], "b")
    assert rules(read("L1,L2\nx,y\n", {"stem": "no"}).faults) == ["unknown-column"]


def test_the_review_page_sees_header_rows_and_guess() -> None:
    shown = csv_read.look(from_bytes("fog.csv", f"{HEADER}{ROW}".encode()))
    assert shown is not None
    assert shown.header == ("question", "option a", "option b", "option c", "answer")
    assert shown.rows == (("Which signal?", "horn", "flag", "bell", "B"),)
    assert shown.columns == {"stem": 0, "option 1": 1, "option 2": 2, "option 3": 3, "key": 4}
    assert csv_read.look(from_bytes("fog.csv", b"\x00\xff\x00")) is None


def test_images_come_along_in_a_zip() -> None:
    given_source = Source(
        "fog.zip",
        {"fog.csv": b'question,a,b,answer\n"<img src=""i.png""> Which?",x,y,A\n', "i.png": PNG},
    )
    assert csv_read.detect(given_source)
    reading = csv_read.read(given_source)
    assert reading.pack is not None
    assert list(reading.media.values()) == [PNG]
    assert reading.pack.items[0].media == tuple(reading.media)


@pytest.mark.parametrize(
    "content",
    [
        "# Heading\n\n- [x] a, b\n- [ ] c, d\n",
        "Which?\nA) x\nB) y\nANSWER: A\n",
        '{"question": "x", "a": 1}',
        "<quiz>a,b,c</quiz>",
        "One, two, three.\nNo table.\n",
        "",
        "\x00\x01",
        "name,price\nx,1\n",
    ],
)
def test_other_text_is_no_table(content: str) -> None:
    assert not detected(content)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a\x00b", "not-text"),
        (b"\x89PNG\r\n\x1a\n\x00", "not-text"),
        (b"x", "columns-unknown"),
    ],
)
def test_b11_what_is_no_table_is_refused(content: bytes, rule: str) -> None:
    reading = read(content)
    assert reading.pack is None
    assert rules(reading.faults) == [rule]


def test_b11_a_million_rows_are_refused_in_bounded_memory() -> None:
    content = f"{HEADER}{'Q?,x,y,z,A' + chr(10)}".encode() + b"Q?,x,y,z,A\n" * 1_000_000
    given_source = from_bytes("fog.csv", content)
    tracemalloc.start()
    before = time.process_time()
    reading = csv_read.read(given_source)
    seconds = time.process_time() - before
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rules(reading.faults) == ["too-many-questions"]
    assert reading.faults[0].at.line == MAX_QUESTIONS + 2
    assert peak < 150_000_000
    assert seconds < 60  # far above what it takes: no timing fails a test, but no hang passes one


def test_b11_a_cell_of_megabytes_is_told_and_the_rest_is_read() -> None:
    long = "x" * (MAX_CELL + 1)
    reading = read(f'{HEADER}"{long}",a,b,c,A\n{ROW}"{"y" * 10_000_000}",a,b,c,A\n{ROW}')
    assert [(f.rule, f.at.line) for f in reading.faults if is_broken(f)] == [
        ("too-long", 2),
        ("unclosed-quote", 4),
    ]
    assert reading.pack is not None
    assert len(reading.pack.items) == 2


def test_b11_a_flood_of_bad_rows_ends_the_reading() -> None:
    reading = read(HEADER + "a,b,c,d,e,f\n" * (MAX_BAD_ROWS + 5))
    assert rules(reading.faults)[-1] == "too-many-bad-rows"
    assert reading.pack is None


def test_b11_empty_rows_without_end_are_not_read_to_the_end() -> None:
    reading = read(HEADER + ROW + ",,,,\n" * (MAX_GAP + 5) + ROW)
    assert rules(reading.faults) == ["rows-left-out"]


@pytest.mark.parametrize("sign", ['"', '"x\n', ",", '",', "\\", '\\"', "'", "\n", " ", ";", "=", '"a"b,'])
def test_b23_no_content_takes_long(sign: str) -> None:
    content = f"{HEADER}{sign * 50_000}".encode()
    before = time.process_time()
    csv_read.detect(from_bytes("x", content))
    csv_read.read(from_bytes("x", content))
    assert time.process_time() - before < 20


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300) | st.text(st.sampled_from("question,ab\"\n;\\=|'1"), max_size=80).map(str.encode)
)
def test_no_content_breaks_the_reader(content: bytes) -> None:
    given_source = Source("x", {"x": content}, content)
    csv_read.detect(given_source)
    csv_read.read(given_source)
    csv_read.look(given_source)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutations_of_a_good_file_are_read_or_refused(data: st.DataObject) -> None:
    good = f'{UDEMY_2}\n"Which ""two""?\nReally?",multi-select,a,one,b,two,c,,,,,,,,"1,3",all,Fog\n'.encode()
    content = mutated(data, good)
    reading = csv_read.read(Source("x", {"x": content}, content))
    assert reading.pack is not None or reading.faults


_cell = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(_cell, min_size=5, max_size=5), max_size=8))
def test_items_skipped_and_broken_are_all_rows(rows: list[list[str]]) -> None:
    from app.formats.csv_cells import quoted

    written = HEADER + "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    reading = read(written)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if reading.pack is None:
        assert not filled or rules(reading.faults) != []
        return
    broken = sum(is_broken(fault) for fault in reading.faults)
    assert len(reading.pack.items) + len(reading.skipped) + broken == len(filled)
