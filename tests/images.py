"""Images for tests, made with Pillow: as people hand them in, and as they are stored."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image

from app.formats.media_encode import Encoded, encoded

Colour = tuple[int, int, int]
RED: Colour = (200, 30, 30)


def drawn(width: int = 8, height: int = 6, colour: Colour = RED, mode: str = "RGB") -> PIL.Image.Image:
    """A surface of one colour with a dark corner, so that turning it shows."""
    picture = PIL.Image.new("RGB", (width, height), colour)
    picture.paste((0, 0, 0), (0, 0, max(1, width // 2), max(1, height // 2)))
    return picture.convert(mode)


def noise(width: int, height: int, mode: str, seed: bytes) -> PIL.Image.Image:
    """An image of which every pixel is whatever `seed` says."""
    channels = len(PIL.Image.new(mode, (1, 1)).getbands())
    count = width * height * channels
    return PIL.Image.frombytes(mode, (width, height), (seed * (count // len(seed) + 1))[:count])


def file(picture: PIL.Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    """An image as a file."""
    target = io.BytesIO()
    picture.save(target, kind, **how)
    return target.getvalue()


def stored(content: bytes) -> Encoded:
    """What becomes of a file that is taken."""
    made = encoded(content)
    assert isinstance(made, Encoded), made
    return made


def opened(content: bytes) -> PIL.Image.Image:
    """A file as an image."""
    picture = PIL.Image.open(io.BytesIO(content))
    picture.load()
    return picture


PNG = stored(file(drawn())).content
"""A PNG as it is stored."""
JPEG = stored(file(drawn(16, 16), "JPEG")).content
"""The same of a photograph."""
NAME = stored(PNG).image.name
"""What item text calls PNG."""
