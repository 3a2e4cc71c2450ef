"""`cutscore packs`: check, load and export."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app import cli_packs, exporting
from app.exam.item import Item, Status
from app.exam.lexicon import Lexicon, Name
from app.exam.pack import Pack
from app.formats import registry
from app.formats.writing import Left
from app.settings import ROOT
from tests import packs
from tests.cli.conftest import Run

DAY = ("--as-of", "2026-11-23")
KEYS = {"format", "items", "single", "multiple", "skipped", "faults"}
FAULT_KEYS = {"at", "rule", "kind", "severity", "message"}


def with_first(**changes: object) -> Pack:
    """The pack with its first item changed."""
    first, *others = packs.pack().items
    changed: Item = replace(first, **changes)  # type: ignore[arg-type]  # fields of Item, by name
    return packs.pack(items=[changed, *others])


def broken(tmp_path: Path) -> Path:
    """A pack that names a field nobody knows."""
    path = packs.write(tmp_path, packs.pack())
    path.write_text(path.read_text("utf-8").replace("rationale:", "rationnale:", 1), "utf-8")
    return path


def test_a_good_pack_is_good(run: Run, tmp_path: Path) -> None:
    result = run("packs", "check", packs.write(tmp_path, packs.pack()), *DAY)
    assert result.status == 0
    assert "24 items (16 single, 8 multiple), 0 skipped, 0 findings" in result.out


def test_the_document_has_its_keys_and_counts(run: Run, tmp_path: Path) -> None:
    result = run("packs", "check", packs.write(tmp_path, packs.pack()), "--json", *DAY)
    document = json.loads(result.out)
    assert set(document) == KEYS
    assert (document["items"], document["single"], document["multiple"]) == (24, 16, 8)
    assert (document["skipped"], document["faults"], result.err) == ([], [], "")


def test_a_structure_fault_refuses_the_pack_and_says_where(run: Run, tmp_path: Path) -> None:
    result = run("packs", "check", broken(tmp_path), "--json", *DAY)
    (fault,) = json.loads(result.out)["faults"]
    assert result.status == 1
    assert set(fault) == FAULT_KEYS
    assert (fault["kind"], fault["severity"], fault["rule"]) == ("structure", "error", "unknown-field")
    assert packs.secret("tower00", "item") in fault["at"]
    assert "towers-1.0.0.yaml:" in fault["at"]


@pytest.mark.parametrize(
    ("status", "options", "expected"),
    [(Status.READY, (), 1), (Status.DRAFT, (), 0), (Status.DRAFT, ("--ready",), 1), (Status.RETIRED, (), 0)],
)
def test_a_quality_error_bars_only_what_claims_to_be_ready(
    run: Run, tmp_path: Path, status: Status, options: tuple[str, ...], expected: int
) -> None:
    path = packs.write(tmp_path, with_first(status=status, verified_on=None))
    assert run("packs", "check", path, *options, *DAY).status == expected


def test_facts_grow_old(run: Run, tmp_path: Path) -> None:
    path = packs.write(tmp_path, packs.pack())
    result = run("packs", "check", path, "--as-of", "2028-01-01", "--json")
    assert result.status == 1
    assert {fault["rule"] for fault in json.loads(result.out)["faults"]} == {"L30"}


def test_text_that_was_copied_is_found(run: Run, tmp_path: Path) -> None:
    path = packs.write(
        tmp_path,
        with_first(rationale="The old keeper said that a lamp must be lit before the ships come in."),
    )
    source = tmp_path / "notes.txt"
    source.write_bytes(
        "He said: the OLD keeper said that a lamp must be lit before the ships come; caf\xe9.".encode(
            "latin-1"
        )
    )
    result = run("packs", "check", path, "--against", source, "--json", *DAY)
    assert result.status == 1
    (fault,) = json.loads(result.out)["faults"]
    assert (fault["rule"], fault["severity"]) == ("L34", "error")
    assert run("packs", "check", path, "--against", tmp_path / "nowhere.txt", *DAY).status == 1


def test_figures_are_shown_when_asked_for_only(run: Run, tmp_path: Path) -> None:
    path = packs.write(tmp_path, packs.pack())
    document = json.loads(run("packs", "check", path, "--json", "--figures", *DAY).out)
    assert set(document) == {*KEYS, "figures"}
    assert document["figures"]["single"] == 16
    shown = run("packs", "check", path, "--figures", *DAY).out
    assert "robot combined" in shown
    assert "figures" in json.loads(run("packs", "check", path, path, "--json", "--figures", *DAY).out)


def test_no_progress_is_shown_where_nobody_watches(run: Run, tmp_path: Path) -> None:
    path = packs.write(tmp_path, packs.pack(600))
    assert run("packs", "check", path, *DAY).err == ""


def test_a_bar_shows_progress_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    cli_packs.show_progress(250, 500)
    cli_packs.show_progress(10, 20)
    assert capsys.readouterr().err == f"\r[{'#' * 20}{'.' * 20}] 250 of 500 items"


def test_several_packs_are_one_document(run: Run, tmp_path: Path) -> None:
    path = packs.write(tmp_path, packs.pack())
    document = json.loads(run("packs", "check", path, path, "--json", *DAY).out)
    assert set(document) == KEYS
    assert document["items"] == 48


def test_one_bad_pack_among_good_ones_is_enough(run: Run, tmp_path: Path) -> None:
    good = packs.write(tmp_path, packs.pack(version="2.0.0"))
    assert run("packs", "check", good, broken(tmp_path), *DAY).status == 1


@pytest.mark.parametrize("arguments", [("nowhere.yaml",), (".", "--as-of", "tomorrow")])
def test_what_cannot_be_done_is_said_on_standard_error(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("packs", "check", *arguments)
    assert (result.status, result.out) == (1, "")
    assert result.err.strip()


def test_an_unknown_format_is_a_fault(run: Run, tmp_path: Path) -> None:
    result = run("packs", "check", packs.write(tmp_path, packs.pack()), "--format", "scroll", "--json")
    assert result.status == 1
    assert json.loads(result.out)["faults"][0]["rule"] == "unknown-format"


def test_a_pack_goes_in_and_comes_out_the_same(run: Run, tmp_path: Path) -> None:
    path = packs.write(tmp_path, packs.pack())
    assert "loaded: 24 items" in run("packs", "load", path).out
    assert "in use already" in run("packs", "load", path).out
    exported = tmp_path / "exported.yaml"
    assert run("packs", "export", "towers", "--format", "native", "-o", exported).status == 0
    assert exported.read_bytes() == path.read_bytes()
    assert registry.read_path(exported).pack == packs.pack()


@pytest.mark.parametrize("name", registry.WRITERS)
def test_a_pack_comes_out_in_every_format_and_its_questions_read_back_the_same(
    run: Run, tmp_path: Path, name: str
) -> None:
    run("packs", "load", packs.write(tmp_path, packs.pack()))
    exported = tmp_path / f"exported.{registry.WRITERS[name].ending}"
    result = run("packs", "export", "towers", "--format", name, "-o", exported)
    assert result.status == 0
    reading = registry.read_path(exported)
    assert reading.pack is not None
    assert [asked_of(item) for item in reading.pack.items] == [asked_of(item) for item in packs.pack().items]
    assert ("left out of" in result.err) is (name != "native")


def asked_of(item: Item) -> tuple[str, list[tuple[str, bool]]]:
    """What every format carries: the stem, and the options with the key."""
    return item.stem, [(option.text, option.key) for option in item.options]


def test_what_a_format_leaves_out_is_said_shortly_of_a_large_pack() -> None:
    left = tuple(Left(f"item{number}", "rating") for number in range(60))
    lines = exporting.told((Left("", "exams"), *left), 50)
    assert lines[:2] == ["the pack: exams", "item0: rating"]
    assert lines[-1] == "and of 11 more"
    assert len(lines) == 51


def test_a_lexicon_comes_out_with_its_pack(run: Run, tmp_path: Path) -> None:
    lexicon = Lexicon(retired=(Name("Fog Cannon", fact=3),), companies=("AnyCompany",))
    path = packs.write(tmp_path, replace(packs.pack(), lexicon=lexicon))
    exported = tmp_path / "exported.yaml"
    run("packs", "load", path)
    assert run("packs", "export", "towers", "-o", exported).status == 0
    assert exported.read_bytes() == path.read_bytes()


def test_a_faulty_pack_is_not_loaded_and_the_one_before_stays(run: Run, tmp_path: Path) -> None:
    good = packs.write(tmp_path, packs.pack())
    before = good.read_bytes()
    run("packs", "load", good)
    result = run("packs", "load", broken(tmp_path))
    assert result.status == 1
    assert "unknown-field" in result.err
    exported = tmp_path / "exported.yaml"
    run("packs", "export", "towers", "-o", exported)
    assert exported.read_bytes() == before


@pytest.mark.parametrize("arguments", [("nowhere",), ("towers", "--format", "scroll")])
def test_what_is_not_there_is_not_exported(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = run("packs", "export", *arguments, "-o", tmp_path / "out.yaml")
    assert result.status == 1
    assert not (tmp_path / "out.yaml").exists()


def test_the_program_itself_prints_one_document_and_nothing_else(tmp_path: Path) -> None:
    path = packs.write(tmp_path, packs.pack())
    done = subprocess.run(
        [sys.executable, "-m", "app", "packs", "check", str(path), "--json", *DAY],
        capture_output=True,
        cwd=ROOT,
        check=True,
        text=True,
    )
    assert set(json.loads(done.stdout)) == KEYS
    assert done.stderr == ""
