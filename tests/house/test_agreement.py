"""Templates and contexts agree, fragments are one element, nothing is inline; each checker has its breach."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import ROOT
from tests.house import agreement


def test_templates_use_exactly_the_fields_of_their_contexts() -> None:
    assert agreement.disagreements(ROOT) == []


def test_every_template_is_rendered_with_its_own_context() -> None:
    assert agreement.wrong_renderings(ROOT) == []


def test_a_fragment_is_one_element_named_for_its_file() -> None:
    assert agreement.broken_fragments(ROOT) == []


def test_no_template_holds_inline_code() -> None:
    assert agreement.inline_code(ROOT) == []


PAGES = '''
class ListPage:
    """people/list.html. Everybody."""

    names: tuple[str, ...]
    total: int


class OtherPage:
    """people/other.html"""

    link: str


def good(request):
    context = ListPage((), 0)
    return page(request, "people/list.html", context)
'''
LOOP = "{% for name in names %}{{ name }}{% endfor %}{{ total }}"
LIST = f"{{% extends 'base.html' %}}{{% block main %}}{LOOP}{{% endblock %}}"


def site(root: Path, pages: str = PAGES, **templates: str) -> Path:
    """A site with these pages and templates: `people__list` is templates/people/list.html."""
    defaults = {"base": "{% block main %}{% endblock %}", "people__list": LIST, "people__other": "{{ link }}"}
    (root / "app" / "pages").mkdir(parents=True)
    (root / "app" / "pages" / "people.py").write_text(pages, "utf-8")
    for name, text in (defaults | templates).items():
        path = root / "templates" / f"{name.replace('__', '/')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_a_good_site_has_no_breach(tmp_path: Path) -> None:
    good = site(tmp_path)
    checks = (agreement.disagreements, agreement.wrong_renderings, agreement.broken_fragments)
    assert [check(good) for check in (*checks, agreement.inline_code)] == [[], [], [], []]


@pytest.mark.parametrize(
    ("templates", "breach"),
    [
        ({"people__list": LIST + "{{ age }}"}, "people/list.html uses age, which ListPage has not"),
        ({"people__list": LIST.replace("{{ total }}", "")}, "people/list.html does not use ListPage.total"),
        ({"base": "{{ motto }}"}, "people/list.html uses motto, which ListPage has not"),
        ({"people__lonely": "alone"}, "people/lonely.html has no context"),
        (
            {"people__other": "{% include 'people/part.html' %}{{ link }}", "people__part": "{{ lost }}"},
            "people/other.html uses lost, which OtherPage has not",
        ),
    ],
)
def test_a_template_and_a_context_that_disagree_are_caught(
    tmp_path: Path, templates: dict[str, str], breach: str
) -> None:
    assert agreement.disagreements(site(tmp_path, **templates)) == [breach]


def test_an_include_sees_the_loop_around_it(tmp_path: Path) -> None:
    row = "{{ name }}"
    page = LIST.replace("{{ name }}", "{% include 'people/row.html' %}")
    assert agreement.disagreements(site(tmp_path, people__list=page, people__row=row)) == []


def test_what_a_template_sets_or_imports_may_be_used_in_its_blocks(tmp_path: Path) -> None:
    imports = "{% import 'people/bars.html' as bars %}{% from 'people/bars.html' import bar as one %}"
    top = f"{imports}{{% set n = total %}}"
    page = LIST.replace("{% block main %}", f"{top}{{% block main %}}").replace(
        "{{ total }}", "{{ n }}{{ bars.bar(1) }}{{ one(1) }}"
    )
    bars = "{% macro bar(x) %}{{ x }}{% endmacro %}"
    assert agreement.disagreements(site(tmp_path, people__list=page, people__bars=bars)) == []


def test_a_context_without_a_template_is_caught(tmp_path: Path) -> None:
    pages = PAGES + 'class Gone:\n    """people/gone.html"""\n'
    assert agreement.disagreements(site(tmp_path, pages)) == ["Gone: there is no template people/gone.html"]


@pytest.mark.parametrize(
    "body",
    [
        'return page(request, "people/list.html", OtherPage(""))',
        'context = OtherPage("")\n    return page(request, "people/list.html", context)',
        'return fragment("people/list.html", {"names": ()})',
        'return html("people/list.html", made_elsewhere.context)',
        'return html("people/unknown.html", OtherPage(""))',
    ],
)
def test_a_template_rendered_with_another_context_is_caught(tmp_path: Path, body: str) -> None:
    pages = f"{PAGES}\n\ndef bad(request):\n    {body}\n"
    assert len(agreement.wrong_renderings(site(tmp_path, pages))) == 1


def test_a_context_made_by_a_helper_is_known_by_what_it_returns(tmp_path: Path) -> None:
    helper = "def _made() -> OtherPage: ...\n"
    pages = f"{PAGES}\n\n{helper}\n\ndef other():\n    return html('people/other.html', _made())\n"
    assert agreement.wrong_renderings(site(tmp_path, pages)) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p id="row">a</p><p>b</p>',
        '<p id="wrong">a</p>',
        "<p>a</p>",
        '<p id="row">a',
        'text <p id="row">a</p>',
        '{% if link %}<p id="row">a</p>{% else %}<b>none</b>{% endif %}',
        '{% if link %}<p id="row">a</p>{% endif %}',
    ],
)
def test_a_fragment_that_is_not_its_one_element_is_caught(tmp_path: Path, text: str) -> None:
    assert len(agreement.broken_fragments(site(tmp_path, people___row=text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<p id="row">{% if link %}<b>a</b>{% else %}<i>b</i><br>{% endif %}</p>\n',
        "{% macro bar(x) %}<p>{{ x }}</p>{% endmacro %}\n",
    ],
)
def test_one_element_and_a_file_of_macros_are_no_breach(tmp_path: Path, text: str) -> None:
    assert agreement.broken_fragments(site(tmp_path, people___row=text)) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        '<script>go()</script><script src="/a.js">',
        '<script src="/a.js">go()</script>',
        '<button onclick="go()">',
        '<button hx-on:click="go()">',
        """<button hx-vals='js:{a: b()}'>""",
        '<a href="javascript:go()">',
    ],
)
def test_inline_code_is_caught(tmp_path: Path, text: str) -> None:
    assert len(agreement.inline_code(site(tmp_path, people__other=text))) == 1


def test_a_script_of_our_own_is_no_breach(tmp_path: Path) -> None:
    script = '<script type="module" src="{{ static(\'exam.js\') }}"></script>{{ link }}'
    assert agreement.inline_code(site(tmp_path, people__other=script)) == []
