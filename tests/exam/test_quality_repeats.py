"""What asks the same as an item of the bank is found, whatever its punctuation, and in bounded time."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.exam.faults import Fault, Place, Severity
from app.exam.item import Accepted, Item, Status
from app.exam.quality.repeats import Likeness, Text, check_repeat, likenesses
from tests.packs import item

LONG = (
    "A company keeps a lighthouse on a rock far from the harbour and must signal ships in fog, by night and by day, "
    "with one keeper who sleeps from noon to six. The keeper wants to hear of a broken lamp within a minute. "
    "What should the company do with the least effort?"
)
WORDS = LONG.replace(",", "").replace(".", "").split()


def text(name: str, stem: str, *options: str) -> Text:
    return Text(f"item {name}", name, stem, options)


def written(stem: str, name: str = "new") -> Item:
    return replace(item(name), id=name, stem=stem)


def found(new: Item, *bank: Item) -> list[Fault]:
    return list(check_repeat(new, bank, Place(item=new.id)))


def test_the_same_stem_and_options_are_an_error_that_names_the_other_item() -> None:
    one = written(LONG)
    other = replace(one, id="old", stem=LONG.upper().replace(",", ";"), options=one.options[::-1])
    (fault,) = found(one, other)
    assert (fault.rule, fault.severity, fault.at.item) == ("L33", Severity.ERROR, "new")
    assert "item old" in fault.message


def test_the_same_stem_with_other_options_is_a_warning_however_short() -> None:
    short = text("new", "What lights the tower?", "a lamp", "a bell")
    assert likenesses([short], [text("old", "what  lights the tower", "a gull", "a bell")]) == {
        "new": Likeness(1, False, "item old")
    }


def test_the_phrase_that_tells_the_number_to_choose_makes_no_difference() -> None:
    (fault,) = found(written(f"{LONG} (Select TWO.)"), written(LONG, "old"))
    assert "the stem is that of item old" in fault.message or "the text is that" in fault.message


def test_a_stem_that_is_nearly_the_same_is_a_warning() -> None:
    (fault,) = found(written(LONG.replace("a minute", "two minutes")), written(LONG, "old"))
    assert fault.severity is Severity.WARNING
    assert "of the runs of 5 words are those of item old" in fault.message


def test_another_question_about_the_same_scenario_is_none() -> None:
    other = LONG.replace("hear of a broken lamp within a minute", "sleep until nine on every second Sunday")
    assert found(written(LONG), written(" ".join(reversed(other.split())), "old")) == []


def test_enemies_may_be_alike_but_not_the_same() -> None:
    near, old = written(LONG.replace("a minute", "two minutes")), written(LONG, "old")
    assert found(replace(near, enemies=("old",)), old) == []
    assert found(near, replace(old, enemies=("new",))) == []
    assert found(replace(written(LONG), enemies=("old",)), old)


def test_an_accepted_likeness_is_only_shown_and_a_retired_item_is_left_in_peace() -> None:
    near, old = written(LONG.replace("a minute", "two minutes")), written(LONG, "old")
    (fault,) = found(replace(near, accepted=(Accepted("L33", "a pair"),)), old)
    assert fault.severity is Severity.INFO
    assert found(near, replace(old, status=Status.RETIRED)) == []


def test_an_item_is_not_its_own_repeat() -> None:
    assert found(written(LONG), written(LONG)) == []


def test_the_nearest_of_the_bank_is_named() -> None:
    new = text("new", LONG)
    bank = [
        text("far", LONG.replace("one keeper", "two keepers").replace("a minute", "an hour")),
        text("near", LONG.replace("a minute", "an hour")),
        text("other", "What is heard in fog?"),
    ]
    assert likenesses([new], bank)["new"].other == "item near"


@given(
    st.integers(0, len(WORDS) - 1),
    st.lists(st.sampled_from(["gull", "horn", "rope"]), max_size=3),
    st.booleans(),
)
def test_a_few_words_changed_at_one_place_are_found_among_few_and_among_many(
    at: int, instead: list[str], many: bool
) -> None:
    changed = " ".join([*WORDS[:at], *instead, *WORDS[at + 2 :]])
    others = [text(f"n{n}", f"Which of the gulls on rock number {n} sleeps?") for n in range(30 * many)]
    assert likenesses([text("new", changed), *others], [text("old", LONG)]).keys() == {"new"}


def test_texts_that_share_their_beginning_are_compared_with_few() -> None:
    many = [text(f"n{n}", f"{LONG} Of the {n} answers, which {n} is number {n}?") for n in range(300)]
    assert len(likenesses(many, many)) == 300
