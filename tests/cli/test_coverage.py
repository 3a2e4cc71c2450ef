"""`cutscore packs coverage`: the page, its exit status, and what it says when it cannot be made."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.formats import native_write
from tests import packs
from tests.cli.conftest import Run

FIRST = packs.secret("tower00", "item")


def folder(root: Path, coverage: str) -> Path:
    """The synthetic pack as a folder with a coverage.yaml."""
    root.mkdir()
    (root / "pack.yaml").write_bytes(native_write.write(packs.pack()))
    if coverage:
        (root / "coverage.yaml").write_text(coverage, "utf-8")
    return root


def row(items: str, more: str = "") -> str:
    """A coverage.yaml of one subject."""
    return f'- {{subject: "lamps", group: "Light", items: [{items}]{more}}}\n'


def test_the_page_goes_to_standard_output_and_nothing_else_does(run: Run, tmp_path: Path) -> None:
    result = run("packs", "coverage", folder(tmp_path / "towers", row(FIRST)))
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("# What the items cover: Towers\n")
    assert f"| lamps | 1 | 1 | {FIRST} |  |" in result.out


def test_the_page_goes_to_a_file_when_one_is_named(run: Run, tmp_path: Path) -> None:
    path = folder(tmp_path / "towers", row(FIRST))
    page = tmp_path / "coverage.md"
    shown = run("packs", "coverage", path)
    written = run("packs", "coverage", path, "-o", page)
    assert (written.status, written.out) == (0, "")
    assert page.read_bytes() == shown.out.encode()


@pytest.mark.parametrize(
    ("coverage", "message"),
    [
        (row("gone"), "the pack has no item 'gone'"),
        (row(FIRST, ", at_least: 2"), "1 ready of 2 wanted"),
    ],
)
def test_what_is_missing_or_short_ends_with_status_1(
    run: Run, tmp_path: Path, coverage: str, message: str
) -> None:
    result = run("packs", "coverage", folder(tmp_path / "towers", coverage))
    assert result.status == 1
    assert f"Light, lamps: {message}" in result.err
    assert "# What the items cover" in result.out


def test_what_is_short_and_says_why_is_good(run: Run, tmp_path: Path) -> None:
    path = folder(tmp_path / "towers", row("", ', unverified: "no page says so"'))
    result = run("packs", "coverage", path)
    assert (result.status, result.err) == (0, "")
    assert "- Light, lamps: no page says so" in result.out


@pytest.mark.parametrize(
    ("coverage", "message"),
    [("", "has no coverage.yaml"), ('- {subject: "lamps"}\n', "missing-field")],
)
def test_a_pack_without_a_readable_list_is_refused(
    run: Run, tmp_path: Path, coverage: str, message: str
) -> None:
    result = run("packs", "coverage", folder(tmp_path / "towers", coverage))
    assert (result.status, result.out) == (1, "")
    assert message in result.err
