"""Packs as files: written in the child process, a few at once. Shared by the page of a pack and the API."""

from __future__ import annotations

from base64 import b64decode
from threading import BoundedSemaphore

from starlette.responses import Response

from app.errors import Unavailable
from app.formats import registry
from app.pages import long_work
from app.pages.site import Site

AT_ONCE = 2
EXPORT = long_work.Limits(megabytes=1024, cpu_seconds=120, seconds=240)
_room = BoundedSemaphore(AT_ONCE)


def exported(site: Site, pack_id: str, format_name: str) -> Response:
    """A pack as a file to keep. Raises Invalid for a format that nothing writes, Unavailable while others wait."""
    registry.writer(format_name)
    if not _room.acquire(blocking=False):
        raise Unavailable("Other packs are being exported. Try again in half a minute.")
    try:
        made = long_work.run(site, "export", {"pack": pack_id, "format": format_name}, EXPORT)
    finally:
        _room.release()
    headers = {"Content-Disposition": f'attachment; filename="{made["name"]}"'}
    return Response(b64decode(made["content"]), media_type=made["media_type"], headers=headers)
