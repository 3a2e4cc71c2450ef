"""Images: each kept once, found by name, and only under their true size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.errors import Missing
from app.store import media
from app.store.media import Medium
from tests.images import drawn, file, stored
from tests.store.bench import Bench

ONE, TWO = stored(file(drawn(30, 20))), stored(file(drawn(16, 16), "JPEG"))


def test_an_image_comes_back_as_it_was_put_and_twice_is_once(bench: Bench) -> None:
    for _ in range(2):
        media.put(bench.database, {each.image.name: each.content for each in (ONE, TWO)})
    with bench.database.reading() as tx:
        assert media.get(tx, ONE.image.sha256) == Medium("image/png", ONE.content)
        assert media.get(tx, TWO.image.sha256) == Medium("image/jpeg", TWO.content)


def test_an_image_that_is_not_there_is_missing(bench: Bench) -> None:
    with bench.database.reading() as tx, pytest.raises(Missing):
        media.get(tx, "0" * 64)


def test_a_name_is_known_with_its_true_size_only(bench: Bench) -> None:
    media.put(bench.database, {ONE.image.name: ONE.content})
    lying = replace(ONE.image, width=31).name
    with bench.database.reading() as tx:
        names = [ONE.image.name, lying, replace(ONE.image, sha256="0" * 64).name, "media/a.png", "http://x/"]
        assert media.known(tx, names) == {ONE.image.name}
        assert media.known(tx, []) == frozenset()
        assert media.contents(tx, names)[ONE.image.name] == ONE.content


def test_only_what_was_encoded_here_is_kept(bench: Bench) -> None:
    with pytest.raises(ValueError, match="stored image"):
        media.put(bench.database, {"media/map.png": ONE.content})
