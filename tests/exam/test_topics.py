"""Topics are told apart by chapter, named as people name them, and summed up weakest first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.pack import Topic
from app.exam.score import Tally
from app.exam.topics import chapter_of, chapters, nearest, title

_names = st.sampled_from(["fog", "fog/horns", "fog/bells", "light", "light/lamps", "sea/tides"])


@st.composite
def _tally(draw: st.DrawFn, name: str) -> Tally:
    total = draw(st.integers(1, 9))
    right = draw(st.integers(0, total))
    return Tally(name, right, total, draw(st.integers(0, total - right)))


_tallies = st.lists(_names, unique=True).flatmap(lambda names: st.tuples(*map(_tally, names)))


@pytest.mark.parametrize("topic", ["fog", "fog/horns", "fog/horns/long"])
def test_the_chapter_is_what_stands_before_the_slash(topic: str) -> None:
    assert chapter_of(topic) == "fog"


def test_a_listed_topic_has_the_title_that_the_pack_gives_it() -> None:
    listed = (Topic("fog", "Fog and mist"), Topic("fog/horns", "Horns of brass"))
    assert (title("fog", listed), title("fog/horns", listed)) == ("Fog and mist", "Horns of brass")


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("fog/long-horns", "Long horns"),
        ("fog", "Fog"),
        ("night_watch", "Night watch"),
        ("/", "/"),
        ("DNS", "DNS"),
    ],
)
def test_another_topic_has_its_own_id_tidied(topic: str, expected: str) -> None:
    assert title(topic, [Topic("sea", "The sea")]) == expected


def test_chapters_and_subjects_come_weakest_first_and_larger_first_when_equal() -> None:
    made = chapters(
        [
            Tally("fog/horns", 1, 2, 0),
            Tally("fog/bells", 2, 4, 1),
            Tally("fog/flags", 0, 1, 1),
            Tally("light/lamps", 1, 1, 0),
            Tally("sea/tides", 1, 4, 0),
        ]
    )
    assert [chapter.whole.name for chapter in made] == ["sea", "fog", "light"]
    assert [subject.name for subject in made[1].subjects] == ["fog/flags", "fog/bells", "fog/horns"]
    assert made[1].whole == Tally("fog", 3, 7, 2)


def test_a_topic_without_a_subject_counts_for_its_chapter_alone() -> None:
    (chapter,) = chapters([Tally("fog", 1, 2, 0), Tally("fog/horns", 0, 1, 1)])
    assert chapter.whole == Tally("fog", 1, 3, 1)
    assert [subject.name for subject in chapter.subjects] == ["fog/horns"]


@given(_tallies)
def test_chapters_lose_and_invent_nothing_and_never_rise_in_weakness(tallies: tuple[Tally, ...]) -> None:
    made = chapters(tallies)
    for count in ("right", "total", "unanswered"):
        assert sum(getattr(c.whole, count) for c in made) == sum(getattr(t, count) for t in tallies)
    for ordered in ([c.whole for c in made], *(c.subjects for c in made)):
        shares = [tally.right / tally.total for tally in ordered]
        assert shares == sorted(shares)


def test_the_nearest_topic_is_the_one_spelled_most_alike() -> None:
    assert nearest("fog/horn", {"fog/horns", "fog", "light/lamps"}) == "fog/horns"
    assert nearest("", {"fog"}) == "fog"
