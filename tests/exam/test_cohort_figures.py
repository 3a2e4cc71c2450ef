"""The figures of a cohort: bins around the cut, shares with intervals, and nothing from too little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.cohort_figures import LEAST_PEOPLE, bins, figures, most_missed, share
from app.exam.pack import Scale
from app.exam.score import Mark, Score, Tally

SCALE = Scale()
RIGHT, WRONG, EMPTY = Mark.RIGHT, Mark.WRONG, Mark.UNANSWERED


def score(displayed: int = 700, marks: tuple[Mark, ...] = (RIGHT,), **changes: object) -> Score:
    """A score with what the figures read of it."""
    plain = {
        "raw": marks.count(RIGHT),
        "scored": len(marks),
        "unanswered": 0,
        "scaled": float(displayed),
        "displayed": displayed,
        "passed": displayed >= SCALE.cut,
        "domains": (),
        "topics": (),
        "pilots": Tally("", 0, 0, 0),
        "marks": marks,
    }
    return Score(**{**plain, **changes})  # type: ignore[arg-type]  # fields of Score, by name


@given(st.lists(st.integers(100, 1000), min_size=1), st.sampled_from([SCALE, Scale(0, 61, 100)]))
def test_every_score_is_in_one_bin_and_the_cut_between_two(shown: list[int], scale: Scale) -> None:
    within = [min(max(one, scale.min), scale.max) for one in shown]
    found = bins(scale, within)
    assert sum(one.count for one in found) == len(shown)
    assert any(one.low == scale.cut for one in found)
    assert sum(one.count for one in found if one.passed) == sum(one >= scale.cut for one in within)
    assert (found[0].low <= scale.min, found[-1].high > scale.max) == (True, True)


def test_nobody_gives_no_figures() -> None:
    assert figures(SCALE, ["D1"], {}, {}) is None


def test_too_few_scores_say_nothing_of_all() -> None:
    tally = (Tally("D1", 6, 10, 0),)
    few = figures(
        SCALE, ["D1"], {n: score(domains=tally) for n in range(LEAST_PEOPLE - 1)}, {n: [1] for n in range(9)}
    )
    enough = figures(
        SCALE, ["D1"], {n: score(domains=tally) for n in range(LEAST_PEOPLE)}, {n: [1] for n in range(9)}
    )
    assert few is not None
    assert enough is not None
    assert (few.passed, few.domains[0].mean) == (None, None)
    assert enough.passed is not None
    assert enough.domains[0].mean is not None


@pytest.mark.parametrize(
    ("right", "total", "shade"), [(3, 7, None), (0, 8, 0), (8, 8, 4), (5, 10, 2), (0, 0, None)]
)
def test_only_cells_of_enough_items_are_shaded(right: int, total: int, shade: int | None) -> None:
    found = figures(SCALE, ["D1"], {1: score(domains=(Tally("D1", right, total, 0),))}, {1: [1]})
    assert found is not None
    assert found.cells[1]["D1"].shade == shade


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_share_lies_in_its_interval(count: int, more: int) -> None:
    found = share(count, count + more)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_mean_of_a_domain_has_the_interval_of_people() -> None:
    got = {n: score(domains=(Tally("D1", n, 10, 0),)) for n in range(2, 9)}
    found = figures(SCALE, ["D1"], got, {n: [1] for n in got})
    assert found is not None
    mean = found.domains[0].mean
    assert mean is not None
    assert mean.value == pytest.approx(0.5)
    # 2.447 (Student, 6 degrees) times .2160 / sqrt(7)
    assert (mean.low, mean.high) == pytest.approx((0.5 - 0.1998, 0.5 + 0.1998), abs=1e-3)


def test_items_are_ordered_by_what_is_sure_of_them() -> None:
    many = {n: score(marks=(WRONG if n < 15 else RIGHT, EMPTY if n < 10 else RIGHT)) for n in range(20)}
    few = {100 + n: score(marks=(WRONG,)) for n in range(LEAST_PEOPLE)}
    items = {n: [1, 2] for n in many} | {n: [3] for n in few}
    found = most_missed(many | few, items)
    assert [(one.item_version_id, one.missed, one.total) for one in found] == [
        (3, 5, 5),
        (1, 15, 20),
        (2, 10, 20),
    ]
    assert found[2].unanswered == 10


def test_items_that_few_had_and_withdrawn_ones_are_left_out() -> None:
    got = {n: score(marks=(WRONG, WRONG), dropped=(2,)) for n in range(LEAST_PEOPLE)}
    got |= {50: score(marks=(WRONG,))}
    found = most_missed(got, {**{n: [1, 2] for n in range(LEAST_PEOPLE)}, 50: [3]})
    assert [one.item_version_id for one in found] == [1]
