"""Names of cohorts, and numbers within limits."""

from __future__ import annotations

import pytest

from app.errors import Invalid
from app.exam.cohort import LONGEST_NAME, checked_name, checked_number


def test_a_name_is_kept_without_needless_space() -> None:
    assert checked_name("  Autumn \n class ") == "Autumn class"


@pytest.mark.parametrize("text", ["", "  ", "x" * (LONGEST_NAME + 1), "a\u202eb", "a\0b"])
def test_a_name_that_will_not_do_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        checked_name(text)


@pytest.mark.parametrize("text", ["", "0", "6", "-1", "1.0", "٣", "9" * 400])
def test_a_number_outside_its_limits_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="from 1 to 5"):
        checked_number(text, range(1, 6), "Places")


def test_a_number_within_its_limits_is_taken() -> None:
    assert checked_number(" 5 ", range(1, 6), "Places") == 5
