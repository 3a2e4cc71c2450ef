"""A pack as GIFT, for Moodle and what else reads it. Our own reader gives the same texts, options and keys back.

Texts are written as Markdown where Moodle shows them as we do, else as HTML. An item's id becomes its title, its
topic the category. The keys of a multiple-answer item share the marks, and every other option takes them all.
"""

from __future__ import annotations

from markdown_it import MarkdownIt

from app.exam.item import Item, ItemType, Option
from app.exam.pack import Pack
from app.formats.gift_text import escaped
from app.formats.markup import from_markdown
from app.formats.writing import Left, Written, of_pack, own_fields

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_CARRIED = frozenset(("topic",))
_FULL = 100


def write(pack: Pack) -> Written:
    """The pack as one GIFT file in UTF-8, and what it could not carry."""
    titles = {topic.id: topic.title for topic in pack.topics}
    left = of_pack(pack)
    lines: list[str] = []
    category = ""
    for item in pack.items:
        if item.type is ItemType.SINGLE and not item.key:
            left.append(Left(item.id, "the whole item: GIFT has no single-answer question without a key"))
            continue
        here = _category(item.topic, titles) if item.topic else ""
        if here != category:
            lines.append(f"$CATEGORY: $course$/top{here}\n")
            category = here
        lines.append(_question(item))
        if names := own_fields(item, _CARRIED):
            left.append(Left(item.id, ", ".join(names)))
        if item.media:
            left.append(Left(item.id, "images: only their descriptions are in the text"))
    return Written("\n".join(lines).encode(), tuple(left))


def _category(topic: str, titles: dict[str, str]) -> str:
    chapter, _, subject = topic.partition("/")
    names = [titles.get(chapter, chapter), *([titles.get(topic, subject)] if subject else [])]
    return "".join(f"/{' '.join(name.split()).replace('/', '//')}" for name in names)


def _question(item: Item) -> str:
    form, stem = _formed(item.stem)
    lines = [f"::{escaped(item.id)}::[{form}]{escaped(stem)}{{"]
    lines += [f"\t{_sign(item, option)}{_option(option, form)}" for option in item.options]
    if item.rationale:
        lines.append(f"\t####{_part(item.rationale, form)}")
    return "\n".join([*lines, "}\n"])


def _sign(item: Item, option: Option) -> str:
    """What stands before an option: whether it is right, and its share of the marks in per cent."""
    if item.type is ItemType.SINGLE:
        return "=" if option.key else "~"
    if not item.key:
        return "~"
    share = f"{_FULL / len(item.key):.5f}".rstrip("0").rstrip(".")
    return f"~%{share}%" if option.key else f"~%-{_FULL}%"


def _option(option: Option, form: str) -> str:
    told = f"#{_part(option.why, form)}" if option.why else ""
    return f"{_part(option.text, form)}{told}"


def _part(text: str, default: str) -> str:
    """A text within a question; its format is named when it is another one, or when the text seems to name one."""
    form, body = _formed(text)
    tag = f"[{form}]" if form != default or body.startswith(("[", "%")) else ""
    return f"{tag}{escaped(body)}"


def _formed(text: str) -> tuple[str, str]:
    """The format of a text and the text in it: HTML when other readers of Markdown would see more than we do."""
    plain = from_markdown(text)
    return (
        ("markdown", text)
        if plain.text == text and not plain.images
        else ("html", _MARKDOWN.render(text).strip())
    )
