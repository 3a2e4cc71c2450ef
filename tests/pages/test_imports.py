"""The import pages: from a file to a pack and back, by whoever may; and nothing by halves."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import time
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from app import importing
from app.exam.item import Status
from app.exam.pack import Pack
from app.exam.person import Person, Role
from app.formats import native_write
from app.pages.staged import SMALL, keep, limits_for, plain_name
from app.store import imports, jobs, pack_access, packs, people, tables, uploads
from app.store.jobs import Job
from tests import packs as synthetic
from tests.journeys.world import Browser, World

CSV = """Question,Option 1,Option 2,Option 3,Correct Answer,Domain
"What lights the tower <b>at night</b>, {{7*7}}?",A lamp that the keeper lit,A bell,A gull,1,Light / Lamps
"Which two are heard in fog? (Select TWO.)",A horn,A lamp,A bell,"1,3",Fog
"Write an essay",,,,,Fog
"""
GIFT = "$CATEGORY: Fog\n\n::horn:: What is heard in fog? {=A horn ~A lamp ~A map}\n"
MOODLE = """<?xml version="1.0"?><quiz>
<question type="category"><category><text>$course$/top/Fog</text></category></question>
<question type="multichoice"><name><text>horn</text></name>
<questiontext format="html"><text><![CDATA[<p>What is heard?<script>alert(1)</script></p>]]></text></questiontext>
<single>true</single><answer fraction="100"><text>A horn</text></answer>
<answer fraction="0"><text>A lamp</text></answer></question>
<question type="essay"><name><text>e</text></name><questiontext><text>Write.</text></questiontext></question>
</quiz>"""
_numbers = count(1)


def upload(browser: Browser, name: str, content: str | bytes) -> Job:
    """Hand a file in and wait until it is read."""
    raw = content.encode() if isinstance(content, str) else content
    answer = browser.send("POST", "/packs/import", files={"file": (name, raw)})
    assert answer.status_code == 303, answer.text
    return ended(browser.world, answer)


def ended(world: World, answer: httpx.Response) -> Job:
    """The job that an answer leads to, once it has ended."""
    assert answer.status_code == 303, answer.text
    world.settle()
    with world.database.reading() as tx:
        return jobs.get(tx, int(answer.headers["location"].rpartition("/")[2]))


def staged(browser: Browser, name: str, content: str | bytes) -> str:
    """The address of the review of a file that was read here and not in a child process, which takes its time."""
    database, now = browser.world.database, browser.world.clock.now()
    sha256 = uploads.put(database, io.BytesIO(content.encode() if isinstance(content, str) else content), now)
    request: dict[str, Any] = {
        "upload": sha256,
        "file_name": name,
        "format": None,
        "columns": None,
        "as_of": "2026-11-23",
    }
    with database.reading() as tx:
        request["packs"] = sorted(pack_access.visible(tx, person(browser)))
    made = importing.read({**request, "database_url": database.url}, lambda _done, _total, _note: None)
    import_id = keep(database, person(browser), now, sha256, name, made)
    with database.writing() as tx:
        imports.stage(tx, import_id)
    return f"/packs/imports/{import_id}"


def person(browser: Browser) -> Person:
    """Who is logged in."""
    with browser.world.database.reading() as tx:
        return next(each for each in people.accounts(tx) if each.name == browser.name)


def confirm(browser: Browser, path: str, **fields: str) -> Job:
    """Confirm an import."""
    return ended(browser.world, browser.post(path, {"action": "confirm", **fields}))


def new_id() -> str:
    """The id of a pack that is not there yet."""
    return f"fresh-{next(_numbers)}"


def fresh(browser: Browser, path: str, title: str = "Fresh") -> str:
    """Confirm an import into a new pack; its id."""
    name = new_id()
    job = confirm(browser, path, target="new", pack_id=name, title=title)
    assert job.result is not None, job.note
    return name


def whole(world: World, pack_id: str) -> Pack:
    """A pack as it is in use."""
    with world.database.reading() as tx:
        return packs.whole(tx, pack_id)


def words(answer: httpx.Response) -> str:
    """The text of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def browser(world: World) -> Browser:
    """An instructor's browser."""
    return world.visitor(Role.INSTRUCTOR)


@pytest.fixture
def quick(sqlite_world: World) -> Browser:
    """An instructor's browser, for tests that need child processes and no second database."""
    return sqlite_world.visitor(Role.INSTRUCTOR)


def test_a_table_is_reviewed_and_becomes_a_pack_of_its_own(browser: Browser) -> None:
    job = upload(browser, "lamps.csv", CSV)
    assert job.result is not None, job.note
    path = job.result["see"]
    page = browser.get(path)
    assert "2 questions found" in words(page)
    assert "lamps.csv:4" in words(page)
    assert "1 single answer, 1 multiple answer" in words(page)
    made = whole(browser.world, fresh(browser, path))
    assert [item.domain for item in made.items] == ["D1", "D2"]
    assert [domain.title for domain in made.domains] == ["Light", "Fog"]
    assert {item.status for item in made.items} == {Status.DRAFT}
    assert "Imported" in words(browser.get(path))


def test_b17_what_an_item_says_is_shown_as_text_and_never_run(browser: Browser) -> None:
    page = browser.get(staged(browser, "<img src=x>.csv", CSV)).text
    assert "{{7*7}}" in page
    assert "<img src=x>" not in page
    assert "<script>alert" not in browser.get(staged(browser, "quiz.xml", MOODLE)).text


@pytest.mark.parametrize(("name", "content"), [("quiz.xml", MOODLE), ("quiz.txt", GIFT)])
def test_other_formats_are_told_from_their_content(browser: Browser, name: str, content: str) -> None:
    path = staged(browser, f"not-{name}.bin", content)
    assert "1 question found" in words(browser.get(path))
    made = whole(browser.world, fresh(browser, path))
    assert made.domains[0].title == "Fog"


def test_a_native_pack_keeps_its_domains_and_exams_and_can_be_sat(browser: Browser) -> None:
    name = new_id()
    exam = synthetic.exam(f"exam-{name}")
    items = [synthetic.item(f"{name}{n}", f"D{n % 2 + 1}", keys=1 + n % 2) for n in range(8)]
    given = synthetic.pack(exams=[exam], items=items)
    path = staged(browser, "towers.yaml", native_write.write(given))
    assert "8 of 8" in words(browser.get(path))
    job = confirm(browser, path, target="new", pack_id=name, title="Mine")
    assert job.result is not None, job.note
    sitting = browser.start(exam.id)
    assert {one.id for one in sitting.items.values()} <= {item.id for item in items}


def test_what_is_left_of_a_broken_file_is_what_is_wrong_with_it(browser: Browser) -> None:
    page = words(browser.get(staged(browser, "broken.xml", "<quiz><question type='multichoice'>")))
    assert "This file cannot be read" in page
    assert "broken.xml" in page
    assert "Where they go" not in page


def test_a_file_without_questions_cannot_be_confirmed(browser: Browser) -> None:
    path = staged(browser, "broken.xml", "<quiz></quiz>")
    job = confirm(browser, path, target="new", pack_id=new_id(), title="Empty")
    assert job.result is None
    assert "no question" in job.note


def test_a_file_that_is_too_large_is_refused_with_a_page(browser: Browser) -> None:
    before = browser.world.fingerprint()
    for headers in ({}, {"Accept": "text/plain"}):
        answer = browser.send(
            "POST", "/packs/import", files={"file": ("big.csv", b"x" * (21 * 2**20))}, headers=headers
        )
        assert answer.status_code == 413
        assert "at most 20 MB" in answer.text
        assert ("<html" in answer.text) is not bool(headers)
    assert browser.world.fingerprint() == before


def test_a_large_body_without_a_length_is_cut_off(browser: Browser) -> None:
    async def pieces() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(400):
            yield b"x" * 65536

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = browser.send("POST", "/packs/import", content=pieces(), headers=headers)
    assert answer.status_code == 413


def test_without_a_file_the_page_says_so(browser: Browser) -> None:
    answer = browser.send("POST", "/packs/import", files={"other": ("a", b"b")})
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text


def test_a_strangers_import_is_not_there(browser: Browser) -> None:
    path = staged(browser, "lamps.csv", CSV)
    stranger = browser.world.visitor(Role.INSTRUCTOR)
    before = browser.world.fingerprint()
    assert stranger.get(path).status_code == 404
    for way in ("", "/read", "/discard", "/undo"):
        assert stranger.post(f"{path}{way}", {"target": "new"}).status_code == 404
    assert "lamps.csv" not in stranger.get("/packs/imports").text
    assert browser.world.fingerprint() == before
    assert browser.world.visitor(Role.ADMIN).get(path).status_code == 200


def test_a_pack_that_is_not_open_to_somebody_is_no_target(browser: Browser) -> None:
    path = staged(browser, "lamps.csv", CSV)
    for fields in ({"target": "towers"}, {"target": "new", "pack_id": "towers", "title": "Mine"}):
        answer = browser.post(path, {"action": "confirm", **fields})
        assert answer.status_code == 422
    assert "towers" not in browser.get(path).text
    bad = browser.post(path, {"target": "new", "pack_id": "Not an id", "title": "x"})
    assert "small letters" in bad.text


def test_a_shared_pack_takes_items_and_keeps_what_it_had(browser: Browser) -> None:
    pack_id = fresh(browser, staged(browser, "lamps.csv", CSV))
    friend = browser.world.visitor(Role.INSTRUCTOR)
    friend_id = person(friend).id
    with browser.world.database.writing() as tx:
        tx.execute(tables.pack_share.insert().values(pack_id=pack_id, person_id=friend_id))
    before = whole(browser.world, pack_id)
    path = staged(friend, "more.gift", GIFT)
    job = confirm(friend, path, target=pack_id)
    assert job.result is not None, job.note
    after = whole(browser.world, pack_id)
    assert after.items[:2] == before.items
    assert len(after.items) == 3


def test_what_is_in_the_pack_word_for_word_is_left_as_it_is(browser: Browser) -> None:
    pack_id = fresh(browser, staged(browser, "lamps.csv", CSV))
    again = staged(browser, "lamps.csv", CSV)
    browser.post(again, {"action": "save", "target": pack_id})
    assert "2, word for word" in words(browser.get(again))
    job = confirm(browser, again, target=pack_id)
    assert job.result is None
    assert "Nothing was changed" in job.note
    changed = staged(browser, "lamps.csv", CSV + '"A new one, is it?",yes,no,,1,Fog\n')
    assert confirm(browser, changed, target=pack_id).result
    assert [item.version for item in whole(browser.world, pack_id).items] == [1, 1, 1]


def test_where_categories_go_is_said_once_and_remembered(browser: Browser) -> None:
    pack_id = fresh(browser, staged(browser, "lamps.csv", CSV))
    first = staged(browser, "more.gift", GIFT.replace("Fog", "Horns"))
    browser.post(first, {"action": "save", "target": pack_id})
    assert 'name="domain-0"' in browser.get(first).text
    assert confirm(browser, first, target=pack_id, **{"domain-0": "D2"}).result
    assert whole(browser.world, pack_id).items[-1].domain == "D2"
    second = staged(browser, "more.gift", GIFT.replace("Fog", "Horns").replace("horn::", "bell::"))
    assert confirm(browser, second, target=pack_id).result
    assert whole(browser.world, pack_id).items[-1].domain == "D2"


def test_f27_an_import_is_undone_and_attempts_that_used_it_stay_whole(browser: Browser) -> None:
    name = new_id()
    exam = synthetic.exam(f"exam-{name}")
    items = [synthetic.item(f"{name}{n}", f"D{n % 2 + 1}", keys=1 + n % 2) for n in range(8)]
    path = staged(browser, "t.yaml", native_write.write(synthetic.pack(exams=[exam], items=items)))
    assert confirm(browser, path, target="new", pack_id=name, title="Mine").result
    sitting = browser.start(exam.id)
    sitting.answer(3)
    assert browser.post(f"{path}/undo").status_code == 303
    assert "Undone" in words(browser.get(path))
    assert browser.get(f"/exams/{exam.id}").status_code == 404
    assert sitting.end().status_code == 303
    assert browser.get(sitting.report).status_code == 200
    assert browser.post(f"{path}/undo").status_code == 409


def test_only_the_last_import_is_undone(browser: Browser) -> None:
    first = staged(browser, "lamps.csv", CSV)
    pack_id = fresh(browser, first)
    second = staged(browser, "more.gift", GIFT)
    assert confirm(browser, second, target=pack_id).result
    assert browser.post(f"{first}/undo").status_code == 409
    assert browser.post(f"{second}/undo").status_code == 303
    assert len(whole(browser.world, pack_id).items) == 2
    assert browser.post(f"{first}/undo").status_code == 303
    with browser.world.database.reading() as tx:
        assert pack_id not in {each.id for each in packs.loaded(tx)}
    again = staged(browser, "lamps.csv", CSV)
    assert confirm(browser, again, target="new", pack_id=pack_id, title="Again").result
    assert len(whole(browser.world, pack_id).items) == 2


def test_the_format_can_be_overruled(quick: Browser) -> None:
    path = staged(quick, "quiz.txt", GIFT)
    job = ended(quick.world, quick.post(f"{path}/read", {"format": "markdown"}))
    assert job.result is not None
    assert quick.get(path).status_code == 404
    assert "Markdown or plain text" in quick.get(job.result["see"]).text
    assert quick.post(f"{job.result['see']}/read", {"format": "nonsense"}).status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "format_name"),
    [
        ("odd.csv", "F,Alpha,Beta,R\nWhat burns?,a lamp,a bell,1\nWhat rings?,a lamp,a bell,2\n", "csv"),
        ("odd.json", '[{"F": "What burns?", "Alpha": "a lamp", "Beta": "a bell", "R": "A"}]', "json"),
    ],
)
def test_columns_can_be_mapped_by_hand(quick: Browser, name: str, content: str, format_name: str) -> None:
    path = staged(quick, name, content)
    columns = {"column stem": "0", "column option 1": "1", "column option 2": "2", "column key": "3"}
    fields = {"format": format_name, "columns": "by-hand", **columns}
    job = ended(quick.world, quick.post(f"{path}/read", fields))
    assert job.result is not None, job.note
    page = quick.get(job.result["see"])
    assert "found" in words(page)
    assert "What burns?" in page.text
    assert "A lamp" in page.text or "a lamp" in page.text


def test_questions_are_shown_by_status_and_finding_25_at_a_time(browser: Browser) -> None:
    rows = "".join(f'"What is number {n} of these?",yes it is {n},no,perhaps,1,Fog\n' for n in range(30))
    path = staged(browser, "many.csv", CSV.partition("\n")[0] + "\n" + rows)
    page = browser.get(path).text
    assert page.count('class="staged-item"') == 25
    assert browser.get(f"{path}?start=25").text.count('class="staged-item"') == 5
    assert browser.get(f"{path}?status=draft&finding=required&start=25").text.count('"staged-item"') == 5
    assert "No question fits" in browser.get(f"{path}?status=ready").text


def test_what_is_discarded_goes_nowhere_and_is_in_the_history(browser: Browser) -> None:
    path = staged(browser, "lamps.csv", CSV)
    assert browser.post(f"{path}/discard").status_code == 303
    assert "Discarded" in words(browser.get("/packs/imports"))
    assert "Discarded" in words(browser.get(path))
    for way in ("", "/read", "/discard", "/undo"):
        assert browser.post(f"{path}{way}", {"target": "new"}).status_code == 409


def test_f37_nothing_is_half_imported_when_the_child_is_killed(browser: Browser) -> None:
    world = browser.world
    answer = browser.send("POST", "/packs/import", files={"file": ("lamps.csv", CSV.encode())})
    end = time.monotonic() + 30
    while not (children := readers()):
        assert time.monotonic() < end, "no child was started"
    for child in children:
        os.kill(child, signal.SIGKILL)
    job = ended(world, answer)
    assert job.result is None
    assert "stopped" in job.note
    assert "Nothing was imported yet" in words(browser.get("/packs/imports"))
    with world.database.reading() as tx:
        assert (
            tx.execute(select(tables.pack_import.c.id).where(tables.pack_import.c.state == "storing")).all()
            == []
        )


def readers() -> list[int]:
    """The processes that read a file for a server of this very process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if int(parent) == os.getpid() and command[-3:-1] == [b"app.work", b"import"]:
            found.append(int(folder.name))
    return found


def test_a_pack_that_is_taken_away_meanwhile_is_no_target(browser: Browser) -> None:
    pack_id = fresh(browser, staged(browser, "lamps.csv", CSV))
    path = staged(browser, "more.gift", GIFT)
    browser.post(path, {"action": "save", "target": pack_id})
    with browser.world.database.writing() as tx:
        tx.execute(update(tables.pack).where(tables.pack.c.id == pack_id).values(owner_id=None))
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"action": "confirm", "target": pack_id}).status_code == 422


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a/b\\c.csv", "c.csv"), ("\u202efdp.csv\x00", "fdp.csv"), ("///", "file"), ("x" * 999, "x" * 200)],
)
def test_the_name_of_a_file_is_its_last_part_without_what_does_not_show(given: str, kept: str) -> None:
    assert plain_name(given) == kept


def test_what_asks_the_same_as_an_item_of_a_bank_is_told_and_the_item_is_named(fresh_world: World) -> None:
    browser = fresh_world.visitor(Role.INSTRUCTOR)
    pack_id = fresh(browser, staged(browser, "lamps.csv", CSV), "Private lamps")
    (first, _) = whole(browser.world, pack_id).items
    again = staged(
        browser, "other.csv", CSV.replace("A gull", "A rope").replace("<b>at night</b>", "AT NIGHT")
    )
    page = words(browser.get(again))
    assert f"the stem is that of item {first.id} of Private lamps" in page
    assert "the text is that of item" in page
    assert "L33: " in browser.get(again).text
    assert browser.get(f"{again}?finding=L33").text.count('class="staged-item"') == 2
    stranger = browser.world.visitor(Role.INSTRUCTOR)
    assert "of Private lamps" not in words(stranger.get(staged(stranger, "lamps.csv", CSV)))


def test_what_is_in_the_pack_already_is_not_told_to_repeat_itself(browser: Browser) -> None:
    pack_id = fresh(browser, staged(browser, "lamps.csv", CSV))
    again = staged(browser, "lamps.csv", CSV)
    browser.post(again, {"action": "save", "target": pack_id})
    assert "of Fresh" not in words(browser.get(again))


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>1</script></svg>",
    "<a href='javascript:alert(1)'>a</a>",
    "[a](javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "<b hx-get=/x data-hx-on:click=alert(1)>b</b>",
    "<base href=//x><form action=//x><input name=role></form>",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    '"><script>alert(1)</script>',
    "</textarea></title></option><script>alert(1)</script>",
    "<style>*{display:none}</style><link rel=stylesheet href=//x>",
    "<math><mtext></p><script>alert(1)</script>",
    "{{7*7}} {% include 'x' %} ${7*7}",
)


class Elements(HTMLParser):
    """Every element of a page with its attributes, as a browser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element down."""
        self.found.append((tag, dict(attrs)))


def foreign(page: str, own: str) -> list[str]:
    """What is on a page that only hostile text can have brought, beside a page of our own without any."""
    known = {(tag, name) for tag, attributes in Elements(own).found for name in (*attributes, "")}
    return [
        f"{tag} {name}={value}"
        for tag, attributes in Elements(page).found
        for name, value in [*attributes.items(), ("", "")]
        if ((tag, name) not in known and (tag, name) not in {("a", "rel"), ("code", "")})
        or (name in ("href", "src", "action") and (value or "").strip()[:1] not in ("/", "?", "#"))
    ]


def test_b17_nothing_of_a_file_runs_on_any_page(browser: Browser) -> None:
    def table(texts: tuple[str, ...]) -> str:
        made = io.StringIO()
        rows = csv.writer(made)
        rows.writerow(("Question", "Option 1", "Option 2", "Correct Answer", "Explanation", "Domain"))
        rows.writerows(
            (f"What {n} {t}?", f"yes {t}", f"no {t}", "1", f"so {t}", t) for n, t in enumerate(texts)
        )
        return made.getvalue()

    pages: dict[str, list[str]] = {}
    for name, texts in (("plain", ("a", "b")), ("hostile", HOSTILE)):
        path = staged(browser, f"{texts[0]}.csv", table(texts))
        pack_id = fresh(browser, path)
        again = staged(browser, f"{texts[0]}.csv", table(texts))
        browser.post(again, {"action": "save", "target": pack_id})
        at = f"/packs/{pack_id}"
        shown = [path, again, "/packs/imports", at, f"{at}/items"]
        shown += [
            f"{at}/items/{item.id}{way}"
            for item in whole(browser.world, pack_id).items
            for way in ("", "/edit")
        ]
        pages[name] = [browser.get(one).text for one in shown]
    own = "".join(pages["plain"])
    assert [found for page in pages["hostile"] for found in foreign(page, own)] == []
    assert "{{7*7}}" in "".join(pages["hostile"])


def test_b17_what_would_run_is_caught() -> None:
    own = '<a href="/x">x</a><script src="/s"></script>'
    for bad in (
        "<img src=/x>",
        "<a href='javascript:1'>",
        "<a onclick=1>",
        "<script>1</script><script async>",
    ):
        assert foreign(own + bad, own), bad


def test_a_larger_file_may_take_longer_and_no_more_memory() -> None:
    small, large, largest = (limits_for(size) for size in (SMALL, SMALL + 1, 20 * 2**20))
    assert (small.cpu_seconds, large.cpu_seconds, largest.cpu_seconds) == (10, 13, 23)
    assert {small.megabytes, large.megabytes, largest.megabytes} == {256}
