"""Forms: every one is unique, exposure is counted, and what a candidate has seen is known."""

from __future__ import annotations

from sqlalchemy import select

from app.exam.form import assemble, violations
from app.exam.snapshot import bank_from_canonical, snapshot_from_canonical
from app.store import forms
from app.store.forms import Use
from app.store.tables import bank_snapshot
from app.store.tables import form as form_table
from tests.packs import NOON, PILOTED, SHORT
from tests.store.bench import Bench, add_form, snapshot


def test_the_same_items_make_no_second_form(own: Bench) -> None:
    with own.database.writing() as tx:
        made, ids, version_id = snapshot(tx)
        version_ids = [ids[at.id] for at in own.form.positions]
        before = forms.uses(tx, SHORT)
        assert forms.add(tx, own.form, made, version_id, version_ids, NOON) is None
        assert forms.same(tx, own.form) == own.form_id
        assert forms.uses(tx, SHORT) == before


def test_a_form_comes_back_as_it_was_stored(bench: Bench) -> None:
    with bench.database.reading() as tx:
        assert forms.get(tx, bench.form_id).form == bench.form


def test_exposure_is_counted_for_each_form(own: Bench) -> None:
    with own.database.writing() as tx:
        other, _, _ = add_form(tx, seed=8)
        uses = forms.uses(tx, SHORT)
        assert forms.uses(tx, PILOTED) == {}
    for item_id in {at.id for at in (*own.form.positions, *other.positions)}:
        times = sum(item_id in {at.id for at in form.positions} for form in (own.form, other))
        assert uses[item_id] == Use(times, 0)


def test_what_was_on_an_earlier_form_was_seen(bench: Bench) -> None:
    who, stranger = bench.someone(), bench.someone()
    bench.start(who)
    with bench.database.reading() as tx:
        assert forms.seen(tx, who.id) == tuple(sorted(at.id for at in bench.form.positions))
        assert forms.seen(tx, stranger.id) == ()


def test_the_next_form_avoids_what_was_seen(bench: Bench) -> None:
    who = bench.someone()
    bench.start(who)
    with bench.database.reading() as tx:
        made, _, _ = snapshot(tx, seen=forms.seen(tx, who.id))
    form = assemble(made, 5)
    assert form.seen_before == 0
    assert not {at.id for at in form.positions} & {at.id for at in bench.form.positions}


def test_a_stored_snapshot_makes_the_same_form_again(bench: Bench) -> None:
    with bench.database.reading() as tx:
        row = tx.execute(
            select(form_table.c.seed, form_table.c.candidate_part, bank_snapshot.c.document)
            .join(bank_snapshot, bank_snapshot.c.sha256 == form_table.c.bank_sha256)
            .where(form_table.c.id == bench.form_id)
        ).one()
    made = snapshot_from_canonical(bank_from_canonical(row.document), row.candidate_part)
    again = assemble(made, row.seed)
    assert again == bench.form
    assert violations(again, made) == ()


def test_pilots_are_on_the_form_and_not_in_its_score(bench: Bench) -> None:
    with bench.database.writing() as tx:
        form, _, _ = add_form(tx, seed=bench.form_id + 1, exam_id=PILOTED)
    assert sum(not at.scored for at in form.positions) == 2
    assert len(form.conversion) == 7
