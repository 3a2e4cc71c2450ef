"""Coverage: which items count for a subject, what is wrong with a list, and the page that is made of it."""

from __future__ import annotations

import pytest

from app.exam.coverage import Coverage, document, problems, ready
from app.exam.item import Status
from tests.exam.banks import item

ITEMS = [item("lamp-1"), item("lamp-2"), item("horn-1", status=Status.DRAFT)]


def lamps(*names: str, **changes: object) -> Coverage:
    """A subject with these items."""
    fields: dict[str, object] = {"subject": "lamps", "group": "Light", "items": names, **changes}
    return Coverage(**fields)  # type: ignore[arg-type]  # fields of Coverage, by name


def test_ready_items_count_once_each_as_they_are_listed() -> None:
    assert ready(lamps("lamp-2", "horn-1", "gone", "lamp-2", "lamp-1"), ITEMS) == ("lamp-2", "lamp-1")


def test_a_good_list_has_no_problems() -> None:
    assert problems([lamps("lamp-1"), lamps("lamp-1", "lamp-2", subject="oil", at_least=2)], ITEMS) == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (lamps("lamp-1", "lam-2"), ["the pack has no item 'lam-2'; did you mean 'lamp-2'?"]),
        (lamps("lamp-1", "x"), ["the pack has no item 'x'; correct it, or take it out"]),
        (lamps("lamp-1", "horn-1"), ["item 'horn-1' is draft, not ready; mend it, or take it out"]),
        (lamps("lamp-1", "lamp-1"), ["item 'lamp-1' is listed 2 times; once is enough"]),
        (
            lamps("lamp-1", at_least=2),
            ["1 ready of 2 wanted; write more, or say under unverified why there are none"],
        ),
        (
            lamps("horn-1"),
            [
                "item 'horn-1' is draft, not ready; mend it, or take it out",
                "0 ready of 1 wanted; write more, or say under unverified why there are none",
            ],
        ),
        (
            lamps("lamp-1", unverified="no source"),
            ["1 ready of 1 wanted, so nothing is unverified; take that out"],
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_subject(row: Coverage, expected: list[str]) -> None:
    assert problems([row], ITEMS) == tuple(f"Light, lamps: {message}" for message in expected)


def test_a_subject_may_be_short_if_it_says_why() -> None:
    assert problems([lamps(unverified="the page could not be read")], ITEMS) == ()


def test_a_subject_that_stands_twice_is_a_problem_in_one_group_only() -> None:
    twice = [lamps("lamp-1"), lamps("lamp-2"), lamps("lamp-2", group="Trade")]
    assert problems(twice, ITEMS) == ("Light, lamps: the subject stands twice; make one entry of the two",)


def test_the_page_has_a_table_for_each_group_with_counts_of_ready_items() -> None:
    rows = [lamps("lamp-1", "horn-1", note="oil | gas"), lamps("lamp-2", group="Trade", at_least=3)]
    page = document("Towers", rows, ITEMS)
    assert page.startswith("# What the items cover: Towers\n")
    assert "2 subjects in 2 groups; 2 of 2 ready items stand beside one." in page
    assert "## Light\n\n| subject | items | wanted | which | note |\n|---|--:|--:|---|---|\n" in page
    assert "| lamps | 1 | 1 | lamp-1 | oil \\| gas |\n" in page
    assert "## Trade\n" in page


def test_the_page_lists_what_is_short_and_what_is_unverified() -> None:
    rows = [lamps("lamp-1", at_least=4), lamps(subject="whistles", unverified="no page says\nso")]
    page = document("Towers", rows, ITEMS)
    assert "## Fewer items than wanted\n\n- Light, lamps: 1 ready of 4 wanted\n" in page
    assert page.endswith("## Unverified\n\n- Light, whistles: no page says so\n")


def test_the_page_says_that_nothing_is_short() -> None:
    page = document("Towers", [lamps("lamp-1")], ITEMS)
    assert page.endswith("## Fewer items than wanted\n\nNone.\n\n## Unverified\n\nNone.\n")
