"""Attempts and their scores: one open mock, one score, whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from app.errors import Closed, Conflict, Missing
from app.exam.attempt import AttemptKind, Ending
from app.store import attempts, forms, responses, scores, tables
from tests.packs import NOON, SHORT
from tests.store.bench import Bench, Someone, incoming


def answer_all(bench: Bench, who: Someone, attempt_id: int) -> None:
    """Answer every position with its first option, and flag the second position without an answer."""
    group = [
        incoming(who, attempt_id, place, () if place == 2 else bench.tokens(place, (0,)), flagged=place == 2)
        for place in range(1, len(bench.sheet.items) + 1)
    ]
    bench.save(*group)


def test_x26_a_person_has_one_open_mock_of_an_exam_whatever_comes_at_once(bench: Bench) -> None:
    who = bench.someone()
    together = Barrier(8)

    def start() -> str:
        together.wait()
        try:
            bench.start(who)
        except Conflict:
            return "refused"
        return "started"

    with ThreadPoolExecutor(8) as pool:
        results = sorted(f.result() for f in [pool.submit(start) for _ in range(8)])
    assert results == ["refused"] * 7 + ["started"]


def test_practice_may_be_open_beside_a_mock(bench: Bench) -> None:
    who = bench.someone()
    bench.start(who)
    bench.start(who, kind=AttemptKind.PRACTICE)
    bench.start(who, kind=AttemptKind.PRACTICE)


def test_a_refused_start_leaves_the_rest_of_its_transaction_standing(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who)
    with bench.database.writing() as tx:
        with pytest.raises(Conflict):
            attempts.start(tx, bench.new(who), NOON)
        attempts.set_scratchpad(tx, one.id, "stands")
    with bench.database.reading() as tx:
        assert attempts.get(tx, one.id, who.id).scratchpad == "stands"


def test_a_foreign_attempt_is_as_missing_as_none(bench: Bench) -> None:
    one, stranger = bench.start(bench.someone()), bench.someone()
    with bench.database.reading() as tx:
        messages = []
        for attempt_id in (one.id, 2**40):
            with pytest.raises(Missing) as caught:
                attempts.get(tx, attempt_id, stranger.id)
            messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_f24_a_late_close_gives_the_score_of_an_early_one(bench: Bench) -> None:
    found = []
    for delay in (timedelta(minutes=3), timedelta(days=400)):
        who = bench.someone()
        one = bench.start(who)
        answer_all(bench, who, one.id)
        with bench.database.writing() as tx:
            scores.close(tx, one, Ending.TIME, NOON + delay)
            found.append((scores.of(tx, one.id).score, attempts.get(tx, one.id, who.id).clock.closed_at))
    assert found[0] == found[1]
    assert found[0][1] == NOON + timedelta(minutes=3)


def test_an_end_that_comes_after_the_clock_counts_as_the_clocks(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who)
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.SUBMITTED, NOON + timedelta(minutes=3))
        assert attempts.get(tx, one.id, who.id).ending is Ending.TIME


def test_an_end_within_the_grace_is_put_down_to_the_clock(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who)
    at = NOON + timedelta(minutes=3, microseconds=-1)
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.SUBMITTED, at)
        closed = attempts.get(tx, one.id, who.id)
    assert (closed.ending, closed.clock.closed_at) == (Ending.TIME, at)


def test_f22_many_ends_at_once_write_one_score_and_one_event(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who)
    together = Barrier(8)

    def close(number: int) -> None:
        together.wait()
        with bench.database.writing() as tx:
            scores.close(tx, one, Ending.SUBMITTED, NOON + timedelta(seconds=number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(close, range(8)))
    with bench.database.reading() as tx:
        stored = tx.execute(select(tables.score.c.sequence).where(tables.score.c.attempt_id == one.id))
        assert stored.scalars().all() == [1]
        events = select(tables.attempt_event.c.kind).where(tables.attempt_event.c.attempt_id == one.id)
        assert tx.execute(events).scalars().all() == ["started", "closed"]


def test_f23_saves_beside_an_end_are_scored_or_refused_and_never_between(bench: Bench) -> None:
    for _ in range(5):
        who = bench.someone()
        one = bench.start(who)
        together = Barrier(2)

        def save() -> str:
            together.wait()  # noqa: B023 - joined below, in the same turn
            (saved,) = bench.save(incoming(who, one.id, 1, bench.tokens(1, (0,))))  # noqa: B023
            return saved.outcome.value

        def close() -> None:
            together.wait()  # noqa: B023
            with bench.database.writing() as tx:
                scores.close(tx, one, Ending.SUBMITTED, NOON)  # noqa: B023

        with ThreadPoolExecutor(2) as pool:
            saving, closing = pool.submit(save), pool.submit(close)
            closing.result()
            outcome = saving.result()
        with bench.database.reading() as tx:
            assert scores.compute(tx, one.id) == scores.of(tx, one.id).score
            assert (1 in responses.current(tx, one.id)) == (outcome == "accepted")


def test_an_abandoned_attempt_has_no_score(bench: Bench) -> None:
    one = bench.start(bench.someone())
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.ABANDONED, NOON)
        with pytest.raises(Missing):
            scores.of(tx, one.id)


def test_a_rescore_stands_beside_the_first_score(bench: Bench) -> None:
    one = bench.start(bench.someone())
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.SUBMITTED, NOON)
        first = scores.of(tx, one.id)
        again = scores.add(tx, one.id, NOON + timedelta(days=1), "An item was found wrong")
        assert (first.sequence, again.sequence) == (1, 2)
        assert scores.of(tx, one.id) == again
        rows = select(tables.score.c.reason).where(tables.score.c.attempt_id == one.id)
        assert tx.execute(rows).scalars().all() == [first.reason, again.reason]


def test_x21_every_score_can_be_calculated_again_from_what_is_stored(bench: Bench) -> None:
    for answered in (False, True):
        who = bench.someone()
        one = bench.start(who)
        if answered:
            answer_all(bench, who, one.id)
        with bench.database.writing() as tx:
            scores.close(tx, one, Ending.SUBMITTED, NOON)
    with bench.database.reading() as tx:
        scored = tx.execute(select(tables.score.c.attempt_id).distinct()).scalars().all()
        assert len(scored) >= 2
        for attempt_id in scored:
            assert scores.compute(tx, attempt_id) == scores.of(tx, attempt_id).score


def test_only_answers_count_as_answers_of_an_item(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who)
    with bench.database.reading() as tx:
        before = forms.uses(tx, SHORT)
    answer_all(bench, who, one.id)
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.SUBMITTED, NOON)
        after = forms.uses(tx, SHORT)
    more = [after[at.id].answered - before[at.id].answered for at in bench.form.positions]
    assert more == [1, 0, 1, 1, 1, 1]


def test_a_practice_counts_as_no_answer(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who, kind=AttemptKind.PRACTICE)
    answer_all(bench, who, one.id)
    with bench.database.writing() as tx:
        before = forms.uses(tx, SHORT)
        scores.close(tx, one, Ending.SUBMITTED, NOON)
        assert forms.uses(tx, SHORT) == before


def test_a_resume_moves_the_deadline_by_the_pause_and_once(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who, pausable=True)
    with bench.database.writing() as tx:
        attempts.pause(tx, one, NOON + timedelta(seconds=10))
        paused = attempts.get(tx, one.id, who.id)
        for _ in range(2):
            attempts.resume(tx, paused, NOON + timedelta(seconds=70))
        resumed = attempts.get(tx, one.id, who.id)
    assert resumed.clock.deadline_at == NOON + timedelta(minutes=3)
    assert resumed.paused == timedelta(minutes=1)
    assert resumed.time_allowed == timedelta(minutes=2)


def test_pauses_add_up(bench: Bench) -> None:
    who = bench.someone()
    one = bench.start(who, pausable=True)
    for second in (10, 30, 50):
        with bench.database.writing() as tx:
            attempts.pause(tx, attempts.get(tx, one.id, who.id), NOON + timedelta(seconds=second))
        with bench.database.writing() as tx:
            attempts.resume(tx, attempts.get(tx, one.id, who.id), NOON + timedelta(seconds=second + 10))
    with bench.database.reading() as tx:
        got = attempts.get(tx, one.id, who.id)
    assert got.paused == timedelta(seconds=30)
    assert got.time_used(NOON + timedelta(seconds=60)) == timedelta(seconds=30)


@pytest.mark.parametrize(("pausable", "seconds"), [(False, 0), (True, 120), (True, 200)])
def test_a_clock_that_may_not_be_stopped_runs_on(bench: Bench, pausable: bool, seconds: int) -> None:
    one = bench.start(bench.someone(), pausable=pausable)
    with bench.database.writing() as tx, pytest.raises(Closed):
        attempts.pause(tx, one, NOON + timedelta(seconds=seconds))


def test_notes_after_the_end_are_refused(bench: Bench) -> None:
    one = bench.start(bench.someone())
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.SUBMITTED, NOON)
        with pytest.raises(Closed):
            attempts.set_scratchpad(tx, one.id, "too late")
