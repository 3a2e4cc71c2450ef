"""Foreign text becomes Markdown that shows the same, and nothing that runs comes through."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.formats.markup import (
    Gathered,
    Marked,
    from_html,
    from_markdown,
    from_mixed,
    from_plain,
    unescaped_twice,
)
from app.formats.media import Name, Refusal
from app.formats.text import mended, problem

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
PIXEL = "media/pixel.png"


def pixel(address: str) -> Name:
    """What an image is called where there is only one."""
    return PIXEL if address == "p.png" else Refusal("there is no such pixel")


PIECES = re.split(
    " ",
    "<p> </p> <b> </b> <i> <ul> <li> </ul> <table> <tr> <td> <pre> <code> </code> <br> <img src=x> <a href=y> </a> "
    "<script> <!-- --> <![CDATA[ ]]> & &lt; &#0; &#xd800; <sup> 2 </sup> < > text | ` * <body> </html>",
)


def shown(markdown: str) -> str:
    """What a reader sees of Markdown, white space aside."""
    rendered = re.sub(r"<(br|/p|/li|/td|/tr)[^>]*>", " ", MARKDOWN.render(markdown))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", rendered)).split())


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/><br/>Three", "One\\\nTwo\n\nThree"),
        (
            "a <b>bold</b>, <i>slanted</i>, <strong><em>both</em></strong>",
            "a **bold**, *slanted*, ***both***",
        ),
        ("<b> bold </b>word", "**bold** word"),
        ("foo<b>(bar)</b>baz", "foo(bar)baz"),
        ("<i>a</i><b>b</b>", "*a***b**"),
        ("<b>a<br>b</b>", "**a**\\\n**b**"),
        ("run <code>a  `b`</code>", "run `` a `b` ``"),
        ("<code>a</code><code>b</code>`", "`a` `b`\\`"),
        ("<pre>a\n  b &lt;c&gt;</pre>", "```\na\n  b <c>\n```"),
        ('<pre><code class="language-sh">a</code></pre>', "```sh\na\n```"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
        ('<ol start="3"><li>a</li><li><p>b</p><p>c</p></li></ol>', "3. a\n4. b\n\n   c"),
        (
            "<table><tr><th>a|b<th>c<tr><td><p>1</p><p>2</p><td></table>",
            "| a\\|b | c |\n| --- | --- |\n| 1 2 |  |",
        ),
        ("<table><tr><td>alone</td></tr></table>", "alone"),
        ("x<sup>2</sup>, H<sub>2</sub>O, a<sup>xy</sup>", "x², H₂O, a^xy"),
        ("<h2>Head</h2>text", "**Head**\n\ntext"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("caf&eacute; &amp; &lt;b&gt; &amp;amp;", "café & \\<b> \\&amp;"),
        ("a&nbsp;&nbsp;b", "a b"),
        ("<p></p><p>&nbsp;</p>", ""),
        ("# a\n# b", "\\# a\n\\# b"),
        ("<p>a\n<b>b\nc</b>\n- d</p>", "a\n**b\nc**\n\\- d"),
        ("<p>\na\n  b\n\nc<br>\nd\n</p>", "a b c\\\nd"),
        ("<h3></h3><h4>\n  a </h4>", "**a**"),
        ("<span><p>a</p>b</span>", "a\n\nb"),
        ("2 < 3 and 4 > 3", "2 < 3 and 4 > 3"),
        ("<o:p>office</o:p>", "office"),
    ],
)
def test_html_becomes_markdown(source: str, markdown: str) -> None:
    assert from_html(source).text == markdown


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>x",
        '<p onclick="alert(1)" hx-get="/x" style="color:red" id="main">x</p>',
        "<style>p{}</style>x",
        '<iframe src="javascript:alert(1)"></iframe>x',
        '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)">y</a></svg>x',
        '<form action="/"><input value="y"><button>y</button></form>x',
        '<base href="http://localhost/">x',
        "<!-- alert(1) --><?php alert(1) ?>x",
    ],
)
def test_b18_what_runs_or_styles_is_dropped(source: str) -> None:
    assert from_html(source).text == "x"


def test_dropped_content_is_named() -> None:
    assert from_html("<video src=a></video><script>1</script><video src=b></video>").dropped == (
        "video",
        "script",
    )


def test_a_link_leaves_its_text_and_its_address_beside_it() -> None:
    marked = from_html(
        'see <a href="https://example.org/a_b">the page</a>, <a href="javascript:alert(1)">this</a>'
    )
    assert marked == Marked("see the page, this", links=("https://example.org/a_b", "javascript:alert(1)"))


def test_an_image_of_the_pack_keeps_its_alternative_text() -> None:
    marked = from_html('<p><img src="p.png" alt="A [small] pixel"></p>', pixel)
    assert marked == Marked(f"![A \\[small\\] pixel]({PIXEL})", images=(PIXEL,))


def test_an_image_that_cannot_be_had_leaves_a_remark() -> None:
    marked = from_html('a<img src="http://localhost/p.png" alt="Pixel">b')
    assert (shown(marked.text), marked.missing) == ("a [image: Pixel] b", ("http://localhost/p.png",))
    assert marked.reasons == ("http://localhost/p.png (it is not in the file)",)


def test_an_image_cannot_be_put_together_out_of_pieces() -> None:
    marked = from_html("!<span>[x]</span><span>(http://localhost/p.png)</span>")
    assert "<img" not in MARKDOWN.render(marked.text)


def test_plain_text_keeps_its_lines() -> None:
    assert from_plain(" a\nb \n \nc").text == "a\\\nb\n\nc"


def test_markdown_is_left_as_it_is() -> None:
    text = "a *b* `c<d>`\n\n- x\n- y\n\n```\n<b>\n```"
    assert from_markdown(text) == Marked(text)


def test_markdown_with_html_links_or_images_has_none_after() -> None:
    text = "a<br>*b* <script>x</script> [c](http://localhost/) ![d](p.png)\n\n# e"
    marked = from_markdown(text, pixel)
    assert marked.text == f"a\\\n*b* c ![d]({PIXEL})\n\n**e**"
    assert (marked.images, marked.links, marked.dropped) == ((PIXEL,), ("http://localhost/",), ("script",))


@pytest.mark.parametrize(
    ("given_html", "mended_html"),
    [
        ("&lt;p&gt;a &amp;lt; b&lt;/p&gt;", "<p>a &lt; b</p>"),
        ("<p>&lt;p&gt;</p>", "<p>&lt;p&gt;</p>"),
        ("a &lt; b &gt; c", "a &lt; b &gt; c"),
    ],
)
def test_html_that_was_escaped_twice_is_unescaped_once(given_html: str, mended_html: str) -> None:
    assert unescaped_twice(given_html) == mended_html


_signs = st.sampled_from(list("ab 1.)(#>-+*_`~=|[]!<>&;:\\/\n\t\"'é{}^"))


@settings(max_examples=200)
@given(st.text(_signs, max_size=40) | st.text(max_size=40))
def test_plain_text_shows_as_it_is(text: str) -> None:
    clean = mended(text)[0]
    assert shown(from_plain(clean).text) == " ".join(clean.split())


@settings(max_examples=120)
@given(st.lists(st.text(_signs, max_size=12), min_size=1, max_size=6), st.data())
def test_html_shows_the_text_that_it_has(texts: list[str], data: st.DataObject) -> None:
    tags = [data.draw(st.sampled_from(["p", "b", "i", "span", "em", "strong", "u", "div"])) for _ in texts]
    source = "".join(f"<{tag}>{html.escape(text)}</{tag}>" for tag, text in zip(tags, texts, strict=True))
    expected = "".join(f" {t} " if tag in ("p", "div") else t for tag, t in zip(tags, texts, strict=True))
    assert shown(from_html(source).text).replace(" ", "") == "".join(expected.split())


@settings(max_examples=120)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(PIECES),
        max_size=20,
    ).map(" ".join)
)
def test_any_html_becomes_text_that_an_item_may_hold(source: str) -> None:
    for marked in (from_html(source), from_markdown(source), from_plain(source)):
        assert problem(mended(marked.text)[0]) is None
        assert not re.search(r"<(script|img|a|iframe)\b", MARKDOWN.render(marked.text))


def test_deep_html_is_read() -> None:
    assert "x" in from_html("<b>" * 200 + "x").text
    from_html("<div>" * 100_000 + "x")
    from_html("<ul><li>" * 20_000 + "x")


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("Which is a List<String>?\nSay.", "Which is a List\\<String>?\\\nSay."),
        ("a <b>b</b>\nc", "a **b**\\\nc"),
        ("<p>a\nb</p>", "a\nb"),
        ("a &amp; b &nbsp; R&D", "a & b R&D"),
        ("Map<K,V> is <i>x</i>", "Map\\<K,V> is *x*"),
        ("AT&T; x", "AT\\&T; x"),
    ],
)
def test_typed_text_may_hold_html_and_things_that_look_like_it(source: str, markdown: str) -> None:
    assert from_mixed(source).text == markdown


def test_the_texts_of_a_question_are_summed_up() -> None:
    texts = Gathered()
    stem = texts.take(from_html('<img src="p.png"> <a href="/x">x</a>', pixel))
    texts.take(from_html('<img src="p.png"><img src="q.png"><video></video>', pixel))
    assert stem == f"![]({PIXEL}) x"
    assert texts.unmapped == {"links": ["/x"], "missing_images": ["q.png"], "dropped_elements": ["video"]}
    assert [rule for rule, _ in texts.notes] == ["missing-image", "dropped-content"]
    assert "q.png (there is no such pixel)" in texts.notes[0][1]
    assert Gathered().notes == ()
