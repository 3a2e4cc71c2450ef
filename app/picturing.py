"""One image, decoded and encoded anew in the child process of `app.work`, which loads nothing else for it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from app.errors import Invalid
from app.formats.media import Media, Refusal


def image(request: Mapping[str, Any], _progress: Callable[[int, int, str], None]) -> dict[str, Any]:
    """The image of request["content"] (base64), encoded anew, as a part of a reading. Raises Invalid."""
    made = Media()
    name = made.add_base64(request["content"])
    if isinstance(name, Refusal):
        raise Invalid(f"This image cannot be taken: {name.why}.")
    return part(name, made.files[name])


def part(name: str, content: bytes) -> dict[str, Any]:
    """An image on its way to the server."""
    return {"name": name, "content": b64encode(content).decode("ascii")}
