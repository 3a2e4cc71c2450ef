"""The machine: rules that do the same to the reference and to the application, and compare every answer.

Requests that are under way at once may be answered as if they had come in any order, but in some order they must.
"""

from __future__ import annotations

from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations
from typing import Any, NamedTuple
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.exam import attempt as program
from app.exam.attempt import SheetItem
from app.exam.clock import TimeOption
from app.store import responses, scores
from tests.bench.wire import Request
from tests.model import reference
from tests.model.reference import Answer, Saving, Stands
from tests.model.site import TOWERS, Sites
from tests.packs import SHORT

STEP = timedelta(milliseconds=250)
"""What passes with each rule: no browser saves faster for long."""
MINUTES = 2
TABS = ("left", "right", "other-device")
MOST_WITHDRAWN, MOST_EDITS = 2, 1
_ORDERS = tuple(permutations(range(5)))


class Do(NamedTuple):
    """Something to do to an attempt: by its name in the reference; what it needs, for a save."""

    name: str
    saving: Saving | None = None


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


class Machine(RuleBasedStateMachine):
    """Attempts of some candidates on one site. Made for one kind of database by `machine_on`."""

    sites: Sites
    steps = 0

    pairs = Bundle("pairs")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.site = self._stack.enter_context(self.sites.site())
        self.all: list[Pair] = []
        self.asked = False
        self.corrections: list[reference.Correction] = []

    def teardown(self) -> None:
        """Everything that is stored is what the reference says."""
        try:
            for pair in self.all:
                self._compare(pair)
        finally:
            self._stack.close()

    def _step(self) -> None:
        type(self).steps += 1
        self.site.clock.time += STEP

    # People and time

    @initialize(target=pairs)
    def first(self) -> Pair:
        """There is always somebody."""
        return self._start(TimeOption.STANDARD, False)

    @precondition(lambda self: len(self.all) < 4)
    @rule(
        target=pairs,
        option=st.sampled_from((TimeOption.STANDARD, TimeOption.TIMES_1_5, TimeOption.UNTIMED)),
        pausable=st.booleans(),
    )
    def start(self, option: TimeOption, pausable: bool) -> Pair:
        """Somebody new starts, with or without more time."""
        return self._start(option, pausable)

    @rule(pair=pairs)
    def start_again(self, pair: Pair) -> None:
        """Only one mock may be open."""
        self._step()
        if pair.model.state(self.site.clock.now()) != "final":
            (answer,) = self.site.ask(_start_of(pair.token, TimeOption.STANDARD, False))
            assert answer.status == 409, answer

    @rule(seconds=st.sampled_from((1, 5, 29, 59, 60, 61, 119, 120, 180)))
    def tick(self, seconds: int) -> None:
        """Time passes."""
        self._step()
        self.site.clock.time += timedelta(seconds=seconds)

    # Saves

    @rule(pair=pairs, data=st.data())
    def save(self, pair: Pair, data: st.DataObject) -> None:
        """A tab saves, having seen the newest revision or an older one."""
        self._together(pair, Do("save", self._saving(pair, data)))

    @rule(pair=pairs, data=st.data())
    def save_much(self, pair: Pair, data: st.DataObject) -> None:
        """Two or three saves arrive at once."""
        savings = [self._saving(pair, data) for _ in range(data.draw(st.integers(2, 3)))]
        self._together(pair, *(Do("save", saving) for saving in savings))

    @precondition(lambda self: any(pair.sent for pair in self.all))
    @rule(data=st.data())
    def resend(self, data: st.DataObject) -> None:
        """What was sent is sent again, once or twice at the same time."""
        pair = data.draw(st.sampled_from([pair for pair in self.all if pair.sent]))
        saving = data.draw(st.sampled_from(pair.sent))
        self._together(pair, *[Do("save", saving)] * data.draw(st.integers(1, 2)))

    @precondition(lambda self: any(pair.sent for pair in self.all))
    @rule(data=st.data())
    def reuse_a_key(self, data: st.DataObject) -> None:
        """A key comes with another change."""
        pair = data.draw(st.sampled_from([pair for pair in self.all if pair.sent]))
        saving = data.draw(st.sampled_from(pair.sent))
        other = self._choice(pair, saving.position, data)
        self._together(pair, Do("save", saving._replace(choice=other)))

    @rule(pair=pairs, data=st.data())
    def hold(self, pair: Pair, data: st.DataObject) -> None:
        """A save is under way for long."""
        self._step()
        pair.held.append(self._saving(pair, data))

    @precondition(lambda self: any(pair.held for pair in self.all))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """What was under way arrives, in whatever order."""
        pair = data.draw(st.sampled_from([pair for pair in self.all if pair.held]))
        held = pair.held.pop(data.draw(st.integers(0, len(pair.held) - 1)))
        self._together(pair, Do("save", held))

    # The rest of an attempt

    @rule(pair=pairs, name=st.sampled_from(("pause", "resume", "end", "abandon", "look", "resume")))
    def do(self, pair: Pair, name: str) -> None:
        """Something else than a save."""
        self._together(pair, Do(name))

    @rule(pair=pairs, data=st.data(), name=st.sampled_from(("pause", "resume", "end", "look")))
    def save_and_do(self, pair: Pair, data: st.DataObject, name: str) -> None:
        """A save races with something else."""
        self._together(pair, Do("save", self._saving(pair, data)), Do(name))

    @rule(pair=pairs)
    def end_twice(self, pair: Pair) -> None:
        """Two tabs end the exam."""
        self._together(pair, Do("end"), Do("end"))

    # Accidents, and what instructors do

    @precondition(lambda self: self.asked)
    @rule()
    def kill(self) -> None:
        """The server dies between requests; whatever it remembered is gone."""
        self._step()
        self.asked = False
        self.site.crash()

    @rule(pair=pairs, data=st.data())
    def kill_before_a_commit(self, pair: Pair, data: st.DataObject) -> None:
        """The server dies before it has stored a save."""
        self._step()
        saving = self._saving(pair, data)
        with self.site.dying_before_commits():
            (answer,) = self.site.ask(pair.request(Do("save", saving)))
        assert answer.status == 503, answer
        self._compare(pair)

    @rule(pair=pairs, data=st.data())
    def kill_before_an_answer(self, pair: Pair, data: st.DataObject) -> None:
        """The server dies after it has stored a save; nobody hears of it, and it is sent again."""
        saving = self._saving(pair, data)
        self._together(pair, Do("save", saving))
        self.site.crash()
        self._together(pair, Do("save", saving))

    @precondition(lambda self: sum(self.site.editions) < TOWERS + MOST_EDITS)
    @rule(tower=st.integers(0, TOWERS - 1))
    def edit(self, tower: int) -> None:
        """The pack gets a new version; attempts under way notice nothing."""
        self._step()
        self.site.edit(tower)

    @rule(pair=pairs, data=st.data())
    def regrade(self, pair: Pair, data: st.DataObject) -> None:
        """A key is corrected, or an item withdrawn; all attempts that have it come to another score."""
        self._step()
        position = data.draw(st.sampled_from(sorted(pair.model.items)))
        item = pair.model.items[position]
        withdrawn = {one.item for one in self.corrections if one.key is None}
        key: frozenset[str] | None = self._choice(pair, position, data, whole=True)
        if data.draw(st.integers(0, 3)) == 0 and len(withdrawn) < MOST_WITHDRAWN:
            key = None
        self.site.correct(item, key)
        self.corrections.append(reference.Correction(item, key))

    # How it is done

    def _start(self, option: TimeOption, pausable: bool) -> Pair:
        self._step()
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
        pair = Pair(model, attempt_id, token, stored.sheet.items)
        self.all.append(pair)
        return pair

    def _saving(self, pair: Pair, data: st.DataObject) -> Saving:
        position = data.draw(st.integers(1, 3))  # few of them, so that saves meet
        client = data.draw(st.sampled_from(TABS))
        rev = pair.model.stands.get(position, Stands()).rev
        base = max(0, rev - data.draw(st.sampled_from((0, 0, 0, 1, 2))))
        pair.seqs[client] += 1
        seq = pair.seqs[client]
        choice = self._choice(pair, position, data)
        saving = Saving(position, choice, client, seq, f"{client}-{seq}", base)
        return saving

    def _choice(
        self, pair: Pair, position: int, data: st.DataObject, *, whole: bool = False
    ) -> frozenset[str]:
        # What is drawn must not depend on which items there are: forms are made anew in each run.
        drawn, many = data.draw(st.integers(0, 119)), data.draw(st.integers(0, 2))
        at = pair.sheet[position - 1]
        options = [at.options[place].option_id for place in _ORDERS[drawn] if place < len(at.options)]
        return frozenset(options[: at.select if whole else min(many, at.select)])

    def _together(self, pair: Pair, *doing: Do) -> None:
        """Do all of it at once; the answers are those of some order, and what is stored is too."""
        self._step()
        self.asked = True
        pair.sent += [do.saving for do in doing if do.saving is not None and do.saving not in pair.sent]
        now = self.site.clock.now()
        got = [_answer(do, a) for do, a in zip(doing, self.site.ask(*map(pair.request, doing)), strict=True)]
        expected = []
        for order in permutations(range(len(doing))):
            model = _copied(pair.model)
            answers: dict[int, Answer] = {i: _expected(model, doing[i], self.site.clock.now()) for i in order}
            expected.append([answers[i] for i in range(len(doing))])
            if expected[-1] == got and self._stored_as(pair, model):
                pair.model = model
                return
        raise AssertionError(f"{doing} at {now}: got {got}, expected one of {expected}; {pair.model}")

    def _stored_as(self, pair: Pair, model: reference.Attempt) -> bool:
        with self.site.database.reading() as tx:
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
        with self.site.database.reading() as tx:
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


def machine_on(sites: Sites) -> type[Machine]:
    """The machine for sites of one kind; it counts its own steps."""
    return type("Machine", (Machine,), {"sites": sites, "steps": 0})


def run(sites: Sites, examples: int, steps: int, seed: int | None = None) -> int:
    """Run so many examples of at most so many steps; how many steps were made. AssertionError on a difference.

    Without a seed the examples are the same each time.
    """
    machine = machine_on(sites)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=seed is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),  # an example is long; the steps up to the difference say enough
    )
    run_state_machine_as_test(machine if seed is None else with_seed(seed)(machine), settings=chosen)
    return machine.steps
