"""What corrections did to scores: counted and put in order."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.exam.regrade import MOST_SCORES, Rescored, scored_again

scores = st.floats(100, 1000)
rescored = st.builds(
    Rescored,
    st.integers(1, 10**6),
    scores,
    st.booleans(),
    scores,
    st.booleans(),
    st.just(datetime(2026, 9, 1, 12, tzinfo=UTC)),
)


@given(st.lists(rescored, max_size=2 * MOST_SCORES))
def test_what_is_stored_names_attempts_and_holds_no_score(found: list[Rescored]) -> None:
    made = scored_again(found)
    stored = json.loads(json.dumps(made.plain()))
    assert (stored["count"], stored["flipped"]) == (made.count, made.flipped)
    assert set(stored["most"]) == {one.attempt_id for one in made.most}
    assert scored_again([one for one in found if one.attempt_id in stored["most"]]).most == made.most


@given(st.lists(rescored, max_size=2 * MOST_SCORES))
def test_another_result_comes_before_the_longest_way(found: list[Rescored]) -> None:
    made = scored_again(found)
    flipped = [one for one in found if one.passed is not one.passed_before]
    most = min(len(found), MOST_SCORES)
    assert (made.count, made.flipped, len(made.most)) == (len(found), len(flipped), most)
    ranks = [(one.passed is one.passed_before, -abs(one.after - one.before)) for one in made.most]
    assert ranks == sorted(ranks)
