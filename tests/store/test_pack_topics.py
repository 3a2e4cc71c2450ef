"""The topics of a pack come back as they were loaded, with the pack and with each of its exams."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from app.exam.pack import Topic
from app.store import packs as stored_packs
from app.store.database import Database
from app.store.tables import pack_version
from tests import packs

TOPICS = (Topic("light/lamps", "Lamps and wicks"), Topic("light", "Light"))


def test_topics_come_back_with_the_pack_and_its_exams(database: Database) -> None:
    new = replace(packs.pack(), topics=TOPICS)
    with database.writing() as tx:
        packs.load(tx, new)
    with database.reading() as tx:
        assert stored_packs.exam(tx, packs.SHORT).topics == TOPICS
        assert stored_packs.whole(tx, new.id) == new


def test_a_pack_that_was_stored_before_there_were_topics_has_none(database: Database) -> None:
    old = packs.pack()
    with database.writing() as tx:
        packs.load(tx, old)
        tx.execute(
            update(pack_version).values(head={"language": "en", "license": "", "authors": [], "approvals": 0})
        )
    with database.reading() as tx:
        assert stored_packs.exam(tx, packs.SHORT).topics == ()
        assert stored_packs.whole(tx, old.id).topics == ()
