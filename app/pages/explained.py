"""What an item says once it is over: stem, options with their whys, rationale. It is the same for everybody, so it is
rendered once for each process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from app.exam.item import Option, Reference
from app.pages.render import html, inline_markdown, markdown


class ReviewOption(NamedTuple):
    """An option in review, in the order of delivery. `html` is all but its letter."""

    letter: str
    html: Markup
    key: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class OptionPart:
    """reports/option.html: what an option says once its item is over, the same under every letter."""

    text: Markup
    key: bool
    chosen: bool
    why: Markup
    trap: str


@dataclass(frozen=True, slots=True)
class RationalePart:
    """reports/rationale.html: why the key is the key, and where to read more."""

    rationale: Markup
    references: tuple[Reference, ...]


@cache
def stem_html(text: str) -> Markup:
    """A stem."""
    return markdown(text)


@cache
def option_html(option: Option, chosen: bool) -> Markup:
    """An option with its why, by the key that it carries."""
    trap = (option.trap or "").replace("-", " ")
    text, why = inline_markdown(option.text), inline_markdown(option.why)
    part = OptionPart(text, option.key, chosen, why, trap)
    return Markup(html("reports/option.html", part))  # noqa: S704 - a template escaped it


@cache
def rationale_html(text: str, references: tuple[Reference, ...]) -> Markup:
    """A rationale with its references."""
    part = RationalePart(inline_markdown(text), references)
    return Markup(html("reports/rationale.html", part))  # noqa: S704 - a template escaped it
