"""The report sums up by chapter, weakest first; the review filters by chapter, and counts what would be shown."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app.exam.pack import Topic
from tests import packs
from tests.journeys.world import Sitting, World

TOPICS = (
    Topic("sea", "The sea"),
    Topic("sea/tides", "Tides and currents"),
    Topic("light", "Light of the tower"),
    Topic("light/lamps", "Lamps and wicks"),
)
FILTER = re.compile(r'<li><a href="([^"]*)"[^>]*>([^<]*) <span class="soft figures">(\d+)</span></a></li>')


@pytest.fixture
def world_of_topics(fresh_world: World) -> World:
    """A world in whose pack the items of D1 are about the sea and those of D2 about light."""
    old = packs.pack(version="1.1.0")
    items = tuple(
        replace(one, topic="sea/tides" if one.domain == "D1" else "light/lamps") for one in old.items
    )
    with fresh_world.database.writing() as tx:
        packs.load(tx, replace(old, items=items, topics=TOPICS, domains=old.domains[::-1]))
    return fresh_world


def sat(world: World) -> Sitting:
    """An exam in which everything about the sea is right, and nothing else."""
    sitting = world.browser().start()
    for position in range(1, sitting.length + 1):
        at = sitting.attempt.sheet.at(position)
        right = sitting.items[at.item_version_id].domain == "D1"
        sitting.save(position, sitting.tokens(position, right=right))
    sitting.end()
    return sitting


def filters(sitting: Sitting, query: str = "") -> dict[str, tuple[str, int]]:
    """The filters of the review by their labels: address and count."""
    html = sitting.browser.get(f"{sitting.report}/review{query}").text
    return {label: (href.replace("&amp;", "&"), int(count)) for href, label, count in FILTER.findall(html)}


def test_the_report_has_chapters_with_their_subjects_weakest_first(world_of_topics: World) -> None:
    sitting = sat(world_of_topics)
    html = sitting.browser.get(sitting.report).text
    html = html[html.index("topics-heading") :]
    rows = re.findall(r'<th scope="row(?:group)?">([^<]*)</th><td class="number">([^<]*)</td>', html)
    assert rows == [
        ("Light of the tower", "0 of 3"),
        ("Lamps and wicks", "0 of 3"),
        ("The sea", "3 of 3"),
        ("Tides and currents", "3 of 3"),
    ]


def test_domains_stand_in_the_order_of_the_pack(world_of_topics: World) -> None:
    sitting = sat(world_of_topics)
    for page in (sitting.report, f"{sitting.report}/review"):
        html = sitting.browser.get(page).text
        assert html.index("Fog") < html.index("Light")


def test_a_pack_without_topics_has_tidied_ids_for_titles(fresh_world: World) -> None:
    sitting = sat(fresh_world)
    assert '<th scope="row">Lamps</th>' in sitting.browser.get(sitting.report).text
    assert filters(sitting)["Light"] == (f"{sitting.report}/review?topic=light", 6)  # the last of that name


def test_an_item_in_review_shows_the_title_of_its_subject(world_of_topics: World) -> None:
    sitting = sat(world_of_topics)
    html = sitting.browser.get(f"{sitting.report}/review?topic=sea").text
    assert html.count("<article") == html.count("Light · Tides and currents") == 3


def test_the_counts_of_a_filter_heed_the_other_filters(world_of_topics: World) -> None:
    sitting = sat(world_of_topics)
    everything = filters(sitting)
    assert (everything["Wrong"][1], everything["The sea"][1], everything["Light of the tower"][1]) == (
        3,
        3,
        3,
    )
    wrong = filters(sitting, "?show=wrong")
    assert (wrong["Right"][1], wrong["Light of the tower"]) == (
        3,
        (f"{sitting.report}/review?show=wrong&topic=light", 3),
    )
    assert "The sea" not in wrong  # it would show nothing, so it is no link


@pytest.mark.parametrize("query", ["?topic=nothing", "?domain=nothing", "?show=nothing", "?kind=nothing"])
def test_an_unknown_value_shows_no_question(world_of_topics: World, query: str) -> None:
    sitting = sat(world_of_topics)
    answer = sitting.browser.get(f"{sitting.report}/review{query}")
    assert (answer.status_code, answer.text.count("<article")) == (200, 0)


def test_while_an_exam_is_open_nothing_is_said_of_the_next_form(world_of_topics: World) -> None:
    sitting = sat(world_of_topics)
    address = f"/exams/{packs.SHORT}"
    assert "Your form" in sitting.browser.get(address).text
    sitting.browser.start()
    assert "Your form" not in sitting.browser.get(address).text
