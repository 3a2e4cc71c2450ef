"""The sparse matrix of responses, and its sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics import responses as module
from app.psychometrics.responses import RowSums, from_table, responses

TABLE = np.array([[1, 0, -1], [-1, 1, 1], [0, -1, -1], [-1, -1, -1]])


def test_a_table_becomes_its_responses_in_order() -> None:
    found = from_table(TABLE)
    assert found.person.tolist() == [0, 0, 1, 1, 2]
    assert found.item.tolist() == [0, 1, 1, 2, 0]
    assert found.right.tolist() == [True, False, True, True, False]
    assert (found.items, found.persons, found.longest) == (3, 4.0, 2)


def test_the_order_in_which_responses_are_given_does_not_matter() -> None:
    found = responses([1, 0, 1, 0], [2, 1, 1, 0], [1, 0, 1, 1], 3, [1, 1])
    assert found.person.tolist() == [0, 0, 1, 1]
    assert found.item.tolist() == [0, 1, 1, 2]
    assert found.right.tolist() == [True, False, True, True]


def test_counts_are_of_people_not_of_rows() -> None:
    wrong, right = from_table(TABLE, [3, 2, 5, 7]).counts()
    assert wrong.tolist() == [5, 3, 0]
    assert right.tolist() == [3, 2, 2]


def test_some_items_are_counted_anew() -> None:
    found = from_table(TABLE).only(np.array([False, True, True]))
    assert (found.items, found.persons) == (2, 4.0)
    assert found.item.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("person", "item", "weight", "what"),
    [
        ([0, 0], [1, 1], [1], "two responses"),
        ([1], [0], [1], "not there"),
        ([-1], [0], [1], "not there"),
        ([0], [2], [1], "not there"),
        ([0], [0], [-1], "weights"),
        ([0], [0], [np.nan], "weights"),
    ],
)
def test_what_cannot_be_is_refused(
    person: list[int], item: list[int], weight: list[float], what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        responses(person, item, [1] * len(person), 2, weight)


def test_a_table_with_other_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 1, 0"):
        from_table([[0, 2]])


@given(st.lists(st.lists(st.integers(0, 9), max_size=300), min_size=1, max_size=6))
def test_row_sums_are_sums_of_rows(lists: list[list[int]]) -> None:
    table = np.vstack([np.arange(30.0).reshape(10, 3), np.zeros(3)])
    start = np.cumsum([0, *map(len, lists)])
    members = np.array([row for rows in lists for row in rows], dtype=np.int64)
    expected = np.array([table[rows].sum(axis=0) for rows in lists])
    assert RowSums(start, members, 10).of(table) == pytest.approx(expected)


def test_blocks_hold_every_response_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PERSONS_AT_ONCE", 3)
    found = from_table(TABLE, [3, 2, 5, 7])
    blocks = list(found.blocks())
    assert [block.persons for block in blocks] == [slice(0, 3), slice(3, 4)]
    assert [block.weight.tolist() for block in blocks] == [[3, 2, 5], [7]]
    whose = np.concatenate([block.person + block.persons.start for block in blocks])
    codes = np.concatenate([block.code for block in blocks])
    assert whose.tolist() == found.person.tolist()
    assert codes.tolist() == (found.item + 3 * found.right).tolist()


def test_a_block_sums_by_person_and_by_item() -> None:
    (block,) = from_table(TABLE).blocks()
    by_code = np.vstack([np.arange(6.0)[:, np.newaxis], [[0.0]]])  # wrong: 0 1 2, right: 3 4 5
    assert block.by_person.of(by_code).ravel().tolist() == [3 + 1, 4 + 5, 0, 0]
    by_person = np.array([[1.0], [10.0], [100.0], [1000.0], [0.0]])
    assert block.by_code.of(by_person).ravel().tolist() == [100, 1, 0, 1, 10, 10]
