"""The page of threats has a row for each of them, and each row names tests that exist, or says why there is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.settings import ROOT

KNOWN = {"F": 37, "B": 25, "X": 28}
ROW = re.compile(r"^\| ([FBX]\d\d) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
FEWEST_WORDS = 6


def breaches(page: str, root: Path) -> list[str]:
    """What is wrong with a page of threats, one line for each."""
    rows = ROW.findall(page)
    found = [name for name, _, _ in rows]
    wanted = [f"{kind}{number:02}" for kind, count in KNOWN.items() for number in range(1, count + 1)]
    wrong = [f"{name}: missing" for name in wanted if name not in found]
    wrong += [
        f"{name}: not a threat, or there twice"
        for name in found
        if name not in wanted or found.count(name) > 1
    ]
    for name, _, shown in rows:
        tests = TEST.findall(shown)
        if not tests and len(TEST.sub("", shown).split()) < FEWEST_WORDS:
            wrong.append(f"{name}: claims nothing")
        wrong += [f"{name}: {why}" for path, test in tests if (why := _refuted(name, path, test, root))]
    return wrong


def _refuted(name: str, path: str, test: str, root: Path) -> str:
    source = (root / path).read_text("utf-8") if (root / path).exists() else ""
    if not re.search(rf"^def {test}\(", source, re.MULTILINE):
        return f"there is no {path}::{test}"
    return "" if f"_{name.lower()}_" in test else f"{test} is not named after it"


def test_every_threat_has_its_row_and_every_row_its_tests() -> None:
    assert breaches((ROOT / "docs/threats.md").read_text("utf-8"), ROOT) == []


def test_every_test_that_is_named_after_a_threat_is_named_after_one_there_is() -> None:
    names = re.findall(
        r"^def (test_\w+)\(",
        "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")),
        re.MULTILINE,
    )
    ids = {part.upper() for name in names for part in re.findall(r"_([fbx]\d\d)(?=_)", name)}
    assert {one for one in ids if int(one[1:]) not in range(1, KNOWN[one[0]] + 1)} == set()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("", "X01: missing"),
        ("| X01 | A threat |  |", "X01: claims nothing"),
        ("| X01 | A threat | not yet |", "X01: claims nothing"),
        (
            "| X01 | A threat | `tests/gone.py::test_x01_gone` |",
            "X01: there is no tests/gone.py::test_x01_gone",
        ),
        ("| X01 | A threat | `tests/here.py::test_other` |", "X01: test_other is not named after it"),
        (
            "| X99 | A threat | it does not apply here, since nobody does it |",
            "X99: not a threat, or there twice",
        ),
    ],
)
def test_a_row_that_is_missing_or_claims_what_is_not_there_is_caught(
    row: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/here.py").write_text(
        "def test_other() -> None: ...\ndef test_x01_here() -> None: ...\n"
    )
    good = "| X01 | A threat | `tests/here.py::test_x01_here` |"
    assert said not in breaches(good, tmp_path)
    assert not [line for line in breaches(good, tmp_path) if line.startswith("X01")]
    assert said in breaches(row, tmp_path)
