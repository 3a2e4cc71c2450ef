"""`python -m tests.browser.cuts`: cut the network of a real browser again and again, and count what is lost.

A candidate goes on answering while there is no network; sometimes the page is lost and opened again in between. When
the network is back, everything must reach the server by itself: how long that takes is printed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from playwright.sync_api import Browser, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from app.store.database import Database
from tests import packs
from tests.browser.servers import Server, thread_server
from tests.browser.sitting import Sitting
from tests.browser.towers import QUICK, now, towers
from tests.browser.visitor import ARGUMENTS, CHROMIUM, Visitor, context_options
from tests.databases import migrate

CUTS_OF_ONE = 5
"""Of one candidate: then another one sits another form."""


@dataclass
class Cuts:
    """What came of cuts: answers given meanwhile, answers not stored as they were given, seconds until all were."""

    times: int = 0
    given: int = 0
    lost: int = 0
    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        median, worst = statistics.median(self.seconds), max(self.seconds)
        return (
            f"{self.times} cuts, {self.given} answers meanwhile, {self.lost} lost; "
            f"all saved after {median:.2f} s (median), {worst:.2f} s (worst)"
        )


def cut(sitting: Sitting, visitor: Visitor, chosen: dict[int, set[str]], random: Random, into: Cuts) -> None:
    """One cut, from a random moment on, with some answers before, at and after its beginning."""
    singles = sitting.page.locator("section.question[data-select='1']")
    positions = [int(at) for at in singles.evaluate_all("all => all.map(one => one.dataset.position)")]

    def answer() -> None:
        position = random.choice(positions)
        sitting.go(position)
        chosen[position] = {sitting.choose(random.randrange(4))}
        into.given += 1

    answer()  # perhaps it is under way when the network goes
    visitor.context.set_offline(True)
    for _ in range(random.randint(1, 4)):
        answer()
    if random.random() < 0.25:
        _reload_from_nothing(sitting, visitor)
    else:
        sitting.page.wait_for_timeout(random.uniform(0, 1500))
        visitor.context.set_offline(False)
    began = time.monotonic()
    sitting.saved()
    into.seconds.append(time.monotonic() - began)
    into.times += 1
    stored = sitting.server.choices(sitting.attempt_id)
    into.lost += sum(stored.get(position) != tokens for position, tokens in chosen.items())


def _reload_from_nothing(sitting: Sitting, visitor: Visitor) -> None:
    """The page is gone, as after a crash of the browser; it is opened again when the network is back."""
    sitting.page.once("dialog", lambda dialog: dialog.accept())
    with suppress(BrowserError):  # the browser shows its own error
        sitting.page.reload()
    visitor.context.set_offline(False)
    sitting.page.goto(sitting.server.address + sitting.path)
    expect(sitting.page.locator("html.js")).to_be_attached()


def cuts(browser: Browser, server: Server, times: int, random: Random) -> Cuts:
    """So many cuts."""
    made = Cuts()
    while made.times < times:
        visitor = Visitor(browser.new_context(**context_options()), server)
        sitting = visitor.start(QUICK)
        chosen: dict[int, set[str]] = {}
        for _ in range(min(CUTS_OF_ONE, times - made.times)):
            cut(sitting, visitor, chosen, random, made)
        visitor.context.close()
        print(made, file=sys.stderr, flush=True)
    return made


def main() -> None:
    """Cut, and print what came of it."""
    asked = argparse.ArgumentParser(prog="python -m tests.browser.cuts", description=__doc__)
    asked.add_argument("--cuts", type=int, default=200, help="how many (200)")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="cutscore-cuts-") as name, sync_playwright() as playwright:
        url = f"sqlite:///{Path(name, 'cutscore.sqlite3')}"
        migrate(url)
        database = Database(url)
        with database.writing() as tx:
            packs.load(tx, towers(), now())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with thread_server(database, Path(name)) as server:
            made = cuts(browser, server, options.cuts, Random(options.seed))
        browser.close()
    print(made)
    sys.exit(bool(made.lost))


if __name__ == "__main__":
    main()
