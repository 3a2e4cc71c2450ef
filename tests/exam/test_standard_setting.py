"""Angoff ratings: read, summed up, refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.exam.standard_setting import read_ratings, standard
from tests.exam.banks import exam

DOMAINS = {f"i{number}": f"D{number % 4 + 1}" for number in range(20)}
EVEN = dict.fromkeys(DOMAINS, (0.6, 0.8))


def test_ratings_are_shares_or_per_cents() -> None:
    raters, ratings = read_ratings("item,ann,bob\na,0.5,60\nb,70 %,\n\n")
    assert raters == ("ann", "bob")
    assert ratings == {"a": (0.5, 0.6), "b": (0.7, None)}


def test_every_wrong_cell_is_named_with_its_line() -> None:
    with pytest.raises(Invalid) as caught:
        read_ratings("item,ann,bob\na,maybe,0.5\nb,0.5\na,nan,0\n")
    assert [fault.at.line for fault in caught.value.faults] == [2, 3, 4, 4, 4]


@pytest.mark.parametrize("text", ["", "item\n", "item,ann,ann\na,.5,.5\n", "item,ann,\na,.5,.5\n"])
def test_a_header_without_raters_of_their_own_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_ratings(text)


def test_the_mean_is_the_standard_in_items_of_the_form() -> None:
    made = standard(("ann", "bob"), EVEN, DOMAINS, exam())
    assert made.mean == pytest.approx(0.7)
    assert made.raw == pytest.approx(0.7 * 74)
    assert made.error == pytest.approx(0.1)
    assert [one.name for one in made.raters] == ["ann", "bob"]
    assert [one.severity for one in made.raters] == pytest.approx([-0.1, 0.1])


def test_each_domain_counts_by_its_weight_whatever_the_number_of_its_items() -> None:
    ratings = {name: (0.9, 0.9) if DOMAINS[name] == "D1" else (0.5, 0.5) for name in DOMAINS}
    fewer = {name: value for name, value in ratings.items() if name not in ("i0", "i4", "i8")}
    assert standard(("a", "b"), ratings, DOMAINS, exam()).mean == pytest.approx(0.26 * 0.9 + 0.74 * 0.5)
    assert standard(("a", "b"), fewer, DOMAINS, exam()).mean == pytest.approx(0.26 * 0.9 + 0.74 * 0.5)


def test_a_domain_without_ratings_is_named() -> None:
    ratings = {name: value for name, value in EVEN.items() if DOMAINS[name] != "D3"}
    with pytest.raises(Invalid, match="D3"):
        standard(("ann", "bob"), ratings, DOMAINS, exam())


def test_one_rater_is_no_panel() -> None:
    with pytest.raises(Invalid, match="2 raters"):
        standard(("ann", "bob"), dict.fromkeys(DOMAINS, (0.5, None)), DOMAINS, exam())


def test_items_that_the_bank_has_not_are_named() -> None:
    with pytest.raises(Invalid, match="ghost"):
        standard(("ann", "bob"), {**EVEN, "ghost": (0.5, 0.5)}, DOMAINS, exam())


def test_a_rater_who_left_a_domain_out_has_no_standard_of_their_own() -> None:
    ratings = {name: (0.6, 0.8, None if DOMAINS[name] == "D4" else 0.7) for name in DOMAINS}
    assert standard(("a", "b", "c"), ratings, DOMAINS, exam()).error == pytest.approx(0.1)


@given(
    st.dictionaries(
        st.sampled_from(sorted(DOMAINS)),
        st.lists(st.none() | st.floats(0.01, 0.99), min_size=3, max_size=3),
    )
)
def test_whatever_is_rated_the_standard_lies_between_the_ratings_or_is_refused(
    ratings: dict[str, list[float | None]],
) -> None:
    try:
        made = standard(("a", "b", "c"), ratings, DOMAINS, exam())
    except Invalid:
        return
    known = [value for values in ratings.values() for value in values if value is not None]
    assert min(known) - 1e-9 <= made.mean <= max(known) + 1e-9
    assert made.error is None or made.error >= 0
