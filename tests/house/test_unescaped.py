"""Where a template turns escaping off, everything that it prints is safe by its type."""

from __future__ import annotations

import re
from typing import get_type_hints

from markupsafe import Markup

from app.exam.attempt import Progress
from app.pages.sheets import OptionView, QuestionView
from app.settings import ROOT

UNESCAPED = "attempts/_question.html"
SAFE_TYPES = {int, bool, Markup, Progress}
OF_LETTERS_AND_DIGITS = {"token", "letter", "highlights"}
"""Text that is no author's and no candidate's: random letters, a letter, and pairs of numbers that were parsed."""


def unsafe(source: str) -> set[str]:
    """What is printed of a question or an option, or decides what is printed, and is not safe by its type."""
    types = {"question": get_type_hints(QuestionView), "option": get_type_hints(OptionView)}
    printed = " ".join(re.findall(r"\{\{(.*?)\}\}", source))
    return {
        f"{name}.{field}"
        for name, field in re.findall(r"\b(question|option)\.(\w+)", printed)
        if types[name][field] not in SAFE_TYPES and field not in OF_LETTERS_AND_DIGITS
    }


def test_only_one_template_turns_escaping_off() -> None:
    off = [
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"autoescape\s+false|\|\s*safe\b", path.read_text())
    ]
    assert off == [UNESCAPED]


def test_what_it_prints_is_safe_by_its_type() -> None:
    assert not unsafe((ROOT / "templates" / UNESCAPED).read_text())


def test_a_text_of_an_author_would_be_found() -> None:
    assert unsafe("<p>{{ question.plain_stem }}</p>") == {"question.plain_stem"}
