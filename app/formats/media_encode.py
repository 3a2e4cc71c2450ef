"""An image from a stranger, made our own: decoded within limits, turned upright, encoded anew.

Nothing of the file is handed on but what is seen: no metadata, no colour profile, no second frame, nothing hidden
behind the end. A photograph (JPEG, lossy WebP) stays one; everything else becomes a PNG. What was encoded here comes
out as it went in, so that a pack can be exported and imported for ever without changing. Pure; never raises, except
MemoryError.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import reduce
from typing import Any

import PIL.Image
from PIL import ImageChops, ImageOps

from app.exam.image import Image

MAX_PIXELS, MAX_PHOTOGRAPH = 8_500_000, 12_500_000
"""Of an image: a screen of 4K, which takes 34 MB when it is decoded. A JPEG is decoded at a fraction of its size."""
LARGEST_SIDE = 2_000
"""Pixels; what is larger is scaled down, for it has to be sent to every candidate."""
QUALITY = 90
_CALMING = (0.0, 0.0, 0.25, 0.5, 0.75, *(1.0,) * 10)
"""A photograph is encoded until encoding changes nothing any more. What does not settle by itself, a block here and
there, is drawn so far towards its mean each time; a block that is even is settled."""
_BLOCK = 8  # pixels a side, of which JPEG codes each for itself

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_PHOTOGRAPHS = ("JPEG", "MPO")
_LOSSY_WEBP = b"VP8 "
_WEBP_KIND = slice(12, 16)
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_LOOK = 2_000
NO_IMAGE = "it is no PNG, JPEG, WebP or GIF; save it as PNG"
NO_SVG = "SVG is not taken, because it can hold programs; save it as PNG, twice as large as it is to be shown"
MOVING = "it moves; save the frame that matters as PNG"

# The size is looked at here, in the header, before a pixel is decoded.
PIL.Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an image is not taken, and what to do about it."""

    why: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """An image as it is stored and sent."""

    image: Image
    content: bytes


def size(content: bytes) -> int | Refusal:
    """How many pixels an image has, by its header."""
    if not content.startswith(_STARTS) and not (content.startswith(b"RIFF") and content[8:12] == b"WEBP"):
        return Refusal(NO_SVG if b"<svg" in content[:_LOOK].lower() else NO_IMAGE)
    try:
        with PIL.Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            width, height = opened.size
            most = MAX_PHOTOGRAPH if opened.format in _PHOTOGRAPHS else MAX_PIXELS
            moves = opened.format not in _PHOTOGRAPHS and getattr(opened, "is_animated", False)
    except MemoryError:
        raise
    except Exception as error:
        return _damaged(error)
    if moves:
        return Refusal(MOVING)
    if width * height > most:
        return Refusal(f"{width} x {height} pixels are more than {most / 1e6:g} million; make it smaller")
    return width * height


def encoded(content: bytes) -> Encoded | Refusal:
    """The image of a file, encoded anew, or why it is refused."""
    pixels = size(content)
    if isinstance(pixels, Refusal):
        return pixels
    try:
        with PIL.Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            photograph = opened.format in _PHOTOGRAPHS or content[_WEBP_KIND] == _LOSSY_WEBP
            # Of a photograph only as many pixels are decoded as are wanted, and as they are coded.
            opened.draft("YCbCr" if "jfif" in opened.info else "RGB", (LARGEST_SIDE, LARGEST_SIDE))
            opened.load()
            ImageOps.exif_transpose(opened, in_place=True)
            picture = _plain(opened)
            picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), PIL.Image.Resampling.LANCZOS)
        if photograph and picture.mode != "RGBA" and (settled := _settled(picture)):
            return settled
        drawn = _as(picture, "RGB") if picture.mode == "YCbCr" else picture
        return _named(drawn, _written(drawn, "PNG"), "png")
    except MemoryError:
        raise
    except Exception as error:
        return _damaged(error)


def _damaged(error: Exception) -> Refusal:
    said = " ".join(str(error).split())[:80]
    return Refusal(f"it is damaged ({said or type(error).__name__}); open it and save it again")


def _plain(picture: PIL.Image.Image) -> PIL.Image.Image:
    """The pixels alone, as grey, colour (of a photograph as it is coded), or colour with transparency."""
    if picture.mode in ("I", "I;16", "I;16B", "I;16L", "F"):  # 16 bits of grey
        picture = picture.convert("F").point(lambda value: value / 257 + 0).convert("L")
    if picture.has_transparency_data:
        kept = _as(picture, "RGBA")
        return _as(kept, "RGB") if kept.getchannel("A").getextrema() == (255, 255) else kept
    if picture.mode == "YCbCr":
        return _bare(picture)
    return _as(picture, "L" if picture.mode in ("1", "L") else "RGB")


def _as(picture: PIL.Image.Image, mode: str) -> PIL.Image.Image:
    return _bare(picture if picture.mode == mode else picture.convert(mode))


def _bare(picture: PIL.Image.Image) -> PIL.Image.Image:
    picture.info = {}
    return picture


def _settled(picture: PIL.Image.Image) -> Encoded | None:
    """A photograph as JPEG such that decoding and encoding it once more gives the same file."""
    picture = picture if picture.mode == "L" else picture.convert("YCbCr")
    for share in _CALMING:
        content = _written(picture, "JPEG")
        with PIL.Image.open(io.BytesIO(content), formats=("JPEG",)) as opened:
            opened.draft("YCbCr", opened.size)
            seen = _bare(opened.copy())
        if seen.tobytes() == picture.tobytes():
            return _named(seen, content, "jpg")
        picture = _calmed(picture, seen, share) if share else seen
    return None


def _calmed(before: PIL.Image.Image, now: PIL.Image.Image, share: float) -> PIL.Image.Image:
    """What encoding made of a photograph, with the blocks that it changed drawn towards their mean."""
    whole = tuple(-(-side // _BLOCK) * _BLOCK for side in now.size)

    def spread(picture: PIL.Image.Image) -> PIL.Image.Image:
        larger = picture.resize((whole[0], whole[1]), PIL.Image.Resampling.NEAREST)
        return larger.crop((0, 0, *now.size))

    changes = ImageChops.difference(before, now).split()
    changed = reduce(ImageChops.lighter, changes).point(_any)
    blocks = spread(changed.reduce(_BLOCK).point(_any))
    return PIL.Image.composite(PIL.Image.blend(now, spread(now.reduce(_BLOCK)), share), now, blocks)


def _any(value: int) -> int:
    return 255 if value else 0


def _written(picture: PIL.Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    how: dict[str, Any] = {"quality": QUALITY, "subsampling": 0} if kind == "JPEG" else {}
    picture.save(target, kind, **how)
    return target.getvalue()


def _named(picture: PIL.Image.Image, content: bytes, ending: str) -> Encoded:
    """An image under the hash of its pixels: whatever version of an encoder wrote it, its name is the same."""
    width, height = picture.size
    digest = hashlib.sha256(f"{ending} {picture.mode} {width}x{height}\n".encode())
    digest.update(picture.tobytes())
    return Encoded(Image(digest.hexdigest(), width, height, ending), content)
