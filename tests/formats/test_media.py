"""Images get a name from what is seen; what is no image is refused."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from app.formats.media import NOT_THERE, ON_THE_WEB, TOO_MANY, Media, Refusal
from app.formats.media_encode import NO_IMAGE
from tests.images import JPEG, PNG, drawn, file, stored


@pytest.mark.parametrize(("content", "ending"), [(PNG, "png"), (JPEG, "jpg"), (file(drawn(), "GIF"), "png")])
def test_an_image_is_named_by_what_is_seen(content: bytes, ending: str) -> None:
    media = Media()
    name = media.add(content)
    assert isinstance(name, str)
    assert name.endswith(f".{ending}")
    assert media.add(content) == name
    assert media.files == {name: stored(content).content}


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"RIFF\x00\x00\x00\x00WAVE", b"%PDF", PNG[:40]])
def test_what_is_no_image_is_refused_with_the_reason(content: bytes) -> None:
    media = Media()
    assert isinstance(media.add(content), Refusal)
    assert media.files == {}


def test_all_images_of_a_source_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.formats.media.MAX_ALL_PIXELS", 100)
    media = Media()
    assert isinstance(media.add(file(drawn(10, 9))), str)
    assert media.add(file(drawn(10, 2))) == TOO_MANY
    assert isinstance(media.add(file(drawn(10, 9))), str), "what is there already costs nothing"


def test_an_address_may_hold_the_image_itself() -> None:
    media = Media()
    encoded = base64.b64encode(PNG).decode()
    assert media.add_data_uri(f"data:image/png;base64,{encoded[:8]}\n{encoded[8:]}") == media.add(PNG)
    assert media.add_data_uri(f"data:image/png;charset=utf-8;base64,{encoded}") == media.add(PNG)
    assert media.add_data_uri(f"data:image/png,{quote(PNG)}") == media.add(PNG)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://localhost/a.png", ON_THE_WEB),
        ("//localhost/a.png", ON_THE_WEB),
        ("ftp://localhost/a.png", ON_THE_WEB),
        ("data:text/html;base64,eA==", NOT_THERE),
        ("", NOT_THERE),
    ],
)
def test_other_addresses_are_refused_and_nothing_is_fetched(address: str, why: Refusal) -> None:
    assert Media().add_data_uri(address) == why
    assert Media().among({"a.png": PNG}, "q.xml")(address) == why


@pytest.mark.parametrize("address", ["data:image/png;base64,*", "data:image/png;base64,eA"])
def test_damaged_base64_is_refused(address: str) -> None:
    assert isinstance(Media().add_data_uri(address), Refusal)


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


@pytest.mark.parametrize("address", ["", "q.png", "../../etc/passwd", ".."])
def test_an_address_without_a_file_finds_nothing(address: str) -> None:
    files = {"a/q.png": PNG, "b/q.png": PNG, "s.png": PNG, "a.txt": b"x"}
    assert Media().among(files, "x.xml")(address) == NOT_THERE
    assert Media().among(files, "x.xml")("a.txt") == Refusal(NO_IMAGE)
