"""What to drill: the groups and what they hold, and the draw."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.exam.item import DecidingConstraint, Item, Service, Trap
from app.exam.pack import Domain
from app.exam.practice import LARGEST_SET, WAYS, Standing, Wanted, draw, fitting, groups
from app.exam.reserve import Reserve, reserve_of
from app.exam.siblings import siblings
from tests.exam.banks import exam, item

DOMAINS = (Domain("D1", "One"), Domain("D2", "Two"))
EXAM = exam(items=4, blueprint={"D1": 50, "D2": 50}, multiple_answer=None)


def items(count: int = 40) -> tuple[Item, ...]:
    """Items of two domains, three topics, two services; every fifth is an enemy of the next."""
    made = []
    for number in range(count):
        one = item(
            f"i{number:02}",
            f"D{number % 2 + 1}",
            topic=f"sea/t{number % 3}",
            services=(Service(f"S{number % 2}"), Service("all")),
            constraint=DecidingConstraint.COST if number % 4 == 0 else None,
            enemies=(f"i{number + 1:02}",) if number % 5 == 0 else (),
        )
        trapped = replace(one.options[1], trap=Trap.COST_BLIND)
        made.append(
            replace(one, options=(one.options[0], trapped, *one.options[2:])) if number % 3 == 0 else one
        )
    return tuple(made)


ITEMS = items()
STANDINGS = {one.id: list(Standing)[number % 3] for number, one in enumerate(ITEMS)}
WEIGHTS = {one.id: 1 / len(ITEMS) for one in ITEMS}


def reserve(*, spend: bool = True) -> Reserve:
    """That of a candidate who has met nothing."""
    return reserve_of(EXAM, DOMAINS, [], [], 0).copy(spend=spend)


def test_every_way_of_drilling_finds_its_items() -> None:
    for way, value, count in (
        ("domain", "D2", 20),
        ("topic", "sea", 40),
        ("topic", "sea/t1", 13),
        ("service", "S0", 20),
        ("service", "all", 40),
        ("constraint", "cost", 10),
        ("trap", "cost-blind", 14),
    ):
        assert len(fitting(Wanted(**{way: value}), ITEMS, STANDINGS)) == count, (way, value)


def test_choices_narrow_each_other() -> None:
    found = fitting(Wanted(domain="D1", topic="sea/t0", show=Standing.NEW), ITEMS, STANDINGS)
    assert found
    assert all(one.domain == "D1" and one.topic == "sea/t0" for one in found)
    assert {STANDINGS[one.id] for one in found} == {Standing.NEW}
    assert fitting(Wanted(domain="nowhere"), ITEMS, STANDINGS) == ()


def test_groups_count_what_is_wanted_otherwise() -> None:
    found = groups("domain", Wanted(domain="D1", constraint="cost"), ITEMS, STANDINGS, WEIGHTS)
    assert {group.value: group.total for group in found} == {"D1": 10}
    whole = groups("domain", Wanted(domain="D1"), ITEMS, STANDINGS, WEIGHTS)
    assert sum(group.total for group in whole) == len(ITEMS)


def test_the_group_that_is_missed_more_comes_first() -> None:
    stands = {one.id: Standing.MISSED if one.domain == "D2" else Standing.MET for one in ITEMS}
    first, second = groups("domain", Wanted(), ITEMS, stands, WEIGHTS)
    assert (first.value, second.value) == ("D2", "D1")


def test_one_miss_of_one_does_not_outweigh_many_of_many() -> None:
    few = [replace(one, topic="rare" if number == 0 else "usual") for number, one in enumerate(ITEMS)]
    stands = {one.id: Standing.MISSED if number < 20 else Standing.MET for number, one in enumerate(few)}
    found = groups("topic", Wanted(), few, stands, WEIGHTS)
    assert [group.value for group in found] == ["usual", "rare"]


def test_no_two_siblings_are_drawn() -> None:
    family = siblings(ITEMS)
    drawn = draw(Wanted(), ITEMS, STANDINGS, family, reserve(), 100, 1)
    assert len(drawn) >= 30
    assert not any(other in drawn for name in drawn for other in family.get(name, ()))


def test_the_same_seed_draws_the_same_and_another_one_another() -> None:
    sets = [draw(Wanted(), ITEMS, STANDINGS, {}, reserve(), 10, seed) for seed in (1, 1, 2)]
    assert sets[0] == sets[1] != sets[2]


@given(
    count=st.integers(1, 200),
    seed=st.integers(0, 10**6),
    wanted=st.builds(
        Wanted,
        domain=st.sampled_from(["", "D1", "D2"]),
        topic=st.sampled_from(["", "sea", "sea/t2"]),
        show=st.sampled_from(["", *Standing]),
    ),
)
def test_what_is_drawn_is_wanted_and_no_more(count: int, seed: int, wanted: Wanted) -> None:
    drawn = draw(wanted, ITEMS, STANDINGS, siblings(ITEMS), reserve(), count, seed)
    allowed = {one.id for one in fitting(wanted, ITEMS, STANDINGS)}
    assert set(drawn) <= allowed
    assert len(set(drawn)) == len(drawn) <= min(count, LARGEST_SET)


def test_every_way_is_a_field_of_what_is_wanted() -> None:
    assert set(WAYS) <= set(Wanted.__slots__)
