"""States of the instructors' pages of a pack."""

from __future__ import annotations

from playwright.sync_api import Page

from app.exam.person import Role
from tests.browser.stage import Stage, state

PACK = "/packs/towers"


@state("/packs/{pack_id}")
def pack(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open(PACK)
