"""Regrades: a new score beside the old one, whatever the order of the corrections."""

from __future__ import annotations

from itertools import permutations

import pytest

from app.errors import Invalid
from app.exam.attempt import Attempt, Ending
from app.exam.person import Role
from app.exam.score import Mark
from app.store import packs, people, regrades, scores
from app.store.database import Transaction
from tests.packs import NOON
from tests.store.bench import Bench, incoming


def sat(bench: Bench) -> Attempt:
    """An attempt with every answer right, ended."""
    who = bench.someone()
    one = bench.start(who)
    with bench.database.reading() as tx:
        items = packs.items(tx, [at.item_version_id for at in bench.sheet.items])
    group = []
    for place, at in enumerate(bench.sheet.items, 1):
        key = items[at.item_version_id].key
        tokens = tuple(option.token for option in at.options if option.option_id in key)
        group.append(incoming(who, one.id, place, tokens))
    bench.save(*group)
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.SUBMITTED, NOON)
    return one


def correct(tx: Transaction, bench: Bench, position: int, key: tuple[str, ...] | None, reason: str) -> int:
    """A correction of the item at a position; the version it is about."""
    version_id = bench.sheet.at(position).item_version_id
    who = people.add(tx, name=None, password_hash=None, role=Role.INSTRUCTOR, is_guest=True, now=NOON)
    regrades.add(tx, version_id, key, None, reason, NOON, who.id)
    return version_id


def wrong_options(bench: Bench, position: int) -> tuple[str, ...]:
    """As many options as are asked for at a position, none of them in the key."""
    at = bench.sheet.at(position)
    with bench.database.reading() as tx:
        key = packs.items(tx, [at.item_version_id])[at.item_version_id].key
    return tuple(sorted(option.option_id for option in at.options if option.option_id not in key))[
        : at.select
    ]


def test_nothing_is_scored_again_without_a_correction(own: Bench) -> None:
    one = sat(own)
    with own.database.writing() as tx:
        assert scores.rescore(tx, one.id, NOON) is None
        assert len(scores.history(tx, one.id)) == 1


def test_f28_a_corrected_key_gives_a_new_score_beside_the_old_with_the_reason(own: Bench) -> None:
    one = sat(own)
    other = wrong_options(own, 1)
    with own.database.writing() as tx:
        correct(tx, own, 1, other, "The key was wrong.")
        made = scores.rescore(tx, one.id, NOON)
        first, second = scores.history(tx, one.id)
    assert made is not None
    assert (second.reason, second.score) == ("The key was wrong.", made.score)
    assert (first.score.raw, second.score.raw) == (first.score.scored, first.score.scored - 1)
    assert second.score.marks[0] is Mark.WRONG


def test_a_dropped_item_counts_for_nobody_and_the_scale_still_ends_at_its_ends(own: Bench) -> None:
    one = sat(own)
    with own.database.writing() as tx:
        correct(tx, own, 1, None, "Nobody can tell.")
        made = scores.rescore(tx, one.id, NOON)
        first = scores.history(tx, one.id)[0].score
    assert made is not None
    assert (made.score.scored, made.score.dropped) == (first.scored - 1, (1,))
    assert made.score.displayed == own.form.scale.max
    assert made.score.pilots == first.pilots


def test_a_regrade_is_done_once(own: Bench) -> None:
    one = sat(own)
    with own.database.writing() as tx:
        correct(tx, own, 1, None, "Nobody can tell.")
        assert scores.rescore(tx, one.id, NOON) is not None
        assert scores.rescore(tx, one.id, NOON) is None


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_f28_the_order_of_regrades_does_not_matter(own: Bench, order: tuple[int, ...]) -> None:
    changes = [(1, wrong_options(own, 1)), (1, None), (2, wrong_options(own, 2))]
    one = sat(own)
    with own.database.writing() as tx:
        for index in order:
            position, key = changes[index]
            correct(tx, own, position, key, "A reason.")
            scores.rescore(tx, one.id, NOON)
        last = scores.of(tx, one.id).score
        assert last == scores.compute(tx, one.id)
    assert (last.raw, last.scored, last.dropped) == (
        len(own.form.conversion) - 3,
        len(own.form.conversion) - 2,
        (1,),
    )


def test_the_attempts_that_are_touched_are_found(own: Bench) -> None:
    one = sat(own)
    unscored = own.start(own.someone())
    with own.database.writing() as tx:
        version_id = correct(tx, own, 1, None, "Nobody can tell.")
        heard: list[tuple[int, int]] = []
        assert regrades.touched(tx, version_id, progress=lambda *how_far: heard.append(how_far)) == (one.id,)
        assert heard == [(0, unscored.id)]
    assert unscored.id != one.id


def test_an_exam_keeps_one_item_at_least(own: Bench) -> None:
    one = sat(own)
    with own.database.writing() as tx:
        for position in range(1, len(own.sheet.items) + 1):
            correct(tx, own, position, None, "All of it.")
        with pytest.raises(Invalid, match="without items"):
            scores.rescore(tx, one.id, NOON)
