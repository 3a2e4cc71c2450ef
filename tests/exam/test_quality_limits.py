"""However long, repetitive or hostile a pack is, checking it takes time in proportion to its size."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.exam.faults import Place
from app.exam.item import Item
from app.exam.pack import Cut, Domain, Exam, Pack, Scale
from app.exam.quality import RULES, Standard, check, check_item
from app.exam.quality.copies import foreign_runs, near_duplicates
from tests.exam.seeded import CLEAN, LEXICON, TODAY, bank

LONG = 20_000  # the longest text that the reader takes
SECONDS = 3.0  # many times what it takes; what grows with the square takes minutes

FLOODS = (
    "a", " ", "\n", "\n ", ". ", "_", "`", "``` ", "I, ", "A and ", "1-", "9,", "@", "a@", "a@b.", "<", "</a ",
    "not ", "“", "(select ", "x.", "É", "aA", "-", "'", "MOST ", "lamps ", "9 lamps ", "Fog Cannon",
    "which of these is ",
)  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def everywhere(text: str) -> Item:
    """An item that holds the text at every place where text may stand."""
    options = tuple(replace(o, text=text, why=text, misconception=text) for o in CLEAN.options)
    return replace(CLEAN, stem=f"{text}?", options=options, rationale=text, company=text)


@pytest.mark.parametrize("flood", FLOODS, ids=[repr(flood) for flood in FLOODS])
def test_a_flood_of_the_same_few_characters_is_checked_in_time(flood: str) -> None:
    item = everywhere((flood * LONG)[:LONG])
    standard = Standard(TODAY, LEXICON, foreign=foreign_runs([flood * 100]))
    assert timed(lambda: list(check_item(item, standard, Place()))) < SECONDS


def pack(items: list[Item]) -> Pack:
    exam = Exam("keeper", "Keeper", 10, 20, {"D1": 100.0}, Scale(), Cut(6.5, "panel"))
    return Pack("p", "1", "P", "en", "", (), (Domain("D1", "Light"),), (exam,), tuple(items), lexicon=LEXICON)


def test_a_full_bank_is_checked_within_three_seconds() -> None:
    assert timed(lambda: check(pack(bank(420)), TODAY, {})) < SECONDS


def test_five_thousand_items_are_checked_and_the_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    made = bank(5_000)
    assert timed(lambda: check(pack(made), TODAY, {}, progress=lambda *at: told.append(at))) < 20 * SECONDS
    assert told[0] == (0, 5_000)
    assert told[-1] == (5_000, 5_000)
    assert len(told) > 50


def test_five_thousand_near_copies_do_not_take_the_square_of_the_time() -> None:
    made = [
        replace(CLEAN, id=f"lamp-{n}", stem=CLEAN.stem.replace("twice", f"{n} times")) for n in range(5_000)
    ]
    faults: list[object] = []
    assert timed(lambda: faults.extend(near_duplicates(made, {}))) < 10 * SECONDS
    assert len(faults) == 4_999


def test_every_rule_takes_an_item_without_words() -> None:
    empty = replace(
        CLEAN, stem="", options=tuple(replace(o, text="", why="") for o in CLEAN.options), rationale=""
    )
    for rules in RULES.values():
        for rule in rules:
            assert isinstance(list(rule(empty, Standard(TODAY, LEXICON))), list)
    assert list(check_item(replace(CLEAN, options=()), TODAY, Place()))
