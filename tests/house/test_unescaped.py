"""Where a template turns escaping off, everything that it prints is safe by its type."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import get_type_hints

import pytest
from markupsafe import Markup

from app.exam.attempt import Confidence, Progress
from app.pages.explained import ReviewOption
from app.pages.reviewed import ReviewItem
from app.pages.sheets import OptionView, QuestionView
from app.settings import ROOT

UNESCAPED = {
    "attempts/_question.html": {"question": QuestionView, "option": OptionView},
    "reports/item.html": {"item": ReviewItem, "option": ReviewOption},
}
"""Each with what is printed in it."""
SAFE_TYPES = {int, bool, Markup, Progress, timedelta, Confidence | None}
OF_LETTERS_AND_DIGITS = {"token", "letter", "late_choice", "highlights"}
"""Text that is no author's and no candidate's: random letters, letters, and pairs of numbers that were parsed."""


def unsafe(template: str, source: str) -> set[str]:
    """What is printed, or decides what is printed, and is neither escaped nor safe by its type."""
    types = {name: get_type_hints(made) for name, made in UNESCAPED[template].items()}
    printed = " ".join(re.findall(r"\{\{((?:(?!\}\}|\| e \}\}).)*?)\}\}", source))
    return {
        f"{name}.{field}"
        for name, field in re.findall(rf"\b({'|'.join(types)})\.(\w+)", printed)
        if types[name][field] not in SAFE_TYPES and field not in OF_LETTERS_AND_DIGITS
    }


def test_only_known_templates_turn_escaping_off() -> None:
    off = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"autoescape\s+false|\|\s*safe\b", path.read_text())
    }
    assert off == UNESCAPED.keys()


@pytest.mark.parametrize("template", UNESCAPED)
def test_what_they_print_is_safe_by_its_type(template: str) -> None:
    assert not unsafe(template, (ROOT / "templates" / template).read_text())


@pytest.mark.parametrize(
    ("template", "source"),
    [
        ("attempts/_question.html", "<p>{{ question.plain_stem }}</p>"),
        ("reports/item.html", "<p>{{ item.topic | e }} and {{ item.domain }}</p>"),
    ],
)
def test_a_text_of_an_author_would_be_found(template: str, source: str) -> None:
    assert unsafe(template, source) in ({"question.plain_stem"}, {"item.domain"})
