"""Fields without a format: what people type into them is understood, and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.loose import (
    AS_IT_IS,
    Kind,
    joined_category,
    kind_of,
    split_category,
    split_options,
    split_tags,
    text_of,
    unlettered,
    yes_or_no,
)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *(("multiple-choice", Kind.CHOICE), ("Multiple Choice Question", Kind.CHOICE), ("MCQ", Kind.CHOICE)),
        *(("multi-select", Kind.MULTIPLE), ("Checkbox", Kind.MULTIPLE), ("multiple_response", Kind.MULTIPLE)),
        *(("single choice", Kind.SINGLE), ("radio", Kind.SINGLE), ("True/False", Kind.TRUE_FALSE)),
        *(("short answer", Kind.OTHER), ("Fill in the Blank", Kind.OTHER), ("matching", Kind.OTHER)),
        *(("essay", Kind.OTHER), ("", None), ("easy", None), ("text", None)),
    ],
)
def test_a_type_says_what_kind_a_question_is(said: str, kind: Kind | None) -> None:
    assert kind_of(said) is kind


@pytest.mark.parametrize(
    ("said", "right"), [("1", True), ("TRUE", True), ("x", True), ("", False), ("no", False), ("B", None)]
)
def test_a_mark_says_yes_or_no(said: str, right: bool | None) -> None:
    assert yes_or_no(said) is right


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2 * 3 * 4", "2 \\* 3 \\* 4"),
        ("a < b > c", "a < b > c"),
        ("<p>A <b>horn</b></p>", "A **horn**"),
        ("What &quot;is&quot; it?", 'What "is" it?'),
        ("What does <b> do?", "What does \\<b> do?"),
        ("<br>", "\\<br>"),
        ("Use `a*b`", "Use `a*b`"),
        ("```\n  x\n```", "```\n  x\n```"),
        ("<script>alert(1)</script>", ""),
        ("List<String>", "List\\<String>"),
    ],
)
def test_a_text_is_judged_by_what_is_in_it(text: str, shown: str) -> None:
    assert text_of(text).text == shown


@pytest.mark.parametrize(
    ("written", "shown"), [("markdown", "*a*"), ("html", "\\*a\\*"), ("plain", "\\*a\\*"), ("", "\\*a\\*")]
)
def test_a_text_may_say_how_it_is_written(written: str, shown: str) -> None:
    assert text_of("*a*", written).text == shown


def test_our_own_texts_stay_as_they_are_with_images_that_are_there() -> None:
    text = "# x\n\n[l](u) ![i](media/1.png)"
    assert text_of(text, AS_IT_IS, lambda _: "media/2.png").text == "# x\n\n[l](u) ![i](media/2.png)"
    assert "media" not in text_of(text, AS_IT_IS).text


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("a\nb\nc", ["a", "b", "c"]),
        ("a|b", ["a", "b"]),
        ("a; b", ["a", "b"]),
        ("A. x\nB. y", ["x", "y"]),
        ("- x\n- y", ["x", "y"]),
        ("A) x B) y, z C) w", ["x", "y, z", "w"]),
        ('["x, y", "it\'s"]', ["x, y", "it's"]),
        ("['x', 'y']", ["x", "y"]),
        ("A) x\ty B) z", ["x\ty B) z"]),
        ("A) x\tB) z", ["x", "z"]),
        ("[1] and [2]", ["[1] and [2]"]),
        ("one", ["one"]),
        (" ", []),
    ],
)
def test_a_cell_may_hold_all_options(cell: str, options: list[str]) -> None:
    assert split_options(cell) == options


def test_letters_before_options_go_only_when_all_have_theirs() -> None:
    assert unlettered(["A. x", "B) y", "(c) z"]) == ["x", "y", "z"]
    assert unlettered(["A. x", "C. y"]) == ["A. x", "C. y"]
    assert unlettered(["A. x", "y"]) == ["A. x", "y"]


def test_a_category_is_a_path() -> None:
    assert split_category("AWS > Storage / S3::Glacier") == ("AWS", "Storage", "S3", "Glacier")
    assert split_category("C++::std / x", AS_IT_IS) == ("C++::std", "x")
    assert split_tags("a, b;c|d") == ("a", "b", "c", "d")


@given(st.lists(st.text("ab >:/", min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=2))
def test_a_written_category_reads_back_as_the_same_topic(path: list[str]) -> None:
    told = joined_category(path)
    assert joined_category(split_category(told, AS_IT_IS)) == told
