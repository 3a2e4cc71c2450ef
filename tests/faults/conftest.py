"""The ground for runs in short: one for each kind of database."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.databases import WAIVER
from tests.faults.cluster import cluster
from tests.faults.ground import Ground

STRACE_WAIVER = "CUTSCORE_WITHOUT_STRACE"


@pytest.fixture(scope="session")
def sqlite_ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """SQLite's ground."""
    return Ground(tmp_path_factory.mktemp("faults"), None)


@pytest.fixture(scope="session")
def postgresql_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """PostgreSQL's ground: a server of its own, since it is killed."""
    if os.environ.get(WAIVER):
        pytest.skip(f"waived by {WAIVER}")
    with cluster() as server:
        yield Ground(tmp_path_factory.mktemp("faults"), server)


@pytest.fixture(scope="session")
def traced_ground(request: pytest.FixtureRequest) -> Ground:
    """PostgreSQL's ground, where its processes may be traced. A missing strace is a failure, unless it is waived."""
    if os.environ.get(STRACE_WAIVER):
        pytest.skip(f"waived by {STRACE_WAIVER}")
    ground: Ground = request.getfixturevalue("postgresql_ground")
    return ground


@pytest.fixture(params=("sqlite", "postgresql"))
def ground(request: pytest.FixtureRequest) -> Ground:
    """The ground of either; the test runs once for each kind of database."""
    made: Ground = request.getfixturevalue(f"{request.param}_ground")
    return made
