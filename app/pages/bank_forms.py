"""The form of an item as it was sent. An image that came with it is encoded anew in a child process, and a line that
shows it is put into the stem: so adding one loses nothing of what was written, with or without JavaScript."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.errors import Invalid, Unavailable
from app.pages import long_work
from app.pages.depends import Instructor
from app.pages.site import Site
from app.store import media

LIMITS = long_work.Limits(megabytes=256, cpu_seconds=15, seconds=30)
AT_ONCE = 2
LONGEST_ALT = 500
_BRACKETS = re.compile(r"[\\\[\]]")
_room = BoundedSemaphore(AT_ONCE)

Values = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form held: its fields, and the file that was chosen as an image; empty when none was."""

    values: Values
    image: bytes = b""


# Only after it is known who asks is anything of a form read.
async def _sent(request: Request, _who: Instructor) -> Sent:
    values: Values = {}
    image = b""
    async with request.form(max_files=1, max_fields=200) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                image = await value.read()
            else:
                values.setdefault(name, []).append(value)
    return Sent(values, image)


Entered = Annotated[Sent, Depends(_sent)]


def one(values: Values, name: str) -> str:
    """The first value of a field; empty when there is none."""
    return values.get(name, [""])[0]


def with_image(site: Site, sent: Sent) -> Sent:
    """The form with the image that came with it in the stem. Raises Invalid, with what to do about it."""
    alt = " ".join(one(sent.values, "image_alt").split())
    if not sent.image:
        raise Invalid("Choose a file first: PNG, JPEG, WebP or GIF.")
    if not alt:
        raise Invalid("Say what the image shows, for whoever cannot see it, and choose the file once more.")
    if len(alt) > LONGEST_ALT:
        raise Invalid(
            f"At most {LONGEST_ALT} characters say what an image shows; write the rest into the stem."
        )
    if not _room.acquire(blocking=False):
        raise Unavailable("Other images are being taken. Try again in a few seconds.")
    try:
        content = b64encode(sent.image).decode("ascii")
        made = long_work.run(site, "image", {"content": content}, LIMITS)
    except long_work.Failed as error:
        raise Invalid(str(error)) from error
    finally:
        _room.release()
    media.put(site.database, {made["name"]: b64decode(made["content"])})
    escaped = _BRACKETS.sub(r"\\\g<0>", alt)
    stem = placed(one(sent.values, "stem"), f"![{escaped}]({made['name']})")
    return replace(sent, values={**sent.values, "stem": [stem], "image_alt": [""]})


def placed(stem: str, line: str) -> str:
    """A stem with a paragraph before its last one, which is the question."""
    head, _, question = stem.replace("\r\n", "\n").rstrip().rpartition("\n\n")
    return "\n\n".join(part for part in (head, line, question) if part)
