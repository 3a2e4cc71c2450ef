"""What only the whole bank shows: cues that a program without knowledge follows, copies, places of the key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import comb

import pytest

from app.exam.faults import Fault, Place, Severity
from app.exam.item import Accepted, Item, Option, Status
from app.exam.lexicon import Lexicon
from app.exam.quality.bank import check_bank, position_test
from app.exam.quality.chance import chi_square_tail_3, fisher_tail, limit
from app.exam.quality.copies import near_duplicates
from app.exam.quality.figures import figures, lines, spread
from app.exam.quality.measures import reading_grade, syllables
from app.exam.quality.quantities import Quantity, overlapping, quantity
from app.exam.quality.robots import key_positions, robots
from tests.exam.seeded import CLEAN, bank

SIZE = 120
LETTERS = "abcd"


def found(items: list[Item]) -> list[tuple[str, Severity]]:
    return [(fault.rule, fault.severity) for fault in check_bank(items, Lexicon(), Place("pack.yaml"))]


def each(change: Callable[[Option], str], items: list[Item]) -> list[Item]:
    """The items with other texts of their options."""
    return [replace(i, options=tuple(replace(o, text=change(o)) for o in i.options)) for i in items]


def key_first(item: Item) -> Item:
    options = sorted(item.options, key=lambda o: not o.key)
    return replace(item, options=tuple(replace(o, id=n) for n, o in zip(LETTERS, options, strict=True)))


def hub(item: Item) -> Item:
    """The key shares a name with each distractor, and no two distractors share one."""
    wrong = iter(("Alpha lamps", "Beta lamps", "Gamma lamps"))
    texts = ["Alpha Beta Gamma" if option.key else next(wrong) for option in item.options]
    return replace(item, options=tuple(replace(o, text=t) for o, t in zip(item.options, texts, strict=True)))


def test_a_clean_bank_is_left_in_peace() -> None:
    assert found(bank(SIZE)) == []


@pytest.mark.parametrize(
    ("rule", "severity", "items"),
    [
        ("L09", Severity.ERROR, each(lambda o: o.text + (" to be sure" if o.key else ""), bank(SIZE))),
        ("L09", Severity.ERROR, each(lambda o: o.text + ("" if o.key else " to be sure"), bank(SIZE))),
        ("L12", Severity.ERROR, each(lambda o: o.text + ("" if o.key else " always"), bank(SIZE))),
        ("L15", Severity.ERROR, [hub(item) for item in bank(SIZE)]),
        ("L24", Severity.ERROR, [key_first(item) for item in bank(SIZE)]),
        (
            "robot",
            Severity.WARNING,
            each(lambda o: o.text + (" managed" if o.key else " by hand"), bank(SIZE)),
        ),
    ],
    ids=["longest", "shortest", "absolutes", "convergence", "places", "managed"],
)
def test_a_cue_of_the_bank_is_found(rule: str, severity: Severity, items: list[Item]) -> None:
    assert (rule, severity) in found(items)


def test_a_small_bank_and_one_of_drafts_prove_nothing() -> None:
    flawed = [key_first(item) for item in bank(SIZE)]
    assert found(flawed[:39]) == []
    assert found([replace(item, status=Status.DRAFT) for item in flawed]) == []


def test_a_finding_on_the_bank_names_the_pack_file_and_no_item() -> None:
    (fault,) = [
        f
        for f in check_bank([key_first(i) for i in bank(SIZE)], Lexicon(), Place("pack.yaml"))
        if f.rule == "L24"
    ]
    assert (str(fault.at), fault.at.item) == ("pack.yaml", None)
    assert "A 120, B 0, C 0, D 0" in fault.message


def test_every_robot_stays_within_its_limit_on_a_clean_bank() -> None:
    result = {robot.name: robot for robot in robots(bank(300), Lexicon())}
    assert len(result) == 15
    assert [name for name, robot in result.items() if robot.too_good] == []
    assert result["longest"].limit == 96
    assert result["no-absolutes"].limit in (99, 100)
    assert result["managed-service"].limit in (103, 104, 105)
    assert result["combined"].limit == 90


def test_a_combined_robot_finds_a_cue_that_is_spread_over_two() -> None:
    made = bank(300)
    weak = [
        each(lambda o: o.text + (" serverless" if o.key else ""), [item])[0] if n % 3 == 0
        else each(lambda o: o.text + ("" if o.key else " the oil"), [item])[0] if n % 3 == 1
        else item
        for n, item in enumerate(made)
    ]  # fmt: skip
    combined = robots(weak, Lexicon())[-1]
    assert (combined.name, combined.too_good) == ("combined", True)


def test_robots_are_the_same_every_time_and_deal_as_sheets_do() -> None:
    made = bank(100)
    assert robots(made, Lexicon()) == robots(made, Lexicon())
    assert sum(key_positions(made, 5)) == 100
    natural = [replace(item, shuffle=False) for item in made]
    assert key_positions(natural, 5) == key_positions(made)


def test_a_tie_is_a_guess_among_the_tied() -> None:
    same = each(lambda o: "the same length", bank(100))
    by_name = {robot.name: robot.right for robot in robots(same, Lexicon())}
    assert by_name["longest"] == by_name["shortest"] == pytest.approx(25)


def copies(*items: Item) -> list[Fault]:
    return list(near_duplicates(items, {}))


def test_the_same_text_twice_is_an_error_on_the_later_item() -> None:
    shouted = replace(CLEAN, id="lamp-002", stem=CLEAN.stem.upper(), options=CLEAN.options[::-1])
    (fault,) = copies(CLEAN, *bank(5), shouted)
    assert (fault.rule, fault.severity, fault.at.item) == ("L33", Severity.ERROR, "lamp-002")
    assert "lamp-001" in fault.message


def test_nearly_the_same_text_is_a_warning_unless_the_two_are_enemies() -> None:
    near = replace(CLEAN, id="lamp-002", stem=CLEAN.stem.replace("twice", "three times"))
    (fault,) = copies(CLEAN, *bank(5), near)
    assert (fault.rule, fault.severity, fault.at.item) == ("L33", Severity.WARNING, "lamp-002")
    assert "list lamp-001 under enemies" in fault.message
    assert copies(CLEAN, *bank(5), replace(near, enemies=("lamp-001",))) == []
    (shown,) = copies(CLEAN, replace(near, accepted=(Accepted("L33", "a pair"),)))
    assert (shown.severity, "a pair" in shown.message) == (Severity.INFO, True)


def test_different_items_are_no_copies() -> None:
    assert copies(*bank(50)) == []


def test_chance_is_what_the_text_books_say() -> None:
    most = limit(300, 0.25, 0.003)
    tails = [sum(comb(300, k) * 0.25**k * 0.75 ** (300 - k) for k in range(n, 301)) for n in (most, most + 1)]
    assert tails[1] <= 0.003 < tails[0]
    assert chi_square_tail_3(7.815) == pytest.approx(0.05, abs=1e-4)
    assert fisher_tail(3, 4, 1, 4) == pytest.approx(17 / 70)  # the lady tasting tea
    assert position_test([25, 25, 25, 25]) == pytest.approx((0, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 seconds", Quantity(30, 30, "second")),
        ("1,500 MB", Quantity(1500, 1500, "mb")),
        ("from 10 to 20 minutes.", Quantity(10, 20, "minute")),
        ("at least 5", Quantity(5, float("inf"), "")),
        ("up to 9 %", Quantity(float("-inf"), 9, "%")),
        ("Run 3 lamps", None),
        ("lamp 3", None),
        ("", None),
    ],
)
def test_quantities_are_read(text: str, expected: Quantity | None) -> None:
    assert quantity(text) == expected


def test_ranges_that_touch_do_not_overlap() -> None:
    assert overlapping(["1-5 s", "5-9 s", "10-12 s"]) == []
    assert overlapping(["1-5 s", "4-9 s", "4 minutes"]) == [(0, 1)]


@pytest.mark.parametrize(
    ("word", "count"), [("lamp", 1), ("table", 2), ("more", 1), ("reliability", 6), ("a", 1)]
)
def test_syllables_are_counted_roughly(word: str, count: int) -> None:
    assert syllables(word) in (count, count - 1)


def test_the_reading_grade_is_that_of_the_formula_and_leaves_names_out() -> None:
    plain = "The cat sat on the mat."
    assert reading_grade(plain) == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert reading_grade("The cat sat on the Elizabethan mat.") == pytest.approx(reading_grade(plain))
    assert reading_grade("The cat sat on the gorgeous thing mat.", ["gorgeous thing"]) == pytest.approx(
        reading_grade(plain)
    )
    assert reading_grade("") == 0


def test_the_figures_are_those_of_the_ready_items() -> None:
    made = [*bank(60), replace(CLEAN, status=Status.DRAFT)]
    shown = figures(made, None)
    assert (shown["items"], shown["single"]) == (60, 60)
    assert sum(shown["key_positions"]["counts"].values()) == 60
    assert {robot["within"] for robot in shown["robots"]} <= {True, False}
    assert shown["stem_words"]["min"] <= shown["stem_words"]["median"] <= shown["stem_words"]["max"]
    assert any("chi-square" in line for line in lines(shown))


def test_figures_of_nothing_are_empty() -> None:
    shown = figures([], Lexicon())
    assert (shown["items"], shown["stem_words"], spread([])) == (0, {}, {})
    assert lines(shown)
