"""Images of items on every page that shows items, as they are sent, and on their way in and out."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from app import exporting, loading
from app.exam.item import Status
from app.exam.person import Role
from app.formats import registry
from app.pages.render import inline_markdown, markdown
from tests import pictured
from tests.images import NAME, PNG, drawn, file
from tests.journeys.world import Browser, World
from tests.packs import NOON
from tests.pages.test_imports import fresh, staged, upload, whole
from tests.pictured import MEDIA, OPTION, RATIONALE, STEM

HASH = NAME[len("media/") :][:64]
IMAGE = re.compile(r"<img[^>]*>")
MOODLE = f"""<?xml version="1.0"?><quiz><question type="multichoice"><name><text>map</text></name>
<questiontext format="html"><text><![CDATA[<p>Where is it? <img src="@@PLUGINFILE@@/key-is-a.png" alt="A map"></p>]]>
</text><file name="key-is-a.png" path="/" encoding="base64">{base64.b64encode(PNG).decode()}</file></questiontext>
<single>true</single><answer fraction="100"><text>Here</text></answer>
<answer fraction="0"><text>There</text></answer></question></quiz>"""
REMOTE = MOODLE.replace("@@PLUGINFILE@@", "http://images.example")


@pytest.fixture
def shelf(world: World, tmp_path: Path) -> World:
    """A world with the pack of images."""
    loading.load(world.database, pictured.write(tmp_path, pictured.pack()), NOON)
    return world


def images(page: str) -> list[str]:
    """The images of a page, each once."""
    return list(dict.fromkeys(IMAGE.findall(page)))


def test_an_image_is_sent_so_that_it_can_do_nothing_but_be_seen(shelf: World) -> None:
    answer = shelf.browser().get(f"/media/{STEM.image.sha256}")
    assert (answer.status_code, answer.content) == (200, STEM.content)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    "name", ["0" * 64, STEM.image.sha256[:-1], STEM.image.sha256 + ".png", "x", "..%2fx"]
)
def test_nothing_else_is_sent(shelf: World, name: str) -> None:
    answer = shelf.browser().get(f"/media/{name}")
    assert answer.status_code == 404
    assert "no-store" in answer.headers["cache-control"]


def test_the_exam_shows_the_images_of_its_items_at_once_and_nothing_moves_when_they_come(
    shelf: World,
) -> None:
    sitting = shelf.browser().start(pictured.EXAM)
    page = sitting.browser.get(sitting.path).text
    assert page.count(f'src="/media/{STEM.image.sha256}"') == sitting.length
    assert page.count(f'src="/media/{OPTION.image.sha256}"') == sitting.length
    assert 'width="1200" height="500"' in page
    assert 'alt="The rock, the tower and the reef"' in page
    assert "loading=" not in page
    assert page.count('<details class="figure"') == sitting.length, "those of options do not open"


def test_x01_an_image_tells_nothing_and_that_of_the_rationale_comes_after_the_end(shelf: World) -> None:
    sitting = shelf.browser().start(pictured.EXAM)
    before = sitting.browser.get(sitting.path).text
    assert RATIONALE.image.sha256 not in before
    for shown in images(before):
        assert re.fullmatch(r'<img src="/media/[0-9a-f]{64}" alt="[^"]*" width="\d+" height="\d+">', shown)
    sitting.end()
    after = sitting.browser.get(f"{sitting.report}/review").text
    for one in (STEM, OPTION, RATIONALE):
        assert f"/media/{one.image.sha256}" in after


def test_a_pack_is_exported_with_its_images_and_comes_back_the_same(shelf: World) -> None:
    made = exporting.exported(shelf.database, "pictured", "native")
    again = registry.read_upload(made.name, made.content)
    assert again.pack == whole(shelf, "pictured") == pictured.pack()
    assert again.media == MEDIA
    for name in ("moodle", "qti21", "qti30"):
        made = exporting.exported(shelf.database, "pictured", name)
        again = registry.read_upload(made.name, made.content)
        assert again.pack is not None
        assert again.media == MEDIA
        assert [one.media for one in again.pack.items] == [one.media for one in pictured.pack().items]
        assert [one.stem for one in again.pack.items] == [one.stem for one in pictured.pack().items]
    made = exporting.exported(shelf.database, "pictured", "csv")
    assert registry.read_upload(made.name, made.content).media == MEDIA
    made = exporting.exported(shelf.database, "pictured", "gift")
    assert sum("only their descriptions" in left.what for left in made.left) == len(pictured.pack().items)


def test_a_file_with_an_image_is_imported_by_a_child_process_and_shown(sqlite_world: World) -> None:
    browser = sqlite_world.visitor(Role.INSTRUCTOR)
    job = upload(browser, "map.xml", MOODLE)
    assert job.result is not None, job.note
    page = browser.get(job.result["see"]).text
    assert images(page) == [f'<img src="/media/{HASH}" alt="A map" width="8" height="6">']
    assert "key-is-a" not in page
    assert browser.get(f"/media/{HASH}").content == PNG
    (item,) = whole(sqlite_world, fresh(browser, job.result["see"])).items
    assert (item.stem, item.media, item.status) == (f"Where is it? ![A map]({NAME})", (NAME,), Status.DRAFT)


def test_a_draft_says_that_its_image_says_nothing(world: World) -> None:
    browser = world.visitor(Role.INSTRUCTOR)
    page = browser.get(staged(browser, "map.xml", MOODLE.replace('alt="A map"', 'alt="key-is-a.png"'))).text
    assert "does not say what is to be seen" in page


def test_x15_an_image_on_the_web_is_not_fetched_and_that_is_said(world: World) -> None:
    browser = world.visitor(Role.INSTRUCTOR)
    path = staged(browser, "map.xml", REMOTE)
    page = browser.get(path).text
    assert images(page) == []
    assert "from where nothing is fetched" in page
    (item,) = whole(world, fresh(browser, path)).items
    assert (item.media, item.status) == ((), Status.DRAFT)
    assert item.stem == "Where is it? \\[image: A map\\]"


HOSTILE = [
    "![x](http://images.example/a.png)",
    "![x](javascript:alert)",
    "![x](media/a.png)",
    f"![x]({NAME}.svg)",
    '<img src=x onerror="alert(1)">',
    "![x](/people/log-out)",
    "![x](data:image/svg+xml;base64,AA==)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_other_image_is_ever_shown(text: str) -> None:
    assert "<img" not in markdown(text) + inline_markdown(text)


def test_what_an_image_shows_is_text_wherever_it_stands() -> None:
    shown = markdown(f'![a "b" <script>&]({NAME})\n\n- ![c]({NAME})\n\n| ![d]({NAME}) |\n| --- |')
    assert 'alt="a &quot;b&quot; &lt;script&gt;&amp;"' in shown
    assert len(images(shown)) == 3
    assert "<p></p>" not in shown


def test_a_wide_image_in_a_text_leaves_no_empty_paragraph() -> None:
    shown = markdown(
        f"Before ![The rock]({STEM.image.name}) after\n\n![The rock]({STEM.image.name})\n\n- ![x]({STEM.image.name})"
    )
    assert shown.count("<details") == 3
    assert "<p>Before </p>" in shown
    assert "<p> after</p>" in shown
    assert not re.search(r"<p>\s*</p>", shown)


def added(browser: Browser, path: str, fields: dict[str, str], content: bytes) -> str:
    """Send the form of an item with an image; the page that comes back."""
    answer = browser.send(
        "POST", path, data={"action": "image", **fields}, files={"image": ("a.png", content)}
    )
    assert answer.status_code in (200, 422), answer.text
    return answer.text


def new_item(browser: Browser) -> str:
    return f"/packs/{fresh(browser, staged(browser, 'map.xml', MOODLE))}/new-item"


WRITTEN = {"id": "lamp", "stem": "It burns.\r\n\r\nWhat is it?", "option_text": "A lamp", "note": "Mine"}


def test_an_image_is_put_into_the_stem_before_the_question_and_saved(sqlite_world: World) -> None:
    browser = sqlite_world.visitor(Role.INSTRUCTOR)
    path = new_item(browser)
    page = added(browser, path, {**WRITTEN, "image_alt": "A [new] lamp"}, file(drawn(), compress_level=0))
    line = f"![A \\[new\\] lamp]({NAME})"
    assert f"It burns.\n\n{line}\n\nWhat is it?</textarea>" in page
    assert 'value="Mine"' in page
    assert 'name="image_alt" type="text" value=""' in page
    saved = {**WRITTEN, "stem": f"It burns.\n\n{line}\n\nWhat is it?", "action": "save"}
    preview = browser.post(path.replace("new-item", "preview"), {**saved, "option_text": ["A", "B"]}).text
    assert images(preview) == [f'<img src="/media/{HASH}" alt="A [new] lamp" width="8" height="6">']
    answer = browser.post(path, {**saved, "option_text": ["A", "B"]})
    assert answer.status_code == 303, answer.text
    assert f"/media/{HASH}" in browser.get(answer.headers["location"]).text
    made = whole(sqlite_world, path.split("/")[2]).items[-1]
    assert (made.id, made.media) == ("lamp", (NAME,))
    gone = browser.post(
        f"{answer.headers['location']}/edit", {**saved, "stem": "What?", "option_text": ["A", "B"]}
    )
    assert gone.status_code in (303, 409)


@pytest.mark.parametrize(
    ("alt", "content", "said"),
    [
        ("", PNG, "Say what the image shows"),
        ("A lamp", b"", "Choose a file first"),
        ("A lamp", b"<svg/>", "SVG is not taken"),
        ("x" * 501, PNG, "At most 500 characters"),
    ],
)
def test_an_image_that_cannot_be_taken_loses_nothing_of_the_form(
    sqlite_world: World, alt: str, content: bytes, said: str
) -> None:
    browser = sqlite_world.visitor(Role.INSTRUCTOR)
    page = added(browser, new_item(browser), {**WRITTEN, "image_alt": alt}, content)
    assert said in page
    assert "What is it?</textarea>" in page
    assert 'value="Mine"' in page
    assert f'value="{alt}"' in page


def test_an_item_cannot_show_an_image_that_is_not_there(world: World) -> None:
    browser = world.visitor(Role.INSTRUCTOR)
    stem = f"![x](media/{'0' * 64}-8x6.png)\n\nWhat?"
    answer = browser.post(
        new_item(browser), {**WRITTEN, "stem": stem, "option_text": ["A", "B"], "action": "save"}
    )
    assert answer.status_code == 422
    assert "there is no image" in answer.text


def test_b16_the_largest_image_that_is_taken_fits_into_the_memory_of_the_child(sqlite_world: World) -> None:
    browser = sqlite_world.visitor(Role.INSTRUCTOR)
    large = drawn(3_800, 2_200, mode="RGBA")
    large.putpixel((0, 0), (0, 0, 0, 0))
    page = added(
        browser, new_item(browser), {**WRITTEN, "image_alt": "A lamp"}, file(large, compress_level=1)
    )
    assert "-2000x1158.png)" in page
