"""What a bank has for an exam: forms by count, what limits them, and what should be looked at."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.exam.exam_outlook import DomainRoom, disjoint, more_needed, outlook
from app.exam.item import Status
from app.exam.pack import Cut, Domain, MultipleAnswer
from tests.exam.banks import DAY, exam, item

TITLES = ("D1", "D2", "D3", "D4")
DOMAINS = tuple(Domain(name, name) for name in TITLES)


def rooms(**ready: int) -> tuple[DomainRoom, ...]:
    """The rooms of the 74-item exam over a bank of so many ready items, a quarter with several answers."""
    places = dict(zip(TITLES, (19, 21, 19, 15), strict=True))
    return tuple(DomainRoom(one, places[one.id], 0, ready[one.id], ready[one.id] // 4) for one in DOMAINS)


def test_the_domain_that_allows_fewest_is_named() -> None:
    forms, limit = disjoint(exam(), rooms(D1=96, D2=107, D3=93, D4=75))
    assert forms == 4
    assert limit == "D3 allows 4, the others 5 or more"


def test_a_bank_of_the_right_counts_gives_five_forms() -> None:
    assert disjoint(exam(), rooms(D1=96, D2=107, D3=95, D4=75)) == (5, "every domain allows 5")


def test_the_range_of_multiple_answer_items_may_allow_fewer() -> None:
    greedy = exam(multiple_answer=MultipleAnswer(40, 60))
    forms, limit = disjoint(greedy, rooms(D1=96, D2=107, D3=95, D4=75))
    assert forms == 2
    assert "multiple-answer items 2" in limit


def test_an_exam_without_a_domain_of_items_has_no_form() -> None:
    assert disjoint(exam(), rooms(D1=96, D2=107, D3=0, D4=75))[0] == 0


@given(st.tuples(*[st.integers(0, 120)] * 4))
def test_one_form_more_needs_what_is_said_and_no_less(ready: tuple[int, ...]) -> None:
    free = exam(multiple_answer=None)
    held = dict(zip(TITLES, ready, strict=True))
    forms, _ = disjoint(free, rooms(**held))
    more = {
        one: (forms + 1) * room.places - room.ready for one, room in zip(held, rooms(**held), strict=True)
    }
    filled = {one: held[one] + max(0, more[one]) for one in held}
    assert disjoint(free, rooms(**filled))[0] == forms + 1
    for one in held:
        if more[one] > 0:
            assert disjoint(free, rooms(**{**filled, one: filled[one] - 1}))[0] == forms


def test_items_that_are_not_ready_do_not_count() -> None:
    short = exam(items=4, blueprint={"D1": 50, "D2": 50}, multiple_answer=None, cut=Cut(2.5, "tests"))
    bank = [item(f"{place}{n}", place) for place in ("D1", "D2") for n in range(4)]
    assert outlook(short, DOMAINS, bank, DAY).forms == 2
    late = [replace(one, status=Status.DRAFT) if one.id == "D20" else one for one in bank]
    found = outlook(short, DOMAINS, late, DAY)
    assert (found.forms, found.ready, more_needed(found)) == (1, 7, {"D2": 1})


def test_what_is_missing_for_a_form_is_said_in_words() -> None:
    short = exam(items=4, blueprint={"D1": 50, "D2": 50}, multiple_answer=None, cut=Cut(2.5, "tests"))
    found = outlook(short, DOMAINS, [item(f"D1{n}", "D1") for n in range(4)], DAY)
    assert found.shortfalls == ("Domain D2 has 0 ready items, the blueprint needs 2.",)
    assert outlook(short, DOMAINS, [], DAY).shortfalls


def test_a_cut_on_a_whole_count_is_warned_of() -> None:
    bank = [item(f"{place}{n}", place) for place in TITLES for n in range(3)]
    assert outlook(exam(), DOMAINS, bank, DAY).warnings == ()
    (warning,) = outlook(exam(cut=Cut(53, "tests")), DOMAINS, bank, DAY).warnings
    assert "53.5" in warning
