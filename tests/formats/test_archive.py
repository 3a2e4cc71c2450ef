"""Hostile archives are refused by rule, quickly, and nothing of them is used as a path."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from app.errors import Invalid, Missing
from app.formats import archive, source
from tests.formats.pieces import HEAD, MULTIPLE, SINGLE

NAMES = [
    "../evil",
    "../../etc/passwd",
    "items/../../evil",
    "..",
    "./a",
    "/etc/passwd",
    "//server/share",
    "a//b",
    "C:/windows",
    "c:evil",
    "C:\\windows",
    "..\\evil",
    "items\\a.yaml",
    "a\x00.yaml",
    "a\nb",
    "a\x1b[31m",
    "a\u202eb.yaml",
    "a\u200bb",
    "CON",
    "con.yaml",
    "items/nul.txt",
    "AUX",
    "COM1",
    "lpt9.yaml",
    "a.",
    "a ",
    " a",
    "items /a.yaml",
    "a:stream",
    "x" * 300,
]


def zip_of(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name, content in entries.items():
            info = zipfile.ZipInfo("a")
            info.filename = name
            made.writestr(info, content, method)
    return target.getvalue()


def rules_of(content: bytes) -> set[str]:
    with pytest.raises(Invalid) as caught:
        archive.unpack("a.zip", content)
    assert all(fault.at.file == "a.zip" for fault in caught.value.faults)
    return {fault.rule for fault in caught.value.faults}


def test_a_plain_archive_is_unpacked() -> None:
    entries = {"pack.yaml": b"a: 1", "items/a.yaml": b"", "media/é.png": b"x" * 10}
    assert archive.unpack("a.zip", zip_of(entries)) == entries


@pytest.mark.parametrize("name", NAMES)
def test_b05_a_bad_entry_name_is_refused(name: str) -> None:
    assert rules_of(zip_of({"pack.yaml": b"a: 1", name: b"x"})) == {"bad-entry-name"}


@pytest.mark.parametrize("other", ["PACK.yaml", "pack.YAML"])
def test_b05_names_that_clash_on_some_systems_are_refused(other: str) -> None:
    assert rules_of(zip_of({"pack.yaml": b"", other: b""})) == {"entry-clash"}


def test_every_bad_entry_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        archive.unpack("a.zip", zip_of({"../a": b"", "b\\c": b"", "d.zip": b""}))
    assert len(caught.value.faults) == 3
    assert "'../a'" in caught.value.faults[0].message


def test_b05_a_symbolic_link_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        info = zipfile.ZipInfo("items/a.yaml")
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    assert rules_of(target.getvalue()) == {"bad-entry"}


@pytest.mark.parametrize("name", ["inner.zip", "media/inner.png", "a.tar.gz"])
def test_b03_an_archive_in_the_archive_is_refused_by_name_or_content(name: str) -> None:
    assert rules_of(zip_of({name: zip_of({"a": b"x"})})) == {"bad-entry"}


def test_an_encrypted_entry_is_refused() -> None:
    content = bytearray(zip_of({"a.yaml": b"x"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert rules_of(bytes(content)) == {"bad-entry"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(method: int) -> None:
    assert rules_of(zip_of({"a.yaml": b"x" * 100}, method)) == {"bad-entry"}


def test_b03_a_bomb_is_refused_by_its_declared_ratio_within_bounds() -> None:
    content = zip_of({"a.yaml": b"0" * 50_000_000})
    tracemalloc.start()
    began = time.process_time()
    assert rules_of(content) == {"bad-entry"}
    assert time.process_time() - began < 10  # far above what it takes
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_b03_a_bomb_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(zip_of({"a.yaml": b"0" * 20_000_000}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<L", 1_000)
    assert rules_of(bytes(content)) <= {"bad-archive", "too-large"}


def test_b03_entries_that_share_bytes_are_refused() -> None:
    content = zip_of({"a": b"x" * 50, "b": b"x" * 50})
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    shared = content[: second + 42] + struct.pack("<L", 0) + content[second + 46 :]
    assert "bad-archive" in rules_of(shared)


def test_b03_too_much_in_all_is_refused_by_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL", 1_000)
    assert rules_of(zip_of({"a": b"x" * 600, "b": b"y" * 600})) == {"too-large"}


def test_b04_a_hundred_thousand_entries_are_refused_in_less_than_a_second() -> None:
    content = zip_of({f"{n}": b"" for n in range(100_000)}, zipfile.ZIP_STORED)
    began = time.process_time()
    assert rules_of(content) == {"too-many-entries"}
    assert time.process_time() - began < 10  # far above what it takes


def test_an_entry_count_that_lies_is_refused_too() -> None:
    content = bytearray(zip_of({f"{n:0100}": b"" for n in range(10_000)}, zipfile.ZIP_STORED))
    end = content.rindex(b"PK\x05\x06")
    content[end + 8 : end + 12] = struct.pack("<2H", 5, 5)
    assert rules_of(bytes(content)) == {"too-many-entries"}


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + b"x" * 100,
        zip_of({"a": b"x" * 500})[:-10],
        zip_of({"a": b"x" * 500}) + b"tail",
        zip_of({"a": b"abc" * 200}).replace(b"PK\x01\x02", b"PK\x00\x00"),
    ],
)
def test_a_damaged_archive_is_refused(content: bytes) -> None:
    assert rules_of(content) == {"bad-archive"}


def test_damaged_content_is_refused() -> None:
    content = bytearray(zip_of({"a": b"abc" * 200}, zipfile.ZIP_STORED))
    content[100] ^= 0xFF
    assert rules_of(bytes(content)) == {"bad-archive"}


def test_the_folder_around_everything_and_litter_are_left_out() -> None:
    entries = {
        "mine/pack.yaml": b"1",
        "mine/items/a.yaml": b"2",
        "__MACOSX/mine/._a": b"",
        "mine/.DS_Store": b"",
    }
    assert source.from_bytes("a.zip", zip_of(entries)).files == {"items/a.yaml": b"2", "pack.yaml": b"1"}


def test_a_folder_is_collected_by_relative_names(tmp_path: Path) -> None:
    (tmp_path / "items" / "deep").mkdir(parents=True)
    (tmp_path / "pack.yaml").write_text(HEAD)
    (tmp_path / "items" / "deep" / "a.yaml").write_text(SINGLE + MULTIPLE)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    given = source.collect(tmp_path)
    assert set(given.files) == {"pack.yaml", "items/deep/a.yaml"}
    assert given.raw is None


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").symlink_to("/etc/hostname")
    with pytest.raises(Invalid) as caught:
        source.collect(tmp_path)
    assert str(caught.value.faults[0].at) == "pack.yaml"


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        source.collect(tmp_path / "nothing")
