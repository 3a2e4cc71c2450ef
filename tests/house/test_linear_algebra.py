"""The linear algebra of a server keeps to one thread: those of numpy's library wait busily for one another."""

from __future__ import annotations

import os
import subprocess
import sys

from app.settings import ROOT

COUNT = "import os; print(len(os.listdir('/proc/self/task')))"


def threads(loaded: str) -> int:
    """How many threads a new process has once it has loaded this."""
    plain = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-c", f"import {loaded}; {COUNT}"]
    return int(subprocess.run(command, cwd=ROOT, env=plain, check=True, capture_output=True).stdout)


def test_what_a_server_loads_makes_no_threads() -> None:
    assert threads("app.exam.meaning") == 1


def test_numpy_alone_makes_one_for_each_core() -> None:
    assert threads("numpy") == len(os.sched_getaffinity(0))
