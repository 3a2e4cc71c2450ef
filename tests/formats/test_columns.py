"""Columns are known by their names, however they are written; presets and mappings by hand do for the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.faults import Place
from app.formats.columns import PRESETS, by_hand, field_of, guess, is_enough, plain_name, preset_of
from tests.formats.pieces import rules

AT = Place("a.csv")
UDEMY_1 = (
    "Question,Question Type (multiple-choice or multi-select),Answer Option 1,Answer Option 2,Answer Option 3,"
    "Answer Option 4,Answer Option 5,Answer Option 6,Correct Response,Explanation,Knowledge Area"
)
UDEMY_2 = (
    "Question,Question Type,Answer Option 1,Explanation 1,Answer Option 2,Explanation 2,Answer Option 3,"
    "Explanation 3,Answer Option 4,Explanation 4,Answer Option 5,Explanation 5,Answer Option 6,Explanation 6,"
    "Correct Answers,Overall Explanation,Domain"
)


@pytest.mark.parametrize(
    "name", ["Correct answer", "correctAnswer", "correct_answer", "CORRECT ANSWER(S) - choose one"]
)
def test_a_name_may_be_written_in_many_ways(name: str) -> None:
    assert plain_name(name).removesuffix("s") == "correct answer"
    assert field_of(name) == "key"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *(("Question", "stem"), ("questionText", "stem"), ("prompt", "stem"), ("Frage", "stem")),
        *(("option_a", "option 1"), ("Option (C)", "option 3"), ("Choice4", "option 4"), ("D", "option 4")),
        *(("Answer 2 - max 75 characters", "option 2"), ("Antwort 1", "option 1"), ("opt10", "option 10")),
        *(("Explanation 3", "why 3"), ("Feedback B", "why 2"), ("Option A Explanation", "why 1")),
        *(("Is Correct 2", "correct 2"), ("option 1 correct", "correct 1"), ("Wrong Answer 2", "wrong 2")),
        *(("incorrect_answers", "wrong 1"), ("Distractor", "wrong 1"), ("correct_index", "index")),
        *(("Knowledge Area", "category"), ("sub-topic", "category"), ("Erklärung", "explanation")),
        *(("Réponse A", "option 1"), ("Bonne réponse", "key"), ("Alternativa C", "option 3")),
        *(("Resposta correta", "key"), ("Risposta corretta", "key"), ("Choice_0", "option 0")),
        *(("Time limit (sec)", None), ("Option 99", None), ("", None), ("Price", None)),
    ],
)
def test_a_name_stands_for_a_field(name: str, field: str | None) -> None:
    assert field_of(name) == field


@pytest.mark.parametrize(("header", "preset"), [(UDEMY_1, "udemy-v1"), (UDEMY_2, "udemy-v2")])
def test_udemys_templates_are_known_by_their_header(header: str, preset: str) -> None:
    assert guess(header.split(",")) == PRESETS[preset]


def test_the_long_form_of_udemys_first_template_has_fifteen_options() -> None:
    header = UDEMY_1.replace("Answer Option 6", ",".join(f"Answer Option {n}" for n in range(6, 16))).split(
        ","
    )
    assert len(header) == 20
    assert guess(header) == PRESETS["udemy-v1-long"]


@pytest.mark.parametrize("width", [11, 17, 20])
def test_udemys_templates_are_known_without_a_header_by_their_types(width: int) -> None:
    row = ["Which?", "multi-select", *[""] * (width - 2)]
    name = preset_of([row])
    assert name is not None
    assert len(PRESETS[name]) == width


def test_other_tables_fit_no_preset() -> None:
    assert preset_of([["Which?", "multi-select", ""], ["a"], []]) is None
    assert preset_of([["a"] * 17]) is None


@pytest.mark.parametrize("header", ["q;a", "question;answer", "name;price", "a;b;c;d", "question;a", ""])
def test_a_header_without_question_or_options_is_none(header: str) -> None:
    assert guess(header.split(";")) is None


def test_the_better_name_for_a_field_wins() -> None:
    columns = guess(["Question", "Question Text", "A", "B", "Answer", "Correct Answer"])
    assert columns is not None
    assert (columns["stem"], columns["key"]) == (1, 5)


def test_options_that_are_counted_from_0_all_have_their_places() -> None:
    assert guess(["question", "choice_0", "choice_1", "answer"]) == {
        "stem": 0, "option 1": 1, "option 2": 2, "key": 3,
    }  # fmt: skip


def test_a_title_beside_options_and_a_key_is_the_question_where_there_is_no_other() -> None:
    columns = guess(["Question Title", "A", "B", "Answer"])
    assert columns is not None
    assert columns["stem"] == 0
    assert guess(["Title", "A", "B"]) is None


def test_answers_beside_options_are_the_key() -> None:
    assert guess(["question", "option a", "option b", "answers"]) == {
        "stem": 0, "option 1": 1, "option 2": 2, "key": 3,
    }  # fmt: skip
    assert guess(["question", "answers", "correct"]) == {"stem": 0, "options": 1, "key": 2}


def test_a_mapping_by_hand_names_columns_or_counts_them() -> None:
    columns, faults = by_hand({"stem": "L1", "option 1": 1, "option 2": " L3 "}, ["L1", "L2", "L3"], AT)
    assert faults == []
    assert columns == {"stem": 0, "option 1": 1, "option 2": 2}


@pytest.mark.parametrize(
    ("given_by_hand", "rule"),
    [
        ({"stem": "nope", "option 1": 0, "option 2": 1}, "unknown-column"),
        ({"stem": -1, "option 1": 0, "option 2": 1}, "unknown-column"),
        ({"stem": 10**9, "option 1": 0, "option 2": 1}, "unknown-column"),
        ({"stem": 0, "option 21": 0}, "unknown-field"),
        ({"sten": 0}, "unknown-field"),
        ({"stem": 0, "option 1": 1}, "mapping-incomplete"),
        ({}, "mapping-incomplete"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(given_by_hand: dict[str, str | int], rule: str) -> None:
    columns, faults = by_hand(given_by_hand, ["a", "b"], AT)
    assert columns is None
    assert rule in rules(tuple(faults))


@given(st.lists(st.text(max_size=30), max_size=12))
def test_a_guess_points_to_columns_that_are_there(header: list[str]) -> None:
    columns = guess(header)
    assert columns is None or (
        is_enough(columns) and all(0 <= place < len(header) for place in columns.values())
    )
