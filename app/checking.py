"""Checks in the child process of `app.work`: the document of `packs check --json`, and whether all is well."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.exam import quality
from app.formats import registry
from app.formats.reading import acceptable, report


def check(request: Mapping[str, Any], _progress: Callable[[int, int, str], None]) -> dict[str, Any]:
    """request["content"] in base64, called request["file_name"], read by request["format"] (None: by content) and
    held to the rules as of request["as_of"]; request["ready"]: every item as a ready one. {"document", "acceptable"}.
    """
    content = b64decode(request["content"])
    reading = registry.read_upload(request["file_name"], content, request["format"])
    found = reading.faults
    if reading.pack is not None:
        day = date.fromisoformat(request["as_of"])
        found = (*found, *quality.check(reading.pack, day, reading.places))
    good = acceptable(reading, found, every_item=request["ready"])
    return {"document": report(reading, found), "acceptable": good}
