"""Nothing of the key reaches a candidate before the end, on any channel, nor the logs; afterwards it does.

Every secret of the pack is a word that occurs nowhere else, so that looking for it finds any leak.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from markupsafe import Markup

from tests import packs
from tests.journeys.routes import routes
from tests.journeys.world import Sitting, World
from tests.pages.test_authority import FILLED


def leaks(texts: list[str], secrets: set[str]) -> set[str]:
    """Secrets that occur in any of these texts."""
    everything = "\n".join(texts)
    return {secret for secret in secrets if secret in everything}


def everything_before_the_end(sitting: Sitting) -> list[str]:
    """All that a candidate can get from the server before the end."""
    browser = sitting.browser
    browser.seen = []
    for method, path in routes(browser.world.app):
        if method == "GET" and "/static/" not in path:
            browser.get(path.format(**FILLED, attempt_id=sitting.attempt.id))
    other = browser.sitting(sitting.attempt.id)
    for position in range(1, sitting.length + 1):
        sitting.save(position, sitting.tokens(position))
        sitting.save(position, sitting.tokens(position, right=False), flagged="1")
        conflict = other.save(position, sitting.tokens(position))
        assert conflict.status_code == 409
        refused = sitting.save(position, ["other"])
        assert refused.status_code == 422
        browser.get(f"{sitting.path}/questions/{position}", **{"HX-Request": "true"})
        browser.get(f"{sitting.path}/questions/{position}", **{"If-None-Match": "*"})
    browser.get(f"{sitting.path}/questions/99")
    browser.post(f"{sitting.path}/responses", {"rev-1": "9", "choice-1": sitting.tokens(1)})
    browser.post(f"{sitting.path}/responses", {"rev-1": "1", "choice-1": ["other"]})
    for path in ("", "/end", "/state", "/abandon", "/pause", "/resume"):
        browser.get(sitting.path + path)
    for path in ("/abandon", "/pause", "/resume"):
        browser.post(sitting.path + path)
    browser.post("/attempts", {"exam": "short"})
    browser.send("DELETE", sitting.path)
    return browser.seen


def test_x01_x22_no_secret_gets_out_before_the_end(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    secrets = packs.secrets_of(packs.pack().items)
    earlier = world.browser().start()
    earlier.end()
    sitting = world.browser().start(mode="pausable")
    seen = everything_before_the_end(sitting)
    assert sum("needs the lamp" in text for text in seen) > sitting.length
    assert leaks(seen, secrets) == set()
    assert leaks([caplog.text], secrets) == set()
    assert sitting.browser.client.cookies["cutscore"] not in caplog.text


def test_the_whys_are_shown_after_the_end(world: World) -> None:
    sitting = world.browser().start()
    sitting.end()
    review = sitting.browser.get(f"{sitting.report}/review").text
    explained = packs.explained(sitting.items.values())
    assert len(explained) >= 6 * sitting.length
    assert leaks([review], explained) == explained


def test_x01_a_planted_leak_is_caught(world: World) -> None:
    sitting = world.browser().start()
    (version_id, item), *_ = sitting.items.items()
    pages = world.site.pages
    sitting.browser.get(sitting.path)
    before = pages[version_id]
    pages[version_id] = replace(before, stem=before.stem + Markup(item.rationale))
    try:
        seen = everything_before_the_end(sitting)
    finally:
        pages[version_id] = before
    assert leaks(seen, packs.secrets_of(packs.pack().items)) == {
        word for word in packs.explained([item]) if word in item.rationale
    }


def test_x02_the_answer_to_a_save_is_the_same_whatever_was_chosen(world: World) -> None:
    sitting = world.browser().start()
    answers = [sitting.save(1, sitting.tokens(1, right=right)) for right in (True, False)]
    first, second = ({**answer.headers, "cutscore-rev": ""} for answer in answers)
    assert (answers[0].content, first) == (answers[1].content, second)


def test_x02_tokens_differ_between_candidates(world: World) -> None:
    sheets = [world.browser().start().attempt.sheet for _ in range(2)]
    tokens = [{option.token for at in sheet.items for option in at.options} for sheet in sheets]
    assert not tokens[0] & tokens[1]
