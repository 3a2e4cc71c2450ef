"""Attempts: what a save does, replay, progress, and the dealing of a sheet."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import Invalid, Missing
from app.exam.attempt import (
    Attempt,
    AttemptKind,
    Confidence,
    Marks,
    Outcome,
    Progress,
    Response,
    Save,
    Sheet,
    SheetItem,
    counts,
    deal,
    decide,
    marks_from_plain,
    progress,
    replay,
    sheet_from_plain,
)
from app.exam.clock import Clock, State, TimeOption
from tests.exam import banks

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TAKEN = st.sampled_from([State.OPEN, State.LOCKED])
choices = st.sets(st.sampled_from("abcde"), max_size=3).map(lambda chosen: tuple(sorted(chosen)))
marks = st.builds(
    Marks,
    flagged=st.booleans(),
    struck=choices,
    highlights=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=3).map(tuple),
    confidence=st.none() | st.sampled_from(Confidence),
    seen=st.booleans(),
    elapsed_ms=st.integers(0, 10**9),
)
saves = st.builds(
    Save,
    position=st.integers(1, 3),
    client_id=st.sampled_from(["tab-1", "tab-2", "tab-3"]),
    client_seq=st.integers(0, 9),
    idempotency_key=st.uuids().map(str),
    base_rev=st.integers(0, 6),
    choice=choices,
    marks=marks,
    at=st.just(NOW),
)
standing = st.builds(
    Response,
    position=st.just(1),
    rev=st.integers(1, 6),
    choice=choices,
    marks=marks,
    client_id=st.sampled_from(["tab-1", "tab-2", "tab-3"]),
    client_seq=st.integers(0, 9),
)


# decide ----------------------------------------


@given(save=saves, current=standing, state=TAKEN)
def test_of_one_tab_the_higher_number_wins_whatever_it_was_based_on(
    save: Save, current: Response, state: State
) -> None:
    save = replace(save, client_id=current.client_id)
    newer = save.client_seq > current.client_seq
    assert decide(save, current, state).outcome is (Outcome.ACCEPTED if newer else Outcome.SUPERSEDED)


@given(save=saves, current=standing, state=TAKEN)
def test_of_another_tab_a_stale_base_is_a_conflict(save: Save, current: Response, state: State) -> None:
    assume(save.client_id != current.client_id)
    fresh = save.base_rev == current.rev
    assert decide(save, current, state).outcome is (Outcome.ACCEPTED if fresh else Outcome.CONFLICT)


@given(save=saves, current=standing, state=st.sampled_from(State))
def test_an_accepted_save_stands_and_any_other_changes_nothing(
    save: Save, current: Response, state: State
) -> None:
    decision = decide(save, current, state)
    if decision.outcome is Outcome.ACCEPTED:
        assert decision.response == Response(
            save.position, current.rev + 1, save.choice, save.marks, save.client_id, save.client_seq
        )
    else:
        assert decision.response == current


@given(save=saves, current=standing)
def test_after_the_end_every_save_is_late(save: Save, current: Response) -> None:
    assert decide(save, current, State.FINAL).outcome is Outcome.LATE


@given(save=saves, current=standing)
def test_while_paused_no_save_is_taken(save: Save, current: Response) -> None:
    assert decide(save, current, State.PAUSED).outcome is Outcome.PAUSED


@given(save=saves, current=standing)
def test_in_the_grace_a_save_counts_as_before(save: Save, current: Response) -> None:
    assert decide(save, current, State.LOCKED) == decide(save, current, State.OPEN)


@given(save=saves)
def test_the_first_save_needs_the_base_of_nothing(save: Save) -> None:
    decision = decide(save, Response(save.position), State.OPEN)
    assert decision.outcome is (Outcome.ACCEPTED if save.base_rev == 0 else Outcome.CONFLICT)


@given(history=st.lists(st.tuples(saves, st.sampled_from(State)), max_size=30))
def test_the_log_rebuilds_the_responses_whatever_was_interleaved(
    history: list[tuple[Save, State]],
) -> None:
    projection: dict[int, Response] = {}
    log: list[tuple[Save, Outcome]] = []
    for save, state in history:
        decision = decide(save, projection.get(save.position, Response(save.position)), state)
        log.append((save, decision.outcome))
        if decision.outcome is Outcome.ACCEPTED:
            projection[save.position] = decision.response
    assert replay(log) == projection


@given(numbers=st.permutations(range(6)))
def test_f20_in_any_order_of_arrival_the_last_change_of_a_tab_stands(numbers: list[int]) -> None:
    current = Response(1)
    for number in numbers:
        save = Save(1, "tab", number, str(number), 0, (str(number),), Marks(), NOW)
        current = decide(save, current, State.OPEN).response
    assert current.choice == ("5",)


# progress and counts ----------------------------------------


@pytest.mark.parametrize(
    ("response", "select", "expected"),
    [
        (Response(1), 1, Progress.UNSEEN),
        (Response(1, marks=Marks(seen=True)), 1, Progress.INCOMPLETE),
        (Response(1, choice=("a",)), 1, Progress.ANSWERED),
        (Response(1, choice=("a",)), 2, Progress.INCOMPLETE),
        (Response(1, choice=("a", "b", "c")), 2, Progress.ANSWERED),
        (Response(1, marks=Marks(flagged=True)), 1, Progress.UNSEEN),
        (Response(1), 0, Progress.UNSEEN),
    ],
)
def test_the_progress_of_one_response(response: Response, select: int, expected: Progress) -> None:
    assert progress(response, select) is expected


@given(rows=st.lists(st.tuples(choices, marks, st.integers(1, 3)), max_size=20))
def test_every_position_is_counted_once(rows: list[tuple[tuple[str, ...], Marks, int]]) -> None:
    made = [Response(1, 1, choice, mark) for choice, mark, _ in rows]
    total = counts(made, [select for *_, select in rows])
    assert total.answered + total.incomplete + total.unseen == len(rows)
    assert total.flagged == sum(mark.flagged for _, mark, _ in rows)


def test_as_many_responses_as_positions_are_counted() -> None:
    with pytest.raises(ValueError, match="zip"):
        counts([Response(1)], [1, 1])


# sheets ----------------------------------------


def dealt(seed: int, **changes: object) -> SheetItem:
    """One item with four options, dealt."""
    (only,) = deal([(1, banks.item("x", **changes))], seed).items  # type: ignore[arg-type]  # by name
    return only


@given(seed=st.integers(0, 2**53))
def test_a_sheet_has_every_option_once_under_a_token_of_its_own(seed: int) -> None:
    at = dealt(seed, keys=2)
    assert sorted(option.option_id for option in at.options) == list("abcde")
    assert len({option.token for option in at.options}) == 5
    assert (at.multiple, at.select) == (True, 2)


@given(seed=st.integers(0, 2**53))
def test_the_same_seed_deals_the_same_sheet(seed: int) -> None:
    assert dealt(seed) == dealt(seed)


@given(seed=st.integers(0, 2**53))
def test_an_order_that_is_natural_is_kept(seed: int) -> None:
    assert [option.option_id for option in dealt(seed, shuffle=False).options] == list("abcd")


def chi_square(observed: Counter[int], places: int, trials: int) -> float:
    """Pearson's statistic against all places being as likely."""
    expected = trials / places
    return sum((observed[place] - expected) ** 2 / expected for place in range(places))


TRIALS = 2000
LIMIT = 16.27  # chi-square of 3 degrees of freedom, one in a thousand


@pytest.mark.parametrize("shuffle", [True, False])
def test_x02_the_order_of_tokens_says_nothing_about_the_key(shuffle: bool) -> None:
    places: Counter[int] = Counter()
    for seed in range(TRIALS):
        tokens = {option.option_id: option.token for option in dealt(seed, shuffle=shuffle).options}
        places[sorted(tokens.values()).index(tokens["a"])] += 1
    assert chi_square(places, 4, TRIALS) < LIMIT


def test_the_place_on_the_page_says_nothing_about_the_key() -> None:
    places = Counter([o.option_id for o in dealt(seed).options].index("a") for seed in range(TRIALS))
    assert chi_square(places, 4, TRIALS) < LIMIT


def test_tokens_that_follow_the_authors_order_would_be_caught() -> None:
    assert chi_square(Counter({0: TRIALS}), 4, TRIALS) > LIMIT


def test_a_token_says_nothing_about_the_item_or_the_candidate() -> None:
    sheets = [dealt(seed) for seed in range(200)]
    tokens = [option.token for at in sheets for option in at.options]
    assert len(set(tokens)) > 790
    assert {len(token) for token in tokens} == {5}


def test_a_choice_is_the_authors_ids_sorted_and_each_once() -> None:
    at = dealt(1, keys=2)
    tokens = [option.token for option in at.options]
    assert at.choice([*tokens, *tokens]) == ("a", "b", "c", "d", "e")


def test_an_unknown_token_is_refused() -> None:
    with pytest.raises(Invalid, match="not part of the question"):
        dealt(1).choice(["a"])


def test_two_tokens_where_one_may_be_chosen_are_refused() -> None:
    at = dealt(1)
    with pytest.raises(Invalid, match="Only one"):
        at.choice([option.token for option in at.options[:2]])


@pytest.mark.parametrize("position", [-1, 0, 2, 10**9])
def test_a_position_beside_the_sheet_is_missing(position: int) -> None:
    with pytest.raises(Missing):
        Sheet((dealt(1),)).at(position)


@given(seed=st.integers(0, 2**53))
def test_a_sheet_comes_back_from_json(seed: int) -> None:
    sheet = deal([(1, banks.item("x")), (2, banks.item("y", keys=3))], seed)
    assert sheet_from_plain(json.loads(json.dumps(sheet.plain()))) == sheet


@given(one=marks)
def test_marks_come_back_from_json(one: Marks) -> None:
    assert marks_from_plain(json.loads(json.dumps(one.plain()))) == one


# time ----------------------------------------


def attempt(clock: Clock, paused: timedelta = timedelta(0)) -> Attempt:
    """An attempt of two hours by this clock."""
    return Attempt(
        1,
        1,
        "plain",
        1,
        AttemptKind.MOCK,
        clock,
        TimeOption.STANDARD,
        True,
        paused,
        None,
        Sheet(()),
        "",
        None,
    )


ALLOWED = timedelta(hours=2)
CLOCK = Clock(NOW, NOW + ALLOWED, timedelta(seconds=60))


@given(
    before=st.timedeltas(timedelta(0), ALLOWED),
    pause=st.timedeltas(timedelta(0), timedelta(days=9)),
    after=st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_a_pause_is_neither_time_used_nor_time_allowed(
    before: timedelta, pause: timedelta, after: timedelta
) -> None:
    resumed = attempt(replace(CLOCK, deadline_at=NOW + ALLOWED + pause), paused=pause)
    assert resumed.time_allowed == ALLOWED
    assert resumed.time_used(NOW + before + pause + after) == min(before + after, ALLOWED)


def test_while_paused_no_time_is_used() -> None:
    paused = attempt(replace(CLOCK, paused_at=NOW + timedelta(minutes=10)))
    assert paused.time_used(NOW + timedelta(days=3)) == timedelta(minutes=10)


def test_the_grace_is_no_time_to_use() -> None:
    closed = attempt(replace(CLOCK, closed_at=NOW + ALLOWED + timedelta(seconds=60)))
    assert closed.time_used(NOW + timedelta(days=3)) == ALLOWED


def test_untimed_has_no_time_allowed() -> None:
    assert attempt(replace(CLOCK, deadline_at=None)).time_allowed is None
