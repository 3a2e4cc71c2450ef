"""Saves as they come over the wire: what is not a proper save changes nothing and says why."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import Invalid, TooMany
from app.pages.group_commit import BURST, Bucket
from app.pages.saves import parse
from tests.journeys.world import Sitting, World
from tests.packs import NOON

TAMPERED = {
    "an unknown option": {"choice": ["aaaaa"]},
    "an author's id": {"choice": ["zq0000000000"]},
    "an unknown struck option": {"struck": ["aaaaa"]},
    "no tab": {"client_id": ""},
    "a strange tab": {"client_id": "a b"},
    "a long tab": {"client_id": "a" * 41},
    "two tabs": {"client_id": ["a", "b"]},
    "no number": {"client_seq": ""},
    "a negative number": {"client_seq": "-1"},
    "a huge number": {"client_seq": "9" * 400},
    "another digit": {"client_seq": "٣"},
    "no key": {"idempotency_key": ""},
    "a strange key": {"idempotency_key": "a\x00b"},
    "no base": {"base_rev": "x"},
    "a huge base": {"base_rev": str(2**31)},
    "a strange time": {"elapsed_ms": "1e9"},
    "a huge time": {"elapsed_ms": "1" * 12},
    "a strange highlight": {"highlight": "a-b"},
    "many highlights": {"highlight": ["1-2"] * 101},
    "a strange confidence": {"confidence": "very"},
    "many fields": {"choice": ["aaaaa"] * 500},
}


@pytest.mark.parametrize("fields", TAMPERED.values(), ids=TAMPERED)
def test_x27_a_tampered_save_changes_nothing_and_says_why(world: World, fields: dict[str, object]) -> None:
    sitting = world.browser().start()
    before = world.fingerprint()
    answer = sitting.browser.put(
        f"{sitting.path}/responses/1", {**sitting.fields(sitting.tokens(1)), **fields}
    )
    assert answer.status_code == 422
    assert answer.text.strip()
    assert "<" not in answer.text
    assert world.fingerprint() == before


def a_position(sitting: Sitting, *, multiple: bool) -> int:
    """The first position of this kind."""
    kinds = [at.multiple for at in sitting.attempt.sheet.items]
    return 1 + kinds.index(multiple)


def test_two_choices_where_one_is_asked_for_are_refused(world: World) -> None:
    sitting = world.browser().start()
    place = a_position(sitting, multiple=False)
    two = [option.token for option in sitting.attempt.sheet.at(place).options][:2]
    assert sitting.save(place, two).status_code == 422
    assert sitting.chosen(place) == set()


def test_more_choices_than_asked_for_are_kept_where_several_may_be(world: World) -> None:
    sitting = world.browser().start()
    place = a_position(sitting, multiple=True)
    three = [option.token for option in sitting.attempt.sheet.at(place).options][:3]
    assert sitting.save(place, three).status_code == 200
    assert sitting.chosen(place) == set(three)


def test_x08_an_option_of_another_question_is_refused(world: World) -> None:
    sitting = world.browser().start()
    assert sitting.save(1, sitting.tokens(2)[:1]).status_code == 422


@pytest.mark.parametrize("position", [0, 7, 10_001, 2**53, 2**63])
def test_x08_a_position_that_is_not_there_is_missing(world: World, position: int) -> None:
    sitting = world.browser().start()
    before = world.fingerprint()
    assert sitting.save(position, []).status_code == 404
    assert world.fingerprint() == before


def test_a_save_of_nobody_asks_to_log_in(world: World) -> None:
    sitting = world.browser().start()
    sitting.browser.client.cookies.clear()
    assert sitting.save(1, sitting.tokens(1)).status_code == 401
    sitting.browser.client.cookies.set("cutscore", "no such session")
    assert sitting.save(1, sitting.tokens(1)).status_code == 401


def test_a_save_after_the_session_ended_asks_to_log_in(world: World) -> None:
    person = world.account()
    sitting = person.start(time_option="untimed")
    world.clock.pass_(days=31)
    assert sitting.save(1, sitting.tokens(1)).status_code == 401


def test_f02_a_save_that_comes_again_gets_the_same_answer(world: World) -> None:
    sitting = world.browser().start()
    fields = sitting.fields(sitting.tokens(1))
    first, again = (sitting.browser.put(f"{sitting.path}/responses/1", fields) for _ in range(2))
    assert (first.status_code, first.headers, first.content) == (
        again.status_code,
        again.headers,
        again.content,
    )


def test_f21_a_key_that_was_used_for_another_change_is_refused(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1), idempotency_key="once")
    before = world.fingerprint()
    assert sitting.save(1, [], idempotency_key="once").status_code == 422
    assert sitting.save(2, [], idempotency_key="once").status_code == 422
    assert world.fingerprint() == before


def test_f20_an_older_save_of_the_same_tab_is_acknowledged_and_changes_nothing(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1), client_seq="9")
    answer = sitting.save(1, [], client_seq="8")
    assert (answer.status_code, answer.headers["cutscore-outcome"]) == (200, "superseded")
    assert sitting.chosen(1) == set(sitting.tokens(1))


def test_x17_a_flood_of_saves_is_slowed_down_and_a_full_queue_is_not(world: World) -> None:
    sitting = world.browser().start(time_option="untimed")
    assert {sitting.save(1, []).status_code for _ in range(int(BURST))} == {200}
    refused = sitting.save(1, sitting.tokens(1))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    world.clock.pass_(seconds=1)
    assert [sitting.save(1, []).status_code for _ in range(6)] == [200] * 5 + [429]


def test_a_bucket_fills_up_to_its_burst_and_no_further() -> None:
    bucket = Bucket()
    for _ in range(2):
        for _ in range(int(BURST)):
            bucket.take("somebody", 0.0)
        with pytest.raises(TooMany):
            bucket.take("somebody", 0.0)
        bucket = Bucket({"somebody": (0.0, -1e6)})


def test_a_clock_that_steps_back_takes_nothing_from_a_bucket() -> None:
    bucket = Bucket()
    bucket.take("somebody", 100.0)
    bucket.take("somebody", 0.0)
    assert bucket.levels["somebody"][0] == BURST - 2


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode())))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    with suppress(Invalid):
        parse(body, 1, 1, "session", NOON)


# The sheet, as a page without JavaScript posts it ----------------------------------------


def post_sheet(sitting: Sitting, **fields: object) -> int:
    """Post a sheet; the status."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return sitting.browser.post(f"{sitting.path}/responses", named).status_code


def test_f35_a_sheet_saves_all_that_changed(world: World) -> None:
    sitting = world.browser().start()
    answer = sitting.browser.post(
        f"{sitting.path}/responses",
        {"rev-1": "0", "choice-1": sitting.tokens(1), "rev-2": "0", "flag-2": "1", "rev-3": "0", "at": "3"},
    )
    assert answer.headers["location"] == f"{sitting.path}#q3"
    assert sitting.chosen(1) == set(sitting.tokens(1))
    assert sitting.browser.get(f"{sitting.path}/state").json()["revs"] == [1, 1, 0, 0, 0, 0]


def test_a_sheet_leaves_a_newer_answer_alone(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1))
    assert post_sheet(sitting, rev_1="0", choice_1=sitting.tokens(1, right=False)) == 303
    assert sitting.chosen(1) == set(sitting.tokens(1))


def test_a_sheet_that_came_second_is_told_so(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1))
    answer = sitting.browser.post(
        f"{sitting.path}/responses", {"rev-1": "0", "choice-1": sitting.tokens(1, right=False), "then": "end"}
    )
    assert answer.headers["location"] == f"{sitting.path}?newer=1#q1"
    assert "The newer answer stands" in sitting.browser.get(f"{sitting.path}?newer=1").text


def test_a_sheet_sent_during_a_pause_is_refused_and_not_stored(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.browser.post(f"{sitting.path}/pause")
    before = world.fingerprint()
    assert post_sheet(sitting, rev_1="0", choice_1=sitting.tokens(1)) == 409
    assert world.fingerprint() == before


def test_a_sheet_takes_an_answer_back(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1))
    assert post_sheet(sitting, rev_1="1") == 303
    assert sitting.chosen(1) == set()


def test_save_and_end_saves_and_asks(world: World) -> None:
    sitting = world.browser().start()
    answer = sitting.browser.post(
        f"{sitting.path}/responses", {"rev-1": "0", "choice-1": sitting.tokens(1), "then": "end"}
    )
    assert answer.headers["location"] == f"{sitting.path}/end"
    assert "5 unanswered" in sitting.browser.get(f"{sitting.path}/end").text


def test_a_sheet_after_the_end_is_kept_as_late(world: World) -> None:
    sitting = world.browser().start()
    world.clock.pass_(minutes=3)
    answer = sitting.browser.post(f"{sitting.path}/responses", {"rev-1": "0", "choice-1": sitting.tokens(1)})
    assert answer.headers["location"] == sitting.report
    assert "Late, not scored" in follow(sitting)


def follow(sitting: Sitting) -> str:
    """The review, after the report has closed the attempt."""
    sitting.browser.get(sitting.report)
    return sitting.browser.get(f"{sitting.report}/review").text


@pytest.mark.parametrize("fields", [{"choice_1": ["aaaaa"]}, {"choice_1": "all"}])
def test_x27_a_tampered_sheet_changes_nothing(world: World, fields: dict[str, object]) -> None:
    sitting = world.browser().start()
    place = a_position(sitting, multiple=False)
    if fields["choice_1"] == "all":
        fields = {f"choice_{place}": [option.token for option in sitting.attempt.sheet.at(place).options]}
    other = place % 6 + 1
    sent = {f"rev_{other}": "0", f"choice_{other}": sitting.tokens(other), f"rev_{place}": "0", "rev_1": "0"}
    before = world.fingerprint()
    assert post_sheet(sitting, **sent, **fields) == 422
    assert world.fingerprint() == before


def test_x05_what_a_sheet_says_beside_its_fields_is_not_heard(world: World) -> None:
    sitting = world.browser().start()
    before = world.fingerprint()
    assert post_sheet(sitting, score="99", deadline="never", rev_77="0", choice_77="aaaaa", rev_1="x") == 303
    assert world.fingerprint() == before


def test_x05_a_start_hears_only_its_own_fields(world: World) -> None:
    guest = world.browser()
    for bad in ({"time_option": "for-ever"}, {"expected": "101"}, {"expected": "1e1"}, {"exam": ""}):
        assert guest.post("/attempts", {"exam": "short", **bad}).status_code in (404, 422)
    assert guest.post("/attempts", {"exam": "nowhere"}).status_code == 404
    sitting = guest.start(deadline="never", person_id="1", kind="practice", seed="7")
    assert sitting.attempt.kind.value == "mock"
    assert sitting.attempt.time_allowed is not None


@pytest.mark.parametrize(
    "text", ["a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "😀"]
)
def test_any_text_is_stored_or_refused(world: World, text: str) -> None:
    sitting = world.browser().start()
    answer = sitting.browser.put(f"{sitting.path}/scratchpad", {"text": text})
    assert answer.status_code in (204, 422)
    assert world.browser().log_in(text).status_code in (303, 422)
