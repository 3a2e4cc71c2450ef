"""People: names, passwords and roles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid, Refused
from app.exam.person import Person, Role, checked_name, checked_password

ROLES = list(Role)


def person(role: Role) -> Person:
    """Somebody of this role."""
    return Person(1, "somebody", role, False, datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize("has", ROLES)
@pytest.mark.parametrize("needs", ROLES)
def test_a_role_may_do_what_the_roles_before_it_may(has: Role, needs: Role) -> None:
    allowed = ROLES.index(has) >= ROLES.index(needs)
    assert person(has).may(needs) is allowed
    if allowed:
        person(has).require(needs)
    else:
        with pytest.raises(Refused, match=needs):
            person(has).require(needs)


@pytest.mark.parametrize(
    ("text", "name"), [("  Ada ", "ada"), ("a.b-c_d@e+1", "a.b-c_d@e+1"), ("ÉLISE", "élise")]
)
def test_a_name_is_stored_trimmed_and_in_lower_case(text: str, name: str) -> None:
    assert checked_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "ab", "x" * 65, "a b c", "a/b/c", "<b>abc", "a\u202eb\u202ec", "a\x00bc"]
)
def test_a_name_that_will_not_do_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        checked_name(text)


@given(st.text(max_size=80))
def test_a_checked_name_is_its_own_checked_name(text: str) -> None:
    try:
        name = checked_name(text)
    except Invalid:
        return
    assert checked_name(name) == name
    assert 3 <= len(name) <= 64


@pytest.mark.parametrize("text", ["x" * 10, "x" * 256, "          ", "pass\u0000word!"])
def test_any_password_that_is_long_enough_will_do(text: str) -> None:
    assert checked_password(text) == text


@pytest.mark.parametrize("text", ["", "x" * 9, "x" * 257])
def test_a_password_that_is_too_short_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        checked_password(text)
