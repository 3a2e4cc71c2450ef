"""A pack as CSV: Udemy's second template, and behind its columns what else a table can hold.

Texts stay Markdown as the pack has them, which the column `Text Format` says (`cutscore`), so that our own reader
gives them back to the letter. No cell is a formula to a spreadsheet (csv_cells.py). The same pack gives the same
bytes; UTF-8 with a mark, by which spreadsheets know it.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from app.exam.item import Item, ItemType
from app.exam.pack import Pack
from app.formats.csv_cells import quoted
from app.formats.loose import AS_IT_IS, joined_category
from app.formats.writing import Left, Written, category, of_pack, own_fields, zipped

FILE = "items.csv"
_FIXED = 6
"""Options that the template has columns for, used or not."""
_CARRIED = frozenset(("domain", "shuffle"))


def write(pack: Pack) -> Written:
    """The pack as one CSV file, and what it could not carry. Images are left out."""
    without = [
        Left(item.id, "images: only their places are in the text") for item in pack.items if item.media
    ]
    return Written(_table(pack), (*_left(pack), *without))


def write_zip(pack: Pack, media: Mapping[str, bytes]) -> Written:
    """The pack as a zip with the CSV file and its images, and what it could not carry."""
    used = {name for item in pack.items for name in item.media}
    images = {name: content for name, content in sorted(media.items()) if name in used}
    return Written(zipped({FILE: _table(pack), **images}), tuple(_left(pack)))


def _left(pack: Pack) -> list[Left]:
    left = of_pack(pack, shares=False)
    fields = ((item.id, own_fields(item, _CARRIED)) for item in pack.items)
    return [*left, *(Left(name, ", ".join(names)) for name, names in fields if names)]


def _table(pack: Pack) -> bytes:
    most = max((len(item.options) for item in pack.items), default=0)
    titles = {topic.id: topic.title for topic in pack.topics}
    domains = {domain.id: domain.title for domain in pack.domains}
    rows = [_header(most), *(_row(item, most, titles, domains) for item in pack.items)]
    text = "".join(f"{','.join(map(quoted, row))}\r\n" for row in rows)
    return codecs.BOM_UTF8 + text.encode()


def _header(most: int) -> list[str]:
    pairs = [[f"Answer Option {n}", f"Explanation {n}"] for n in range(1, max(most, _FIXED) + 1)]
    return [
        *("Question", "Question Type"),
        *(name for pair in pairs[:_FIXED] for name in pair),
        *("Correct Answers", "Overall Explanation", "Domain"),
        *(name for pair in pairs[_FIXED:] for name in pair),
        *("Topic", "ID", "Shuffle", "Text Format"),
    ]


def _row(item: Item, most: int, titles: Mapping[str, str], domains: Mapping[str, str]) -> list[str]:
    cells = [[option.text, option.why] for option in item.options]
    cells += [["", ""]] * (max(most, _FIXED) - len(cells))
    keys = [str(number) for number, option in enumerate(item.options, 1) if option.key]
    known_by = item.origin.unmapped.get("ident") if item.origin else None
    return [
        item.stem,
        "multi-select" if item.type is ItemType.MULTIPLE else "multiple-choice",
        *(cell for pair in cells[:_FIXED] for cell in pair),
        ",".join(keys),
        item.rationale,
        joined_category((domains.get(item.domain, item.domain),)) if item.domain else "",
        *(cell for pair in cells[_FIXED:] for cell in pair),
        joined_category(category(item, titles)),
        str(known_by or item.id),
        "yes" if item.shuffle else "no",
        AS_IT_IS,
    ]
