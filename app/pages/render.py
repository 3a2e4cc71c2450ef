"""The one Jinja environment: typed contexts in, HTML out; item text from Markdown to safe HTML, once per version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

import nh3
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from app.exam import image, zones
from app.exam.item import Asked
from app.exam.person import Person
from app.settings import ROOT

_TAGS = {
    "p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td",
    "blockquote", "sub", "sup", "hr", "img", "details", "summary",
}  # fmt: skip
_ATTRIBUTES = {"img": {"src", "alt", "width", "height"}, "details": {"class"}}
ZOOMED_FROM = 280
"""Pixels: a narrower image is shown as it is on every screen."""
_EMPTY = re.compile(r"<p>\s*</p>\n?")


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    """A stored image, with its size so that nothing moves when it comes; a wide one opens at full size. Any other
    image is only spoken of."""
    token = tokens[place]
    alt = escape(renderer.renderInlineAsText(token.children, options, env))
    found = image.parsed(str(token.attrs.get("src", "")))
    if found is None:
        return str(Markup("[image: {}]").format(alt) if alt else "[image]")
    shown = f'<img src="/media/{found.sha256}" alt="{alt}" width="{found.width}" height="{found.height}">'
    if found.width < ZOOMED_FROM or not env.get("zoom"):
        return shown
    return f'</p><details class="figure"><summary>{shown}</summary></details><p>'


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_MARKDOWN.add_render_rule("image", _image)


class Context(Protocol):
    """A page's typed context: a frozen dataclass whose fields are all that its template may use."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Chrome:
    """What the frame around every page shows: who is here and which part of the site this is."""

    person: Person | None = None
    path: str = "/"


def markdown(text: str) -> Markup:
    """Block Markdown to sanitised HTML: an allow-list without links, styles or forms, and with stored images only."""
    return _clean(_MARKDOWN.render(text, {"zoom": True}))


def inline_markdown(text: str) -> Markup:
    """Inline Markdown (an option, a why) to sanitised HTML. Its images do not open: a click on them is a choice."""
    return _clean(_MARKDOWN.render(text) if "\n" in text.strip() else _MARKDOWN.renderInline(text))


def _clean(html: str) -> Markup:
    cleaned = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES)
    return Markup(_EMPTY.sub("", cleaned) if "<img" in cleaned else cleaned)  # noqa: S704 - just sanitised


@dataclass(frozen=True, slots=True)
class ItemHtml:
    """The HTML of what a candidate is asked: nothing of the key, the whys or the author's order is in here."""

    stem: Markup
    plain_stem: str
    options: dict[str, Markup]


def item_html(asked: Asked) -> ItemHtml:
    """Render an item's stem and options (by the author's option id)."""
    stem = markdown(asked.stem)
    options = {option_id: inline_markdown(text) for option_id, text in asked.options}
    return ItemHtml(stem, stem.striptags(), options)


def duration(value: timedelta | None) -> str:
    """A length of time in words: "2 hours 50 minutes"."""
    if value is None:
        return "no limit"
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    if not minutes:
        return f"{seconds} seconds" if seconds != 1 else "1 second"
    hours, minutes = divmod(minutes, 60)
    words = [f"{hours} hour{'s' * (hours != 1)}"] * bool(hours) + [
        f"{minutes} minute{'s' * (minutes != 1)}"
    ] * bool(minutes)
    return " ".join(words)


def clock_text(value: timedelta | None) -> str:
    """A length of time in figures: "2:49:59"."""
    if value is None:
        return ""
    seconds = int(value.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def instant(value: datetime) -> Markup:
    """A moment, in UTC, for people and (datetime attribute) for programs."""
    value = value.astimezone(UTC)
    text = value.strftime("%-d %B %Y, %H:%M UTC")
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(timespec="seconds"), text)


def in_zone(value: datetime, zone: str) -> Markup:
    """A moment in a time zone, for people and (datetime attribute) for programs; static/local-time.js adds the
    time where the browser is."""
    at = value.isoformat(timespec="seconds")
    return Markup('<time datetime="{}" data-zone="{}">{}</time>').format(at, zone, zones.words(value, zone))


def percent(share: float) -> str:
    """A share of one as a whole percentage."""
    return f"{share:.0%}"


def chance(value: float) -> str:
    """A chance as a percentage that never claims to be certain."""
    if value < 0.01:  # noqa: PLR2004 - the least that is told
        return "under 1%"
    return "over 99%" if value > 0.99 else percent(value)  # noqa: PLR2004


def in_ten(chance: float) -> str:
    """A chance in words: "about 6 in 10"."""
    if chance < 0.05:  # noqa: PLR2004 - half of one in ten
        return "fewer than 1 in 20"
    if chance > 0.95:  # noqa: PLR2004 - and the other end
        return "more than 19 in 20"
    return f"about {min(9, max(1, round(10 * chance)))} in 10"


@cache
def static_digest() -> str:
    """A name for the present content of static/, so that its files can be cached for ever."""
    digest = hashlib.sha256()
    for path in sorted(_static_files()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _static_files() -> list[Path]:
    return [path for path in (ROOT / "static").rglob("*") if path.is_file()]


def static(name: str) -> str:
    """The address of a file in static/ (or of `htmx.js`, which comes from an installed package)."""
    return f"/static/{static_digest()}/{name}"


@cache
def environment() -> Environment:
    """The environment of all templates; undefined names are errors."""
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        markdown=markdown,
        inline_markdown=inline_markdown,
        duration=duration,
        clock_text=clock_text,
        instant=instant,
        in_zone=in_zone,
        percent=percent,
        chance=chance,
        in_ten=in_ten,
    )
    made.globals.update(static=static)
    return made


def html(template: str, context: Context, chrome: Chrome | None = None) -> str:
    """Render `template` with exactly the fields of `context` (and `chrome`, for whole pages)."""
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return environment().get_template(template).render(values, chrome=chrome or Chrome())


def page(
    request: Request, template: str, context: Context, person: Person | None, status: int = 200
) -> HTMLResponse:
    """A whole page as an answer."""
    return HTMLResponse(html(template, context, Chrome(person, request.url.path)), status)


def fragment(
    template: str, context: Context, status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:
    """One element, for htmx, as an answer."""
    return HTMLResponse(html(template, context), status, headers)
