"""An exam as the fields of a form: there and back, and what changed."""

from __future__ import annotations

import pytest

from app.exam import exam_fields
from app.exam.exam_fields import NAMES, ExamFields, field_of
from app.exam.pack import Cut, Domain, Exam
from app.formats import native_exam
from tests import packs
from tests.exam.banks import exam

DOMAINS = tuple(Domain(name, name) for name in ("D1", "D2", "D3", "D4"))


@pytest.mark.parametrize("one", [exam(), packs.exam(), exam(multiple_answer=None, note="Two\n\nlines")])
def test_an_untouched_form_gives_the_same_exam(one: Exam) -> None:
    again, problems = native_exam.read(exam_fields.document(exam_fields.shown(one)), DOMAINS)
    assert problems == ()
    assert again == one


def test_every_field_that_must_be_filled_in_is_named() -> None:
    empty = ExamFields(scale_min="", scale_cut="", scale_max="")
    made, problems = native_exam.read(exam_fields.document(empty), DOMAINS)
    assert made is None
    assert {field_of(one.at) for one in problems} == {
        *("id", "title", "items", "minutes", "scale_min", "scale_cut", "scale_max", "cut", "source")
    }


@pytest.mark.parametrize(
    ("changed", "value", "anchor"),
    [
        ("items", "many", "items"),
        ("items", "74.5", "items"),
        ("pilots", "80", "pilots"),
        ("minutes", "0", "minutes"),
        ("multiple_min", "30", "multiple_min"),
        ("multiple_max", "", "multiple_max"),
        ("cut", "75", "cut"),
        ("cut", "nan", "cut"),
        ("cut", "1e999", "cut"),
        ("scale_cut", "1001", "scale_min"),
        ("per_service", "9" * 5_000, "per_service"),
        ("overlap", "75", "overlap"),
        ("title", "x" * 501, "title"),
    ],
)
def test_what_cannot_be_is_named_with_its_field(changed: str, value: str, anchor: str) -> None:
    values = {name: getattr(exam_fields.shown(exam()), name) for name in NAMES} | {changed: value}
    shares = {f"share-{name}": f"{share:g}" for name, share in exam().blueprint.items()}
    made, problems = native_exam.read(
        exam_fields.document(exam_fields.entered({**values, **shares})), DOMAINS
    )
    assert made is None
    assert field_of(problems[0].at) == anchor


def test_shares_must_add_up_and_be_of_domains_of_the_pack() -> None:
    for shares in ({"D1": "60", "D2": "60"}, {"D1": "50", "D9": "50"}, {"D1": "x"}, {}):
        fields = exam_fields.entered({f"share-{name}": share for name, share in shares.items()})
        made, problems = native_exam.read(
            exam_fields.document(exam_fields.shown(exam()))
            | {"blueprint": exam_fields.document(fields)["blueprint"]},
            DOMAINS,
        )
        assert made is None
        assert field_of(problems[0].at).startswith("share-")


def test_a_comma_is_as_good_as_a_point() -> None:
    values = exam_fields.entered({"cut": "53,5"})
    assert exam_fields.document(values)["cut"]["raw_equivalent"] == 53.5


def test_changes_are_named_as_the_form_names_them() -> None:
    found = exam_fields.changes(exam(), exam(minutes=180, cut=Cut(50.5, "for the tests")))
    assert [one.field for one in found] == ["Minutes", "Cut"]


def test_even_shares_of_three_domains_make_a_hundred() -> None:
    assert list(exam_fields.even(DOMAINS[:3]).shares.values()) == ["34", "33", "33"]
