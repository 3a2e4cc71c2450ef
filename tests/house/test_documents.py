"""What the documents say is there is there: make targets, files, variables, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from app.cli import app
from app.settings import ROOT, from_environment
from tests.conftest import BROWSER_WAIVER
from tests.databases import SERVER_VARIABLE, WAIVER
from tests.deployment.conftest import HAPROXY_WAIVER
from tests.faults.conftest import STRACE_WAIVER
from tests.house import documents

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/architecture.md",
    "docs/durability.md",
    "docs/instructors.md",
    "docs/operating.md",
    "docs/psychometrics.md",
    "docs/study.md",
    "docs/threats.md",
)
FOR_TESTS = {BROWSER_WAIVER, HAPROXY_WAIVER, SERVER_VARIABLE, STRACE_WAIVER, WAIVER}


def text(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_command_is_a_target(name: str) -> None:
    assert documents.unknown_targets(text(name), text("Makefile")) == set()


def test_a_make_command_without_a_target_is_caught() -> None:
    said = "`make test`, `X=1 make fly`\nmake tea\n"
    assert documents.unknown_targets(said, "test: lint\n") == {"fly", "tea"}


def test_the_readme_says_how_to_serve_and_to_test() -> None:
    assert {"make serve", "make test"} <= set(re.findall(r"^make [a-z]+", text("README.md"), re.MULTILINE))


def test_the_operating_page_lists_exactly_the_variables_of_the_settings() -> None:
    listed = set(re.findall(r"^\| `(CUTSCORE_[A-Z_]+)`", text("docs/operating.md"), re.MULTILINE))
    assert listed == documents.variables(text("app/settings.py"))


def test_the_operating_page_gives_the_defaults_of_the_settings() -> None:
    rows = dict(re.findall(r"^\| `(CUTSCORE_[A-Z_]+)` \| `([^`]+)`", text("docs/operating.md"), re.MULTILINE))
    settings = from_environment({})
    assert rows["CUTSCORE_HOST"] == settings.host
    assert int(rows["CUTSCORE_PORT"]) == settings.port
    assert (ROOT / rows["CUTSCORE_DATA_DIR"]) == settings.data_dir
    assert bool(int(rows["CUTSCORE_PROXY_HEADERS"])) == settings.proxy_headers


@pytest.mark.parametrize("name", [*DOCUMENTS, "Makefile", "docker-compose.yml", "Dockerfile"])
def test_no_variable_is_named_that_nothing_reads(name: str) -> None:
    assert documents.variables(text(name)) <= documents.variables(text("app/settings.py")) | FOR_TESTS


def test_a_variable_is_found_wherever_it_is_named() -> None:
    assert documents.variables("CUTSCORE_MOTTO=1 `CUTSCORE_PORT`") == {"CUTSCORE_MOTTO", "CUTSCORE_PORT"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_local_link_leads_somewhere(name: str) -> None:
    assert documents.dead_links(text(name), (ROOT / name).parent) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_code_type_exists(name: str) -> None:
    assert documents.missing_files(text(name), ROOT) == []


def test_a_dead_link_and_a_missing_path_are_caught(tmp_path: Path) -> None:
    said = "[a](gone.md) [b](https://example.org) `app/gone.py`"
    assert documents.dead_links(said, tmp_path) == ["gone.md"]
    assert documents.missing_files(said, tmp_path) == ["app/gone.py"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_is_one_of_the_program(name: str) -> None:
    known = set(documents.commands(get_command(app)))
    assert documents.unknown_commands(text(name), known) == []


def test_a_command_that_the_program_has_not_is_caught() -> None:
    said = "`.venv/bin/cutscore serve`, `.venv/bin/cutscore fly home`, `packs check`, `packs burn`"
    assert documents.unknown_commands(said, {"serve", "packs check"}) == ["fly home", "packs burn"]
