"""Grammars of what has a shape of its own: workbooks, and Cutscore's packs as a file or as an archive."""

from __future__ import annotations

import io
import json
from random import Random
from typing import Any

import yaml
from openpyxl import Workbook

from tests.fuzz.documents import LETTERS, PLAIN, Document, Question, questions, zipped
from tests.fuzz.texts import rows


def workbook(rng: Random) -> Document:
    """A workbook, at times with another sheet before the table."""
    asked = questions(rng, PLAIN)
    book = Workbook()
    if rng.random() < 0.3:
        book.create_sheet("About", 0).append(["Questions of the harbour"])
    sheet = book.worksheets[-1]
    for row in rows(rng, asked):
        sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in row])
    content = io.BytesIO()
    book.save(content)
    return Document("fog.xlsx", content.getvalue(), tuple(one.told for one in asked))


def native(rng: Random) -> Document:
    """A pack in YAML or JSON: one file, or an archive with its items in files of their own."""
    asked = questions(rng, PLAIN)
    head = {"cutscore": 1, "pack": {"id": "fog", "version": "1.0.0", "title": "Fog"}}
    items = [_item(one) for one in asked]
    told = tuple(one.told for one in asked)
    if rng.random() < 0.5:
        return Document("fog.yaml", _written(rng, {**head, "items": items}), told)
    half = rng.randrange(len(items) + 1)
    files = {"pack.yaml": _written(rng, head)}
    files |= {
        f"items/{name}.yaml": _written(rng, part)
        for name, part in (("a", items[:half]), ("b", items[half:]))
        if part
    }
    return Document("fog.zip", zipped(rng, files), told)


def _item(one: Question) -> dict[str, Any]:
    options = [
        {"id": letter.lower(), "text": text, **({"key": True} if place in one.keys else {}), "why": one.why}
        for place, (letter, text) in enumerate(zip(LETTERS, one.options, strict=False))
    ]
    kind = {"type": "multiple", "select": len(one.keys)} if one.multiple else {"type": "single"}
    return {
        "id": f"q-{one.number}",
        "version": 1,
        "status": "draft",
        **kind,
        "stem": one.stem,
        "options": options,
    }


def _written(rng: Random, document: Any) -> bytes:
    if rng.random() < 0.3:
        return json.dumps(document, ensure_ascii=rng.random() < 0.5).encode()
    flow, width = rng.choice((None, False, True)), rng.choice((40, 110, 1000))
    made = yaml.safe_dump(document, allow_unicode=True, default_flow_style=flow, sort_keys=False, width=width)
    return str(made).encode()
