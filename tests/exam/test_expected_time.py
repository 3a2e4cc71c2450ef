"""How long items are expected to take."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from app.exam.expected_time import SHARE_OF_THE_TIME, expected_seconds
from app.exam.item import Item
from tests.exam.banks import exam, item

EVEN = exam(items=20, blueprint={"D1": 50, "D2": 50})


def of_words(words: int, domain: str = "D1", keys: int = 1) -> Item:
    """An item with so many words in its stem, and one in each option."""
    return item("i", domain, keys, stem="word " * words)


def test_a_form_of_average_items_takes_its_share_of_the_minutes() -> None:
    items = [of_words(100), of_words(300), of_words(150, "D2"), of_words(80, "D2", 2), of_words(90, "D2")]
    one, two = (
        [time for each, time in zip(items, expected_seconds(items, EVEN), strict=True) if each.domain == name]
        for name in ("D1", "D2")
    )
    form = 10 * sum(one) / len(one) + 10 * sum(two) / len(two)
    assert form == pytest.approx(SHARE_OF_THE_TIME * 60 * EVEN.minutes)


def test_more_words_take_longer() -> None:
    times = expected_seconds([of_words(words) for words in (20, 21, 100, 400)], EVEN)
    assert all(less < more for less, more in pairwise(times))


def test_words_of_the_options_count() -> None:
    plain = of_words(50)
    wordy = replace(plain, options=tuple(replace(option, text="two words") for option in plain.options))
    short, long, same = expected_seconds([plain, wordy, of_words(54)], EVEN)
    assert short < long
    assert long == pytest.approx(same)


def test_a_multiple_answer_item_takes_longer_than_a_multiple_choice_item_of_as_many_words() -> None:
    single, multiple = expected_seconds([of_words(51), of_words(50, keys=2)], EVEN)
    assert single < multiple


def test_an_empty_bank_has_no_times() -> None:
    assert expected_seconds([], EVEN) == []
