"""Lock files name no address, static/ holds our own files only; each checker catches a planted breach."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app.settings import ROOT, VERSION
from tests.house import files

LOCKS = ("requirements.lock", "requirements-dev.lock")
GOOD = (
    "alpha==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    "beta==2 ; os_name == 'nt' \\\n    --hash=sha256:cc\n"
)


@pytest.mark.parametrize("name", LOCKS)
def test_x24_a_lock_names_no_address_and_hashes_everything(name: str) -> None:
    assert files.lock_breaches((ROOT / name).read_text("utf-8")) == []


def test_tests_run_with_the_very_packages_that_are_served() -> None:
    runtime, testing = (files.pins((ROOT / name).read_text("utf-8")) for name in LOCKS)
    assert runtime
    assert runtime <= testing


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


def test_static_holds_our_own_files_only() -> None:
    assert files.strangers(ROOT / "static") == []


def test_a_good_lock_has_no_breach() -> None:
    assert files.lock_breaches(GOOD) == []
    assert files.pins(GOOD) == {"alpha==1.0", "beta==2"}


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example.org/simple\n",
        "    # from https://packages.example.org/simple\n",
        "--find-links /opt/wheels --hash=sha256:dd\n",
        "-e . --hash=sha256:dd\n",
        "gamma==3\n",
    ],
)
def test_an_address_or_a_missing_hash_is_caught(line: str) -> None:
    assert files.lock_breaches(GOOD + line)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("htmx.min.js", "let a"),
        ("library.js", "/*! Copyright 2024 Somebody */"),
        ("library.js", "a" * 501),
        ("library.js", "let a;\n" * 20_000),
        ("font.woff2", "x"),
    ],
)
def test_a_file_of_somebody_else_is_caught(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert len(files.strangers(tmp_path)) == 1
