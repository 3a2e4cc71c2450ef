"""Commands, run as a terminal runs them: arguments in, exit status and two streams out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import cli, cli_audit, cli_backup, cli_bank, cli_packs, cli_simulate
from app.settings import Settings


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command with a data folder of this test's own, and its database, if none is named."""

    def run_command(*arguments: object, packs: tuple[Path, ...] = ()) -> Result:
        url = os.environ.get("CUTSCORE_DATABASE_URL", "")
        settings = Settings(data_dir=tmp_path / "data", database_url=url, packs=packs)
        for module in (cli, cli_audit, cli_backup, cli_bank, cli_packs, cli_simulate):
            monkeypatch.setattr(module, "from_environment", lambda: settings)
        monkeypatch.setattr(sys, "argv", ["cutscore", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Result(int(ended.value.code or 0), out, err)

    return run_command
