"""The checker of forms finds what is wrong with one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.exam.form import Form, assemble
from app.exam.pack import MultipleAnswer
from app.exam.violations import violations
from tests.exam.banks import bank, bank_from, snapshot

BANK = bank(420)
SNAPSHOT = snapshot(BANK)
FORM = assemble(SNAPSHOT, 1)


def spoilt() -> list[tuple[str, Form]]:
    first, second = FORM.positions[:2]
    rest = FORM.positions[1:]
    on_form = {place.id for place in FORM.positions}
    spare = next(one for one in BANK.items if one.id not in on_form and one.domain != first.domain)
    moved = replace(first, id=spare.id, version=spare.version, domain=spare.domain, type=spare.type)
    return [
        ("on the form 2 times", replace(FORM, positions=(replace(second, number=1), *rest))),
        ("is not in the bank", replace(FORM, positions=(replace(first, version=99), *rest))),
        ("is not in the bank", replace(FORM, positions=(replace(first, id="stranger"), *rest))),
        ("does not say what the bank says", replace(FORM, positions=(replace(first, b=9.0), *rest))),
        (
            "scored items, not",
            replace(FORM, positions=(replace(moved, a=spare.a, b=spare.b, c=spare.c), *rest)),
        ),
        ("pilot items, not 0", replace(FORM, positions=(replace(first, scored=False), *rest))),
        ("numbered", replace(FORM, positions=FORM.positions[::-1])),
        ("entries for 74", replace(FORM, conversion=FORM.conversion[1:])),
        ("the scale runs", replace(FORM, conversion=(99.0, *FORM.conversion[1:]))),
        (
            "does not rise",
            replace(FORM, conversion=(*FORM.conversion[:5], *sorted(FORM.conversion[5:], reverse=True))),
        ),
    ]


@pytest.mark.parametrize(("fault", "form"), spoilt())
def test_the_checker_finds_a_planted_fault(fault: str, form: Form) -> None:
    assert any(fault in found for found in violations(form, SNAPSHOT))


def test_an_item_that_names_itself_is_no_enemy_of_its_own() -> None:
    odd = [replace(one, enemies=(one.id,)) for one in BANK.items]
    assert violations(FORM, snapshot(bank_from(odd, BANK.exam))) == ()


def test_the_checker_finds_enemies_and_a_broken_range() -> None:
    first, second = FORM.positions[:2]
    hostile = [replace(one, enemies=(second.id,)) if one.id == first.id else one for one in BANK.items]
    found = violations(
        FORM, snapshot(bank_from(hostile, replace(BANK.exam, multiple_answer=MultipleAnswer(0, 3))))
    )
    assert any("are enemies" in one for one in found)
    assert any("are not 0 to 3" in one for one in found)
