"""Every page in every state: accessible, no wider than the window, and quiet in the console."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from app.store.database import Database
from tests.browser.conftest import Visit
from tests.browser.servers import ThreadServer, thread_server
from tests.browser.sitting import settle, sideways
from tests.browser.stage import NOT_PAGES, STATES, Stage, State
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.databases import migrate
from tests.journeys.routes import routes

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Rules = dict[str, str | list[str]]
ALL_RULES: Rules = {"type": "tag", "values": TAGS}
COLOUR_RULES: Rules = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
SCHEMES: tuple[tuple[Literal["light", "dark"], Rules], ...] = (
    ("light", ALL_RULES),
    ("dark", COLOUR_RULES),  # a dark page differs in its colours only
)
AXE = Axe()
NARROW: ViewportSize = {"width": 320, "height": 568}
ZOOMED: ViewportSize = {"width": 640, "height": 400}
for states in sorted(Path(__file__).parent.glob("states_*.py")):
    import_module(f"tests.browser.{states.stem}")  # registers its states
each_state = pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadServer]:
    """A server without packs."""
    folder: Path = tmp_path_factory.mktemp("bare")
    url = f"sqlite:///{folder / 'cutscore.sqlite3'}"
    migrate(url)
    with thread_server(Database(url), folder) as made:
        yield made


@pytest.fixture
def stage(visit: Visit, server: ThreadServer, bare: ThreadServer) -> Stage:
    """What states are made from."""
    return Stage(visit, server, bare)


def violations(page: Page, rules: Rules) -> list[str]:
    """What axe finds wrong with a page as it is now."""
    found: list[dict[str, Any]] = AXE.run(page, options={"runOnly": rules}).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:5]]}" for one in found
    ]


@each_state
def test_line_36_axe_finds_nothing_and_no_page_is_wider_than_the_window(stage: Stage, state: State) -> None:
    page = state.reach(stage)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for scheme, rules in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            # From the top: axe takes what has scrolled half under the sticky bar for a target that is too small.
            page.evaluate("scrollTo(0, 0)")
            settle(page)
            assert not violations(page, rules), (scheme, size)
    for size in (NARROW, ZOOMED):
        page.set_viewport_size(size)
        settle(page)
        assert sideways(page) == 0, size


def test_line_36_axe_finds_a_planted_violation(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    page.evaluate("document.querySelector('h1').style.setProperty('color', '#ccc')")
    assert {line.partition(":")[0] for line in violations(page, ALL_RULES)} == {"label", "color-contrast"}
    assert [line.partition(":")[0] for line in violations(page, COLOUR_RULES)] == ["color-contrast"]


def test_every_route_that_can_be_visited_has_a_state(server: ThreadServer) -> None:
    served = {
        path for method, path in routes(server.app) if method == "GET" and not path.startswith("/static/")
    }
    visited = {state.route for state in STATES} - {"(error)"}
    assert served - visited - set(NOT_PAGES) == set()
    assert (visited | set(NOT_PAGES)) - served == set()


def test_a_complaint_in_the_console_is_noticed(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/")
    with page.expect_console_message(lambda said: said.text == "planted"):
        page.evaluate("() => console.error('planted')")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.planted = 1";
            document.body.append(script);
        }"""
    )
    assert page.evaluate("window.planted") is None
    with pytest.raises(AssertionError):
        visitor.check_console()
    visitor.expect_complaint("planted|Content Security Policy")
