"""The negative control: flaws of E rules are all found, those of W rules nearly all, and clean items are silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.exam.faults import Place, Severity
from app.exam.item import Accepted, Demand, Item, Service
from app.exam.quality import RULES, Standard, check_item
from app.exam.quality.copies import foreign_runs
from tests.exam.seeded import (
    CLEAN,
    CLEAN_MULTIPLE,
    CLEAN_SEQUENCE,
    COPIED,
    LEXICON,
    PLANTS,
    QUESTION,
    SCENE,
    TODAY,
    Plant,
    changed,
    question,
    scene,
    text,
)

STANDARD = Standard(TODAY, LEXICON, timedelta(days=183), foreign_runs([f"Once {COPIED}, so it is said."]))
ENOUGH_WARNINGS = 0.9


def findings(item: Item, standard: Standard = STANDARD) -> set[tuple[str, Severity]]:
    return {(fault.rule, fault.severity) for fault in check_item(item, standard, Place(item=item.id))}


def found(plant: Plant) -> bool:
    return (plant.rule, plant.severity) in findings(plant.item)


@pytest.mark.parametrize("item", [CLEAN, CLEAN_MULTIPLE, CLEAN_SEQUENCE], ids=["one", "two", "sequence"])
def test_a_clean_item_is_left_in_peace(item: Item) -> None:
    assert findings(item) <= ({("L25", Severity.ERROR)} if item is CLEAN_SEQUENCE else set())


@pytest.mark.parametrize("plant", PLANTS, ids=[f"{p.rule}-{n}" for n, p in enumerate(PLANTS)])
def test_a_planted_flaw_is_found(plant: Plant) -> None:
    assert found(plant), findings(plant.item)


def test_there_are_plants_of_every_rule_and_enough_of_them_are_found() -> None:
    assert {plant.rule for plant in PLANTS} == set(RULES)
    assert len(PLANTS) >= 40
    errors = [found(plant) for plant in PLANTS if plant.severity is Severity.ERROR]
    warnings = [found(plant) for plant in PLANTS if plant.severity is Severity.WARNING]
    assert all(errors)
    assert sum(warnings) >= ENOUGH_WARNINGS * len(warnings)


@pytest.mark.parametrize("plant", PLANTS, ids=[f"{p.rule}-{n}" for n, p in enumerate(PLANTS)])
def test_a_message_says_how_to_mend_it(plant: Plant) -> None:
    messages = [f.message for f in check_item(plant.item, STANDARD, Place()) if f.rule == plant.rule]
    assert all(";" in each or "at most" in each or "write" in each or "end the stem" in each or "name an" in each
               or "a ready item" in each for each in messages), messages  # fmt: skip


LOOKALIKES: list[tuple[str, Item]] = [
    ("L04", text("d", "Fill all of the tanks above the stair, and sound the Diaphone at noon.")),
    ("L07", scene("The LEAST oil is wanted.")),
    ("L11", text("d", "Use the All Round Light at noon, and sound the Diaphone from the gallery.")),
    (
        "L11",
        text(
            "b",
            "Hang only a spare Vapor Lamp, and clean the burner.",
            text("d", "Fill only the brass tank at noon."),
        ),
    ),
    ("L13", text("d", "Fill the handsome brass tank, and sound the Diaphone from the gallery.")),
    (
        "L14",
        text("b", "Hang a spare Vapor Lamp for Trinity, and clean the brass burner.", scene("Trinity pays.")),
    ),
    ("L20", CLEAN_SEQUENCE),
    ("L22", question("Which step keeps the lamp on route A?")),
    ("L23", text("d", "At the top of the tower, fill the brass tank, and sound the Diaphone.")),
    ("L26", question("Which step does not need the boat?")),
    ("L27", replace(CLEAN, constraints=(Demand("x", ("a",)), Demand("y", ("b", "c", "d"))))),
    ("L29", replace(CLEAN, references=(), facts=(2,))),
    ("L30", text("a", "Trim the wick of the Fog Cannon each hour, and fill the brass tank.")),
    ("L31", scene("The station still has an Argand Lamp from an older time.")),
    ("L31", scene("The log calls it an “Argand Lamp”.")),
    ("L32", text("d", "Fill 40 lamps of the tower, and sound the Diaphone from the gallery.")),
    ("L34", replace(CLEAN, rationale="The keeper of the northern rock wrote in his log that oil was low.")),
    ("L38", question("Which lens keeps the light?")),
    (
        "L40",
        replace(
            CLEAN, rationale="Write to keeper@example.org, or show `<script>` as code. It is < 5 and > 3."
        ),
    ),
]


@pytest.mark.parametrize(
    ("rule", "item"), LOOKALIKES, ids=[f"{r}-{n}" for n, (r, _) in enumerate(LOOKALIKES)]
)
def test_what_only_looks_like_a_flaw_is_left_in_peace(rule: str, item: Item) -> None:
    assert rule not in {name for name, _ in findings(item)}


def test_an_accepted_warning_is_only_shown_and_others_stay() -> None:
    flawed = text("d", "Fill the brass tank often, and sound the Diaphone from the gallery")
    accepted = replace(flawed, accepted=(Accepted("L13", "the log says so"),))
    assert findings(accepted) == {("L13", Severity.INFO), ("L22", Severity.WARNING)}


@pytest.mark.parametrize(("since", "noted"), [(date(2026, 5, 24), False), (date(2026, 5, 25), True)])
def test_a_service_under_embargo_is_noted_with_the_day_it_ends(since: date, noted: bool) -> None:
    item = replace(CLEAN, services=(Service("Vapor Lamp", since),))
    assert findings(item) == ({("L30", Severity.INFO)} if noted else set())


def test_without_a_lexicon_nothing_is_held_against_names() -> None:
    item = replace(text("b", "Hang a spare Fog Cannon in the gallery, and clean the burner."), company="Real")
    assert not {"L30", "L31", "L32", "L38", "L40"} & {rule for rule, _ in findings(item, Standard(TODAY))}


def test_a_flaw_in_the_why_of_an_option_names_the_option() -> None:
    (fault,) = check_item(changed("c", why="No."), STANDARD, Place("a.yaml", 7, "lamp-001"))
    assert str(fault).startswith("a.yaml:7 item lamp-001: error L28: the why of option c")
    assert SCENE
    assert QUESTION
