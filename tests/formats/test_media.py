"""Images get a name from their content; what is no image gets none."""

from __future__ import annotations

import base64

import pytest

from app.formats.media import Media

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"GIF89a", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
    ],
)
def test_an_image_is_named_by_its_content(content: bytes, ending: str) -> None:
    media = Media()
    name = media.add(content)
    assert name is not None
    assert name.endswith(f".{ending}")
    assert media.add(content) == name
    assert media.files == {name: content}


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"RIFF\x00\x00\x00\x00WAVE", b"%PDF"])
def test_what_is_no_image_has_no_name(content: bytes) -> None:
    media = Media()
    assert media.add(content) is None
    assert media.files == {}


def test_an_address_may_hold_the_image_itself() -> None:
    media = Media()
    encoded = base64.b64encode(PNG).decode()
    assert media.add_data_uri(f"data:image/png;base64,{encoded[:8]}\n{encoded[8:]}") == media.add(PNG)
    assert media.add_data_uri("data:image/gif,GIF89a") is not None


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/a.png",
        "data:text/html;base64,eA==",
        "data:image/png;base64,*",
        "data:image/png;base64,eA",
        "",
    ],
)
def test_other_addresses_have_no_name(address: str) -> None:
    assert Media().add_data_uri(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "p%20q.png",
        "./p%20q.png",
        "../a/p q.png",
        "a/p%20q.png?x#y",
        "@@PLUGINFILE@@/p%20q.png",
        "$IMS-CC-FILEBASE$/a/p q.png",
    ],
)
def test_an_address_finds_its_file_in_the_source(address: str) -> None:
    media = Media()
    assert media.among({"a/p q.png": PNG, "a/q.xml": b""}, "a/q.xml")(address) == media.add(PNG)


@pytest.mark.parametrize(
    "address", ["", "q.png", "../../etc/passwd", "http://localhost/s.png", "a.txt", ".."]
)
def test_an_address_without_a_file_finds_nothing(address: str) -> None:
    assert (
        Media().among({"a/q.png": PNG, "b/q.png": PNG, "s.png": PNG, "a.txt": b"x"}, "x.xml")(address) is None
    )
