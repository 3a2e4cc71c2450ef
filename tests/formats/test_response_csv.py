"""Tables of responses and of guessing floors: what is read, and everything that is wrong at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.formats.response_csv import read, read_floors

GOOD = b"first,second,Freq\n1,0,3\n,1,2\n"
ITEMS = ("first", "second")


def faults(content: bytes) -> list[tuple[int | None, str | None, str, str]]:
    """Line, item, rule and message of each fault of a table that is refused."""
    with pytest.raises(Invalid) as refused:
        read("answers.csv", content)
    assert {fault.at.file for fault in refused.value.faults} == {"answers.csv"}
    return [(fault.at.line, fault.at.item, fault.rule, fault.message) for fault in refused.value.faults]


def rules(content: bytes) -> list[tuple[int | None, str]]:
    return [(line, rule) for line, _, rule, _ in faults(content)]


def floor_faults(content: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(Invalid) as refused:
        read_floors("floors.csv", content, ITEMS)
    return [(fault.at.line, fault.rule) for fault in refused.value.faults]


def test_a_table_is_read_with_its_counts() -> None:
    found = read("answers.csv", GOOD)
    assert found.items == ITEMS
    assert found.responses.persons == 5
    assert found.responses.weight.tolist() == [3, 2]
    assert found.responses.person.tolist() == [0, 0, 1]
    assert found.responses.item.tolist() == [0, 1, 1]
    assert found.responses.right.tolist() == [True, False, True]
    assert found.warnings == ()


@pytest.mark.parametrize("name", ["n", "N", "freq", "FREQ", " Freq "])
def test_the_column_that_counts_may_stand_anywhere(name: str) -> None:
    found = read("a.csv", f"{name},first\n4,1\n0,0\n".encode())
    assert (found.items, found.responses.weight.tolist()) == (("first",), [4, 0])


def test_without_such_a_column_each_row_is_a_person() -> None:
    assert read("a.csv", b"first\n1\n0\n").responses.weight.tolist() == [1, 1]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\r"),
        GOOD.decode().encode("utf-16"),
        GOOD + b"\n\n",
        GOOD.rstrip(),
        b'"first","second","Freq"\n"1","0","3"\n"","1","2"\n',
        b"first , second,Freq\n 1,0 , 3\n ,1,2\n",
    ],
)
def test_marks_line_ends_quotes_and_spaces_change_nothing(content: bytes) -> None:
    found, plain = read("a.csv", content), read("a.csv", GOOD)
    assert found.items == plain.items
    assert found.responses.right.tolist() == plain.responses.right.tolist()
    assert found.responses.weight.tolist() == plain.responses.weight.tolist()


def test_a_person_who_saw_nothing_is_a_person() -> None:
    found = read("a.csv", b"first,second\n1,0\n,\n")
    assert (found.responses.persons, len(found.responses.person)) == (2, 2)


def test_names_with_commas_and_letters_of_any_kind_are_kept() -> None:
    assert read("a.csv", 'Größe,"b, second"\n1,0\n'.encode()).items == ("Größe", "b, second")


def test_an_encoding_that_was_guessed_is_a_warning() -> None:
    found = read("a.csv", "Größe,Maß\n1,0\n".encode("latin-1"))
    assert found.items == ("Größe", "Maß")
    assert [fault.rule for fault in found.warnings] == ["guessed-encoding"]


def test_everything_wrong_is_said_at_once_with_its_place() -> None:
    found = faults(b"first,second,n\n1,x,1\n1,0\n2,0,-1\n")
    assert found == [
        (2, "second", "bad-response", "column 2: 'x' is no response; write 1, 0 or nothing"),
        (3, None, "ragged-row", "2 cells, but the header has 3"),
        (4, "first", "bad-response", "column 1: '2' is no response; write 1, 0 or nothing"),
        (4, None, "bad-count", "column 3: '-1' is no number of persons; write 0, 1, 2, …"),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(None, "empty-file")]),
        (b"\n\n", [(None, "empty-file")]),
        (b"\xef\xbb\xbf", [(None, "empty-file")]),
        (b"first,second\n", [(None, "no-persons")]),
        (b"1,0,1\n0,0,1\n", [(1, "no-header")]),
        (b"first;second\n1;0\n", [(1, "not-commas")]),
        (b"first\tsecond\n1\t0\n", [(1, "not-commas")]),
        (b"first,second,first\n1,0,1\n", [(1, "bad-name")]),
        (b',first\n"1",0\n', [(1, "bad-name")]),
        (b"first,se\x01cond\n1,0\n", [(1, "bad-name")]),
        (b"n\n3\n", [(1, "no-items")]),
        (b"first,n,Freq\n1,2,2\n", [(1, "two-counts"), (2, "bad-response")]),
        (b"first,second\n1,0,1\n", [(2, "ragged-row")]),
        (b"first,second\n1\n", [(2, "ragged-row")]),
        (b'first,second\n1,"0\n', [(2, "bad-csv")]),
        (b"first,n\n1,1.5\n1,9999999999\n1,\n1,x\n", [(line, "bad-count") for line in (2, 3, 4, 5)]),
        (b"first,second\n1,0\x00\n", [(2, "not-text")]),
        (b"\x89PNG\r\n\x1a\n\x00\x00", [(None, "not-text")]),
        ("first,second\n1,½\n".encode(), [(2, "bad-response")]),
        (b"first,second\nNA,0.0\n", [(2, "bad-response"), (2, "bad-response")]),
    ],
)
def test_what_cannot_be_used_is_refused_by_rule(
    content: bytes, expected: list[tuple[int | None, str]]
) -> None:
    found = rules(content)
    assert [each for each in found if each in expected or each[1] != "bad-response"] == expected


def test_a_flood_of_faults_ends() -> None:
    found = faults(b"first\n" + b"x\n" * 20_000)
    assert len(found) < 10_000
    assert found[-1][2] == "too-many-faults"


@given(st.binary(max_size=60))
def test_no_bytes_bring_anything_but_a_table_or_faults(content: bytes) -> None:
    try:
        found = read("a.csv", content)
    except Invalid as refused:
        assert refused.faults  # noqa: PT017 -- both ways are right
    else:
        assert len(found.items) == found.responses.items


# --- Guessing floors


@pytest.mark.parametrize("header", [b"", b"item,c\n", b"Item,C\n", b"\xef\xbb\xbfname,c\n"])
def test_floors_are_in_the_order_of_the_items(header: bytes) -> None:
    found = read_floors("floors.csv", header + b"second,0\nfirst, 0.25\n", ITEMS)
    assert found.tolist() == [0.25, 0.0]


def test_an_item_may_have_the_name_of_a_header() -> None:
    assert read_floors("floors.csv", b"item,0.2\n", ("item",)).tolist() == [0.2]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(None, "missing-item"), (None, "missing-item")]),
        (b"first,0.2\n", [(None, "missing-item")]),
        (b"first,0.2\nsecond,0.2\nfirst,0.3\n", [(3, "duplicate-item")]),
        (b"first,0.2\nsecnd,0.2\n", [(2, "unknown-item")]),
        (b"first\nsecond,0.2,7\n", [(1, "ragged-row"), (2, "ragged-row")]),
        (b"first,1\nsecond,-0.1\n", [(1, "bad-floor"), (2, "bad-floor")]),
        (b"first,nan\nsecond,1_0\n", [(1, "bad-floor"), (2, "bad-floor")]),
        (b"first,inf\nsecond,quarter\n", [(1, "bad-floor"), (2, "bad-floor")]),
    ],
)
def test_floors_that_cannot_be_used_are_refused(
    content: bytes, expected: list[tuple[int | None, str]]
) -> None:
    assert floor_faults(content) == expected


def test_a_misspelt_item_is_answered_with_the_nearest() -> None:
    with pytest.raises(Invalid) as refused:
        read_floors("floors.csv", b"secnd,0.2\n", ITEMS)
    assert "did you mean 'second'?" in str(refused.value.faults[0])


def test_reading_is_exact_for_every_kind_of_cell() -> None:
    rng = np.random.default_rng(4)
    table = rng.integers(-1, 2, (50, 7))
    rows = [",".join("" if cell < 0 else str(cell) for cell in row) for row in table.tolist()]
    found = read("a.csv", "\n".join(["a,b,c,d,e,f,g", *rows]).encode()).responses
    again = np.full_like(table, -1)
    again[found.person, found.item] = found.right
    assert again.tolist() == table.tolist()
