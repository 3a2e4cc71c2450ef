"""Images of items.

An address holds 256 bits that nobody can guess, and stands nowhere but in items that show the image: whoever has it
was shown the item. So it needs no account, and may be kept for ever, for what it names never changes. It tells
nothing of the item, of its pack, or of what the file was called.
"""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.responses import Response

from app.errors import Missing
from app.pages.depends import TheSite
from app.store import media

HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Robots-Tag": "noindex",
}
_SHA256 = re.compile(r"[0-9a-f]{64}")

router = APIRouter()


@router.get("/media/{sha256}")
def medium(sha256: str, site: TheSite) -> Response:
    """One image, as it was encoded here."""
    if not _SHA256.fullmatch(sha256):
        raise Missing("There is no such image.")
    with site.database.reading() as tx:
        found = media.get(tx, sha256)
    return Response(found.content, media_type=found.type, headers=HEADERS)
