"""Programs that act for somebody, for the tests of the API."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from app.pages.depends import hash_token
from app.store import api_tokens
from tests.journeys.world import Browser, World
from tests.pages.banks import person_id

_numbers = count(1)


def bearing(world: World, browser: Browser, *, days: int = 1) -> Browser:
    """A program with a token of whoever is logged in there."""
    token = f"api-token-{next(_numbers)}"
    with world.database.writing() as tx:
        who, now = person_id(tx, browser), world.clock.now()
        api_tokens.add(tx, who, "tests", hash_token(token), now, timedelta(days=days))
    return world.browser(Authorization=f"Bearer {token}", Accept="*/*")
