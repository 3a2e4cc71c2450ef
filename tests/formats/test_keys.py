"""A key is read in the ways that people write it, and what is no key is not taken for one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.keys import Numbers, chosen, doubtful, letters, numbering, numbers

TEXTS = ("The long horn", "The flag", "The bell", "The lamp", "The gun")


@pytest.mark.parametrize(
    ("said", "places"),
    [
        *(
            ("B", {1}),
            ("b", {1}),
            ("B.", {1}),
            ("(b)", {1}),
            ("**B**", {1}),
            ("Option B", {1}),
            ("answer: b", {1}),
        ),
        *(
            ("B and E", {1, 4}),
            ("A, C", {0, 2}),
            ("A,C", {0, 2}),
            ("BD", {1, 3}),
            ("B D", {1, 3}),
            ("B;D", {1, 3}),
        ),
        *(("A & C", {0, 2}), ("A, B, and C", {0, 1, 2}), ("B/D", {1, 3}), ("A+C", {0, 2})),
        *(("2", {1}), ("1,3,4", {0, 2, 3}), ("1 and 3", {0, 2}), ("#2", {1}), ("option 2", {1})),
        *(("choice2", {1}), ("option_b", {1}), ("OptionC", {2}), ("answer_3", {2})),
        *(
            ("The flag", {1}),
            ("the  FLAG.", {1}),
            ("The flag, The bell", {1, 2}),
            ("The flag\nThe bell", {1, 2}),
        ),
        *(("B \U0001f5f3\ufe0f", {1}), ("B, D !", {1, 3})),
        *(("B. The flag", {1}), ("2) The flag", {1}), ("B — because", {1}), ("B because", {1}), ("", set())),
    ],
)
def test_a_key_names_its_options(said: str, places: set[int]) -> None:
    assert chosen(said, TEXTS) == frozenset(places)


@pytest.mark.parametrize(
    "said",
    [
        "F",
        "0",
        "6",
        "1,9",
        "A company",
        "Bé",
        "B ou C",
        "C. The flag",
        "I think so",
        "BAD",
        "C or D",
        "The horn",
        "none",
        "134",
        "AF",
        "1-2",
        "2." * 50,
    ],
)
def test_what_names_no_option_is_no_key(said: str) -> None:
    assert chosen(said, TEXTS) is None


def test_the_text_of_an_option_wins_over_a_letter() -> None:
    assert chosen("A", ("C", "B", "A")) == frozenset({2})


def test_labels_of_the_source_win_over_everything() -> None:
    assert chosen("b", ("x", "y", "z"), ("c", "b2", "b")) == frozenset({2})


def test_numbers_count_from_one_unless_the_file_says_otherwise() -> None:
    assert chosen("1", TEXTS) == frozenset({0})
    assert chosen("1", TEXTS, meaning=Numbers.FROM_ZERO) == frozenset({1})
    assert chosen("1", ("2", "1"), meaning=Numbers.TEXTS) == frozenset({1})


@pytest.mark.parametrize(
    ("said", "meaning", "sure"),
    [
        (["1", "5"], Numbers.FROM_ONE, True),
        (["0", "4"], Numbers.FROM_ZERO, True),
        (["1", "2"], Numbers.FROM_ONE, False),
        (["B", "the flag"], Numbers.FROM_ONE, True),
    ],
)
def test_all_keys_of_a_file_tell_how_numbers_count(said: list[str], meaning: Numbers, sure: bool) -> None:
    assert numbering((key, TEXTS) for key in said)[:2] == (meaning, sure)


def test_numbers_may_be_the_texts_of_options() -> None:
    questions = [("3", ("2", "3", "5", "9")), ("9", ("7", "9", "4", "1"))]
    assert numbering(questions)[:2] == (Numbers.TEXTS, True)


@pytest.mark.parametrize(
    ("questions", "doubts"),
    [
        ([("4", ("3", "4", "5", "6"))], [True]),
        ([("2", ("1", "2", "3", "4"))], [False]),
        ([("4", ("3", "4", "5", "6")), ("2", TEXTS)], [False, False]),
        ([("4", ("3", "4", "5", "6")), ("9", ("8", "9", "7"))], [False, False]),
        ([("A", ("B", "A")), ("C", TEXTS)], [True, False]),
        ([("A", ("B", "A")), ("The flag", TEXTS)], [False, False]),
        ([("A", ("A", "B"))], [False]),
        ([("B because", ("B because", "A"))], [False]),
    ],
)
def test_a_key_that_is_a_place_and_a_text_is_in_doubt_unless_the_file_tells(
    questions: list[tuple[str, tuple[str, ...]]], doubts: list[bool]
) -> None:
    told = numbering(questions)
    assert [doubtful(said, texts, told) for said, texts in questions] == doubts


def test_a_label_of_the_source_is_never_in_doubt() -> None:
    assert not doubtful("A", ("B", "A"), numbering([]), ("A", "B"))


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("B", ("B",), ""),
        ("a) and c)", ("A", "C"), ""),
        ("B → The horn", ("B",), " → The horn"),
        ("C. The horn", ("C",), " The horn"),
        ("ACE", ("A", "C", "E"), ""),
    ],
)
def test_letters_begin_a_text_and_the_rest_is_told(text: str, found: tuple[str, ...], rest: str) -> None:
    assert letters(text) == (found, rest)


@pytest.mark.parametrize(
    "text", ["A company has", "I. think", "because", "", "É", "the A", "AD Connector", "A or B"]
)
def test_words_are_no_letters(text: str) -> None:
    assert letters(text) is None or text == "I. think"


def test_other_text_holds_no_numbers() -> None:
    assert numbers("2 apples") is None
    assert numbers("1-2") is None


@given(st.text(max_size=60), st.lists(st.text(max_size=5), max_size=6), st.sampled_from(Numbers))
def test_a_key_never_names_what_is_not_there(said: str, texts: list[str], meaning: Numbers) -> None:
    places = chosen(said, texts, meaning=meaning)
    assert places is None or all(0 <= place < len(texts) for place in places)


@pytest.mark.parametrize("sign", [" ", "A", "A,", "(", "1,", "1 ", "A and ", "option ", "**", "\n", ", "])
def test_no_long_key_takes_long(sign: str) -> None:
    """B23. A bound far above what it takes; the quadratic would need minutes."""
    before = time.process_time()
    chosen(sign * 100_000, TEXTS)
    letters(sign * 100_000)
    numbers(sign * 100_000)
    assert time.process_time() - before < 5
