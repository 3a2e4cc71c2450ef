"""The machine: rules that do the same to the reference and to the application, and compare every answer.

Requests that are under way at once may be answered as if they had come in any order, but in some order they must.
Who draws what is done next, and how: `tests.model.driving`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.exam import attempt as program
from app.exam.attempt import SheetItem
from app.exam.clock import TimeOption
from app.store import responses, scores
from tests.bench.wire import Request
from tests.model import reference
from tests.model.reference import Answer, Saving, Stands
from tests.model.site import TOWERS, Site
from tests.packs import SHORT

STEP = timedelta(milliseconds=250)
"""What passes with each rule: no browser saves faster for long."""
MINUTES = 2
TABS = ("left", "right", "other-device")
MOST_PEOPLE, MOST_WITHDRAWN, MOST_EDITS = 4, 4, 3


class Do(NamedTuple):
    """Something to do to an attempt: by its name in the reference; what it needs, for a save."""

    name: str
    saving: Saving | None = None

    def __str__(self) -> str:
        if self.saving is None:
            return self.name
        position, choice, _, _, key, base = self.saving
        return f"{self.name} {key} at {position}, revision {base}: {' '.join(sorted(choice)) or 'nothing'}"


@dataclass
class Pair:
    """An attempt as the reference has it and where the application has it."""

    model: reference.Attempt
    attempt_id: int
    token: str
    sheet: tuple[SheetItem, ...]
    seqs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABS, 0))
    sent: list[Saving] = field(default_factory=list)
    held: list[Saving] = field(default_factory=list)

    @property
    def name(self) -> str:
        """How steps call it."""
        return f"attempt {self.attempt_id}"

    def request(self, do: Do) -> Request:
        """What a browser sends."""
        path = f"/attempts/{self.attempt_id}"
        if do.saving is None:
            if do.name == "look":
                return Request("GET", f"/reports/{self.attempt_id}", self.token)
            return Request("POST", f"{path}/{do.name}", self.token)
        position, choice, client, seq, key, base = do.saving
        tokens = [o.token for o in self.sheet[position - 1].options if o.option_id in choice]
        fields = {
            "choice": tokens,
            "client_id": client,
            "client_seq": seq,
            "idempotency_key": key,
            "base_rev": base,
        }
        body = urlencode(fields, doseq=True).encode()
        return Request("PUT", f"{path}/responses/{position}", self.token, body, "*/*")


class Rule(NamedTuple):
    """Something that may happen, and whether it can happen now. What is open in it is drawn from the Random."""

    name: str
    do: Callable[[Machine, Random], None]
    possible: Callable[[Machine], bool]


RULES: list[Rule] = []


def rule(
    possible: Callable[[Machine], bool] = lambda machine: True,
) -> Callable[[Callable[[Machine, Random], None]], Callable[[Machine, Random], None]]:
    """Make a method a rule."""

    def made(do: Callable[[Machine, Random], None]) -> Callable[[Machine, Random], None]:
        RULES.append(Rule(do.__name__, do, possible))
        return do

    return made


class Machine:
    """Attempts of some candidates on one site. There is always somebody."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.all: list[Pair] = []
        self.steps = 0
        self.told: list[str] = []
        self.asked = self.differs = False
        self.corrections: list[reference.Correction] = []
        self.begin()

    def begin(self) -> None:
        """Everything that is stored is what the reference says. Then others come."""
        with self._telling():
            for pair in self.all:
                self._compare(pair)
            self.all.clear()
            self._start(TimeOption.STANDARD, False)

    def do(self, rule: Rule, chance: Random) -> None:
        """Follow a rule. An error tells all steps up to it."""
        with self._telling():
            rule.do(self, chance)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.differs = True
            error.add_note("\n".join(("The steps up to here:", *self.told)))
            raise

    def _step(self, told: str) -> None:
        self.steps += 1
        self.site.clock.time += STEP
        self.told.append(f"{self.steps}. {self.site.clock.time:%H:%M:%S.%f} {told}")

    # People and time

    @rule(lambda self: len(self.all) < MOST_PEOPLE)
    def start(self, chance: Random) -> None:
        """Somebody new starts, with or without more time."""
        option = chance.choice((TimeOption.STANDARD, TimeOption.TIMES_1_5, TimeOption.UNTIMED))
        self._start(option, chance.choice((False, True)))

    @rule()
    def start_again(self, chance: Random) -> None:
        """Only one mock may be open."""
        pair = chance.choice(self.all)
        self._step(f"{pair.name} starts again")
        if pair.model.state(self.site.clock.now()) != "final":
            (answer,) = self.site.ask(_start_of(pair.token, TimeOption.STANDARD, False))
            assert answer.status == 409, answer

    @rule()
    def tick(self, chance: Random) -> None:
        """Time passes."""
        seconds = chance.choice((1, 5, 29, 59, 60, 61, 119, 120, 180))
        self._step(f"{seconds} seconds pass")
        self.site.clock.time += timedelta(seconds=seconds)

    # Saves

    @rule()
    def save(self, chance: Random) -> None:
        """A tab saves, having seen the newest revision or an older one."""
        pair = chance.choice(self.all)
        self._together(pair, Do("save", self._saving(pair, chance)))

    @rule()
    def save_much(self, chance: Random) -> None:
        """Two or three saves arrive at once."""
        pair = chance.choice(self.all)
        savings = [self._saving(pair, chance) for _ in range(chance.randint(2, 3))]
        self._together(pair, *(Do("save", saving) for saving in savings))

    @rule(lambda self: any(pair.sent for pair in self.all))
    def resend(self, chance: Random) -> None:
        """What was sent is sent again, once or twice at the same time."""
        pair = chance.choice([pair for pair in self.all if pair.sent])
        self._together(pair, *[Do("save", chance.choice(pair.sent))] * chance.randint(1, 2))

    @rule(lambda self: any(pair.sent for pair in self.all))
    def reuse_a_key(self, chance: Random) -> None:
        """A key comes with another change."""
        pair = chance.choice([pair for pair in self.all if pair.sent])
        saving = chance.choice(pair.sent)
        other = self._choice(pair, saving.position, chance)
        self._together(pair, Do("save", saving._replace(choice=other)))

    @rule()
    def hold(self, chance: Random) -> None:
        """A save is under way for long."""
        pair = chance.choice(self.all)
        pair.held.append(self._saving(pair, chance))
        self._step(f"{pair.name}: {Do('save', pair.held[-1])} is under way")

    @rule(lambda self: any(pair.held for pair in self.all))
    def deliver(self, chance: Random) -> None:
        """What was under way arrives, in whatever order."""
        pair = chance.choice([pair for pair in self.all if pair.held])
        self._together(pair, Do("save", pair.held.pop(chance.randrange(len(pair.held)))))

    # The rest of an attempt

    @rule()
    def do_something(self, chance: Random) -> None:
        """Something else than a save."""
        pair = chance.choice(self.all)
        self._together(pair, Do(chance.choice(("pause", "resume", "end", "abandon", "look", "resume"))))

    @rule()
    def save_and_do(self, chance: Random) -> None:
        """A save races with something else."""
        pair = chance.choice(self.all)
        saving = self._saving(pair, chance)
        self._together(pair, Do("save", saving), Do(chance.choice(("pause", "resume", "end", "look"))))

    @rule()
    def end_twice(self, chance: Random) -> None:
        """Two tabs end the exam."""
        self._together(chance.choice(self.all), Do("end"), Do("end"))

    # Accidents, and what instructors do

    @rule(lambda self: self.asked)
    def kill(self, chance: Random) -> None:
        """The server dies between requests; whatever it remembered is gone."""
        self._step("the server dies")
        self.asked = False
        self.site.crash()

    @rule()
    def kill_before_a_commit(self, chance: Random) -> None:
        """The server dies before it has stored a save."""
        pair = chance.choice(self.all)
        do = Do("save", self._saving(pair, chance))
        self._step(f"{pair.name}: the server dies before the commit of {do}")
        with self.site.dying_before_commits():
            (answer,) = self.site.ask(pair.request(do))
        assert answer.status == 503, answer
        self._compare(pair)

    @rule()
    def kill_before_an_answer(self, chance: Random) -> None:
        """The server dies after it has stored a save; nobody hears of it, and it is sent again."""
        pair = chance.choice(self.all)
        saving = self._saving(pair, chance)
        self._together(pair, Do("save", saving))
        self.site.crash()
        self._together(pair, Do("save", saving))

    @rule(lambda self: sum(self.site.editions) < TOWERS + MOST_EDITS)
    def edit(self, chance: Random) -> None:
        """The pack gets a new version; attempts under way notice nothing."""
        tower = chance.randrange(TOWERS)
        self._step(f"the item of tower {tower} is edited")
        self.site.edit(tower)

    @rule()
    def regrade(self, chance: Random) -> None:
        """A key is corrected, or an item withdrawn; all attempts that have it come to another score."""
        pair = chance.choice(self.all)
        position = chance.choice(sorted(pair.model.items))
        item = pair.model.items[position]
        withdrawn = {one.item for one in self.corrections if one.key is None}
        key: frozenset[str] | None = self._choice(pair, position, chance, whole=True)
        if chance.randrange(4) == 0 and len(withdrawn) < MOST_WITHDRAWN:
            key = None
        self._step(
            f"the key of item {item} becomes {'none' if key is None else ' '.join(sorted(key)) or 'nothing'}"
        )
        self.site.correct(item, key)
        self.corrections.append(reference.Correction(item, key))

    # How it is done

    def _start(self, option: TimeOption, pausable: bool) -> None:
        self._step(f"somebody starts, {option.value}{', pausable' if pausable else ''}")
        (answer,) = self.site.ask(_start_of("", option, pausable))
        assert answer.status == 303, answer
        token = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
        attempt_id = int(answer.headers["location"].rpartition("/")[2])
        stored = self.site.attempt(attempt_id)
        items = self.site.items(stored)
        allowed = option.allowed(MINUTES)
        model = reference.Attempt(
            {n: at.item_version_id for n, at in enumerate(stored.sheet.items, 1)},
            {n: item.key for n, item in enumerate(items, 1)},
            None if allowed is None else self.site.clock.now() + allowed,
            pausable,
            self.corrections,
        )
        self.all.append(Pair(model, attempt_id, token, stored.sheet.items))

    def _saving(self, pair: Pair, chance: Random) -> Saving:
        position = chance.randint(1, 3)  # few of them, so that saves meet
        client = chance.choice(TABS)
        rev = pair.model.stands.get(position, Stands()).rev
        base = max(0, rev - chance.choice((0, 0, 0, 1, 2)))
        pair.seqs[client] += 1
        seq = pair.seqs[client]
        choice = self._choice(pair, position, chance)
        return Saving(position, choice, client, seq, f"{client}-{seq}", base)

    def _choice(self, pair: Pair, position: int, chance: Random, *, whole: bool = False) -> frozenset[str]:
        # What is drawn must not depend on which items there are: requests that race may change the forms after them.
        places, many = chance.sample(range(5), 5), chance.randint(0, 2)
        at = pair.sheet[position - 1]
        options = [at.options[place].option_id for place in places if place < len(at.options)]
        return frozenset(options[: at.select if whole else min(many, at.select)])

    def _together(self, pair: Pair, *doing: Do) -> None:
        """Do all of it at once; the answers are those of some order, and what is stored is too."""
        self._step(f"{pair.name}: {' | '.join(map(str, doing))}")
        self.asked = True
        pair.sent += [do.saving for do in doing if do.saving is not None and do.saving not in pair.sent]
        now = self.site.clock.now()
        got = [_answer(do, a) for do, a in zip(doing, self.site.ask(*map(pair.request, doing)), strict=True)]
        expected = []
        for order in permutations(range(len(doing))):
            model = _copied(pair.model)
            answers: dict[int, Answer] = {i: _expected(model, doing[i], now) for i in order}
            expected.append([answers[i] for i in range(len(doing))])
            if expected[-1] == got and self._stored_as(pair, model):
                pair.model = model
                self.told[-1] += f" -> {got}"
                return
        raise AssertionError(f"{self.told[-1]}: got {got}, expected one of {expected}; {pair.model}")

    def _stored_as(self, pair: Pair, model: reference.Attempt) -> bool:
        with self.site.looking() as tx:
            stored = responses.current(tx, pair.attempt_id)
            raws = [one.score.raw for one in scores.history(tx, pair.attempt_id)]
        stands = {
            position: Stands(one.rev, frozenset(one.choice), one.client_id, one.client_seq)
            for position, one in stored.items()
        }
        return stands == model.stands and raws == model.scores

    def _compare(self, pair: Pair) -> None:
        """Everything of one attempt, the log too."""
        model, now = pair.model, self.site.clock.now()
        assert self._stored_as(pair, model), (pair, model)
        stored = self.site.attempt(pair.attempt_id)
        ending = "" if stored.ending is None else stored.ending.value
        assert (stored.clock.state(now).value, ending) == (model.state(now), model.ending)
        with self.site.looking() as tx:
            log = responses.log(tx, pair.attempt_id)
        kept = {save.idempotency_key: outcome.value for save, outcome in log}
        assert len(kept) == len(log)
        assert kept == {key: outcome for key, (_, outcome) in model.log.items()}
        assert program.replay(log).keys() == model.stands.keys()


def _start_of(token: str, option: TimeOption, pausable: bool) -> Request:
    fields = {"exam": SHORT, "time_option": option.value, "mode": "pausable" if pausable else "strict"}
    return Request("POST", "/attempts", token, urlencode(fields).encode())


def _copied(model: reference.Attempt) -> reference.Attempt:
    made = copy(model)
    made.stands, made.log, made.scores = dict(model.stands), dict(model.log), list(model.scores)
    return made


def _expected(model: reference.Attempt, do: Do, now: Any) -> Answer:
    if do.saving is not None:
        return model.save(now, do.saving)
    answer: Answer = getattr(model, do.name)(now)
    return answer


def _answer(do: Do, answer: Any) -> Answer:
    if do.saving is None:
        return (answer.status, "", 0)
    return (
        answer.status,
        answer.headers.get("cutscore-outcome", ""),
        int(answer.headers.get("cutscore-rev", "0")),
    )
