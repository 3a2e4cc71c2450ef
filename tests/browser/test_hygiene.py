"""What the exam page may not do: need eval, carry inline script, or know the key."""

from __future__ import annotations

import json

from playwright.sync_api import Page, Response, expect

from tests.browser.servers import ThreadServer
from tests.browser.visitor import Visitor
from tests.packs import secrets_of

HTMX = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "selfRequestsOnly": True,
    "allowNestedOobSwaps": False,
}


def test_htmx_runs_with_the_settings_that_were_tried(visitor: Visitor) -> None:
    page = visitor.start().page
    in_use = json.loads(page.evaluate("JSON.stringify(htmx.config)"))
    assert {name: in_use[name] for name in HTMX} == HTMX
    assert page.evaluate("htmx.version").startswith("2.")


def needs_eval(page: Page) -> list[str]:
    """The attributes on a page that need eval, inline script or inline style."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]
            .filter(({ name, value }) => /^(data-)?hx-on|^on/.test(name) || name === "style"
                || (/^hx-(vals|headers|request)/.test(name) && /^(js|javascript):/.test(value))
                || (name === "hx-trigger" && value.includes("[")))
            .map(({ name, value }) => `${name}=${value}`))"""
    )
    return found


def test_nothing_on_the_exam_page_needs_eval_or_inline_script(visitor: Visitor) -> None:
    page = visitor.open("/exams/quick")
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/*")
    source = page.request.get(page.url).text()
    plain = visitor.context.new_page()
    plain.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    plain.goto(page.url)
    assert needs_eval(plain) == []
    assert "<script>" not in source
    expect(plain.locator("script:not([src])")).to_have_count(0)
    plain.evaluate("document.body.setAttribute('hx-on:click', 'x')")
    assert needs_eval(plain) == ["hx-on:click=x"]


def test_the_security_policy_forbids_eval(visitor: Visitor) -> None:
    page = visitor.open("/")
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_x01_no_key_reaches_the_browser_before_the_end(visitor: Visitor, server: ThreadServer) -> None:
    answers: list[Response] = []
    visitor.context.on(
        "response", lambda answer: answers.append(answer) if "/attempts/" in answer.url else None
    )
    sitting = visitor.start()
    items = server.items(sitting.attempt_id)
    words = {word for word in secrets_of(items) if word.startswith("zq")}
    assert words
    for position in range(1, 7):
        sitting.answer(position)
    sitting.saved()
    bodies = [answer.text() for answer in answers]
    assert len(bodies) > 6  # the page and the saves
    sent = "\n".join(bodies) + sitting.page.content() + sitting.page.evaluate("JSON.stringify(localStorage)")
    assert not [word for word in words if word in sent]
    sitting.end()
    sitting.page.goto(sitting.report_url + "/review")
    assert [word for word in words if word in sitting.page.content()]  # afterwards they are there to be read
