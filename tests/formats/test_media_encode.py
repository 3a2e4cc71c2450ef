"""Images from strangers: what is seen is kept, everything else of the file is not, and nothing takes long."""

from __future__ import annotations

import io
import struct
import zlib

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL.PngImagePlugin import PngInfo

from app.exam.image import parsed
from app.formats import media_encode, registry
from app.formats.media_encode import LARGEST_SIDE, MOVING, NO_IMAGE, NO_SVG, Refusal, encoded
from tests.images import JPEG, PNG, drawn, file, noise, opened, stored

ORIENTATION, LEFT_BOTTOM = 274, 8


def why(content: bytes) -> str:
    """Why a file is refused."""
    made = encoded(content)
    assert isinstance(made, Refusal)
    return made.why


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, *more: bytes) -> bytes:
    """A PNG that says it is so large and holds nothing."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + body


def moving(kind: str) -> bytes:
    frames = [drawn(), drawn(colour=(0, 0, 200))]
    return file(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("kind", "mode", "ending", "becomes"),
    [
        ("PNG", "RGB", "png", "RGB"),
        ("PNG", "P", "png", "RGB"),
        ("PNG", "1", "png", "L"),
        ("PNG", "L", "png", "L"),
        ("PNG", "I;16", "png", "L"),
        ("PNG", "RGBA", "png", "RGB"),
        ("GIF", "P", "png", "RGB"),
        ("WEBP", "RGB", "jpg", "RGB"),
        ("JPEG", "RGB", "jpg", "RGB"),
        ("JPEG", "L", "jpg", "L"),
        ("JPEG", "CMYK", "jpg", "RGB"),
    ],
)
def test_every_kind_becomes_a_png_or_a_photograph_of_its_size(
    kind: str, mode: str, ending: str, becomes: str
) -> None:
    source = drawn(32, 24, mode="L").convert(mode) if mode == "I;16" else drawn(32, 24, mode=mode)
    made = stored(file(source, kind))
    assert (made.image.width, made.image.height, made.image.ending) == (32, 24, ending)
    seen = opened(made.content)
    assert (seen.size, seen.mode) == ((32, 24), becomes)
    assert parsed(made.image.name) == made.image


def test_a_lossless_webp_becomes_a_png_to_the_pixel() -> None:
    source = noise(20, 10, "RGB", bytes(range(251)))
    assert opened(stored(file(source, "WEBP", lossless=True)).content).tobytes() == source.tobytes()


def test_transparency_is_kept() -> None:
    source = drawn(mode="RGBA")
    source.putpixel((7, 5), (1, 2, 3, 0))
    assert opened(stored(file(source)).content).getpixel((7, 5)) == (1, 2, 3, 0)


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    source = PIL.Image.new("I;16", (2, 1))
    source.putpixel((0, 0), 32_896)
    source.putpixel((1, 0), 65_535)
    seen = opened(stored(file(source)).content)
    assert [seen.getpixel((place, 0)) for place in (0, 1)] == [128, 255]


@given(
    st.sampled_from(["PNG", "JPEG", "WEBP"]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["L", "RGB", "RGBA"]),
    st.binary(min_size=1, max_size=300),
)
@settings(max_examples=60, deadline=None)
def test_what_is_stored_comes_out_as_it_went_in(
    kind: str, width: int, height: int, mode: str, seed: bytes
) -> None:
    source = noise(width, height, "RGB" if kind == "JPEG" and mode == "RGBA" else mode, seed)
    first = stored(file(source, kind))
    assert stored(first.content) == first


def test_the_same_pixels_have_the_same_name_whoever_wrote_them() -> None:
    source = noise(30, 30, "RGB", bytes(range(200)))
    names = {stored(file(source, compress_level=level)).image.name for level in (0, 1, 9)}
    assert len(names) == 1
    assert stored(file(drawn())).image.name not in names


def test_an_image_that_is_too_large_for_a_page_is_scaled_down() -> None:
    made = stored(file(drawn(2 * LARGEST_SIDE, LARGEST_SIDE // 2)))
    assert (made.image.width, made.image.height) == (LARGEST_SIDE, LARGEST_SIDE // 4)


def test_b16_60_000_by_60_000_pixels_are_refused_by_the_header_alone() -> None:
    assert "60000 x 60000 pixels" in why(png_of(60_000, 60_000))
    tall = file(PIL.Image.new("1", (1, 65_000)))
    assert opened(stored(tall).content).size[1] == LARGEST_SIDE


def test_b16_a_small_file_of_too_many_pixels_is_refused() -> None:
    bomb = file(PIL.Image.new("1", (10_000, 10_000)))
    assert len(bomb) < 20_000
    assert "make it smaller" in why(bomb)


@pytest.mark.parametrize("content", [PNG, JPEG, file(drawn(64, 64), "WEBP"), file(drawn(64, 64), "GIF")])
def test_b16_a_truncated_image_is_refused(content: bytes) -> None:
    for end in (len(content) // 2, 20):
        assert why(content[:end])


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_b16_what_moves_is_refused(kind: str) -> None:
    assert why(moving(kind)) == MOVING


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><!-- x --><svg><foreignObject/></svg>",
    ],
)
def test_b16_svg_is_refused_and_told_how_to_be_brought(content: bytes) -> None:
    assert why(content) == NO_SVG
    assert "save it as PNG" in NO_SVG


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"%PDF-1.7",
        b"BM" + b"\0" * 60,
        b"II*\0" + b"\0" * 60,
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x0cjP  ",
    ],
)
def test_b16_other_formats_are_refused(content: bytes) -> None:
    assert why(content) == NO_IMAGE


def test_b16_metadata_and_what_hides_behind_the_end_are_gone() -> None:
    script = b"<script>alert(1)</script>"
    said = PngInfo()
    said.add_text("Comment", script.decode())
    exif = PIL.Image.Exif()
    exif[270] = script.decode()
    hostile = (
        file(drawn(), pnginfo=said, icc_profile=script) + script,
        file(drawn(), "JPEG", exif=exif, comment=script, icc_profile=script * 9) + script,
        file(drawn(), "WEBP", exif=exif.tobytes(), xmp=script) + script,
    )
    for content in hostile:
        assert script in content
        assert b"script" not in stored(content).content


def test_b16_an_image_is_turned_upright_before_its_metadata_go() -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = LEFT_BOTTOM
    made = stored(file(drawn(40, 20), "JPEG", exif=exif))
    assert (made.image.width, made.image.height) == (20, 40)


def test_b16_metadata_that_unpack_to_much_or_are_nonsense_do_no_harm() -> None:
    packed = zlib.compress(b"\0" * 40_000_000, 9)
    for more in (chunk(b"zTXt", b"a\0\0" + packed), chunk(b"iCCP", b"a\0\0" + packed)):
        content = file(drawn())
        hostile = content[:33] + more + content[33:]
        made = encoded(hostile)
        assert isinstance(made, Refusal) or len(made.content) < 1_000
    nonsense = b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff" * 60_000
    jpeg = file(drawn(), "JPEG", exif=nonsense)
    made = encoded(jpeg)
    assert isinstance(made, Refusal) or b"\xff" * 100 not in made.content


def test_b16_a_png_that_is_called_xml_is_no_document() -> None:
    reading = registry.read_upload("quiz.xml", PNG)
    assert reading.pack is None or not reading.pack.items
    assert reading.faults


def test_running_out_of_memory_is_not_taken_for_a_damaged_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(media_encode, "_plain", full)
    with pytest.raises(MemoryError):
        encoded(PNG)


def test_an_image_is_what_its_content_is_whatever_its_ending() -> None:
    target = io.BytesIO(PNG)
    assert stored(target.getvalue()).image.ending == "png"
