"""Analyses in the database: not seen until they are whole, and read in parts."""

from __future__ import annotations

from typing import Any

import pytest

from app import measuring
from app.errors import Missing
from app.exam.analysis import summary_from_plain
from app.exam.item_analysis import document_from_plain, line_from_plain
from app.exam.parameter_version import first
from app.store import analyses, packs, parameters
from tests.packs import NOON, SHORT
from tests.store.bench import Bench


@pytest.fixture
def made(own: Bench) -> dict[str, Any]:
    """An analysis of an exam that nobody has sat."""
    with own.database.writing() as tx:
        stored = packs.exam(tx, SHORT)
        items = packs.bank(tx, stored.pack_version_id).values()
        parameters.add(tx, first(items, stored.exam), "The first bank", NOON, adopted=True)
    request = {"database_url": own.database.url, "exam": SHORT, "as_of": NOON.date().isoformat()}
    return measuring.analyse(request, lambda _done, _total, _note: None)


def stored(bench: Bench, made: dict[str, Any]) -> int:
    """Store and publish an analysis."""
    analysis_id = analyses.put(bench.database, made, NOON)
    with bench.database.writing() as tx:
        analyses.publish(tx, analysis_id)
    return analysis_id


def test_before_it_is_published_it_is_not_there(own: Bench, made: dict[str, Any]) -> None:
    analyses.put(own.database, made, NOON)
    with own.database.reading() as tx:
        assert analyses.latest(tx, SHORT) is None


def test_what_was_stored_comes_back(own: Bench, made: dict[str, Any]) -> None:
    analysis_id = stored(own, made)
    with own.database.reading() as tx:
        latest = analyses.latest(tx, SHORT)
        lines = analyses.lines(tx, analysis_id)
        one = analyses.item(tx, analysis_id, made["items"][5]["item_version_id"])
    assert latest is not None
    assert (latest.id, latest.made_at, latest.summary) == (
        analysis_id,
        NOON,
        summary_from_plain(made["summary"]),
    )
    assert set(lines) == {line_from_plain(item["line"]) for item in made["items"]}
    assert [line.item for line in lines] == sorted(line.item for line in lines)
    assert one == (
        line_from_plain(made["items"][5]["line"]),
        document_from_plain(made["items"][5]["document"]),
    )


def test_the_latest_is_shown_and_earlier_ones_keep_no_items(own: Bench, made: dict[str, Any]) -> None:
    earlier, later = stored(own, made), stored(own, made)
    with own.database.reading() as tx:
        latest = analyses.latest(tx, SHORT)
        assert latest is not None
        assert latest.id == later
        assert analyses.lines(tx, earlier) == ()
        assert len(analyses.lines(tx, later)) == 24


def test_an_item_that_it_was_made_without_is_missing(own: Bench, made: dict[str, Any]) -> None:
    analysis_id = stored(own, made)
    with own.database.reading() as tx, pytest.raises(Missing, match="Analyse the responses again"):
        analyses.item(tx, analysis_id, 999_999)
