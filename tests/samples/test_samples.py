"""The table over samples counts what is found beside what the index says, and names every file that differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.running import for_seconds
from tests.samples.__main__ import main
from tests.samples.index import samples

AIKEN = "What helps in fog?\nA. A horn\nB. A flag\nANSWER: A\n"
GIFT = "What helps? {=horn ~flag}\n\nSay why. {}\n\nWhich two? {~%50%horn ~%50%bell ~%-100%flag}\n\nIs it wet? {T}\n"
INDEX = """\
format	file	licence	items	single	truefalse	multiple	unsupported	no_key	note
aiken	a/one.txt	ours	1	1	0	0	0	0
gift	a/two.txt	ours	4	1	1	1	1	0	of three kinds
gift	a/gone.txt	ours	9	9	0	0	0	0	not there
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.txt").write_text(AIKEN, encoding="utf-8")
    (tmp_path / "a" / "two.txt").write_text(GIFT, encoding="utf-8")
    (tmp_path / "INDEX.tsv").write_text(INDEX, encoding="utf-8")
    return tmp_path


def test_what_is_expected_and_found_stands_by_format(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 files, 0 differ.\n")
    assert "| aiken | 1 | 0 | aiken 1 | 1/1/0/0 | 1/1/0/0 | 0 | 0 |" in out
    assert "| gift | 1 | 0 | gift 1 | 4/2/1/1 | 4/2/1/1 | 0 | 0 |" in out
    assert "First fault" not in out


def test_a_difference_is_named_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoilt = GIFT.replace("Is it wet? {T}\n", "").replace("~%50%bell", "~bell")
    (folder / "a" / "two.txt").write_text(spoilt, encoding="utf-8")
    assert main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert out.startswith("2 files, 1 differ.\n")
    assert "| gift | a/two.txt | 4/2/1/1 | 3/1/1/1 | 0 | gift | " in out
    assert "a/one.txt" not in out


def test_files_that_are_not_there_are_left_out(folder: Path) -> None:
    assert [sample.file for sample in samples(folder)] == ["a/one.txt", "a/two.txt"]


def test_samples_are_changed_by_the_fuzz_as_well(folder: Path, tmp_path: Path) -> None:
    assert for_seconds("aiken", 1, 0.05, tmp_path, folder).crashes == []
