"""Checkers of templates: each agrees with its context, a fragment is one element, nothing is inline.

Each takes the folder that holds `app/pages/` and `templates/` and returns one line for each breach.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import meta, nodes

from app.pages.render import environment

RENDERERS = {"html", "page", "fragment"}
EVERYWHERE = {"chrome", *environment().globals}
ELEMENT_IDS = {"attempts/_question.html": r"q\x00"}  # its element is one of many: q1, q2, …
EXPRESSION = "\x00"  # stands for a value in a skeleton
BODIES = (
    nodes.For | nodes.With | nodes.Scope | nodes.ScopedEvalContextModifier | nodes.Block | nodes.CallBlock
)
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
INLINE = re.compile(
    r"\bhx-on|\sstyle\s*=|<style\b|\son[a-z]+\s*=|\bjs:|javascript:|<script\b(?![^>]*\bsrc=)|<script\b[^>]*>\s*[^\s<]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ContextClass:
    """A page's context: the template that its docstring begins with, and its fields."""

    name: str
    template: str
    fields: frozenset[str]


def contexts(root: Path) -> dict[str, ContextClass]:
    """Every dataclass under app/pages whose docstring begins with the path of a template."""
    found = {}
    for path in sorted((root / "app" / "pages").glob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                template = re.match(r"([\w/]+\.html)\b", ast.get_docstring(node) or "")
                if template:
                    targets = [field.target for field in node.body if isinstance(field, ast.AnnAssign)]
                    names = [target.id for target in targets if isinstance(target, ast.Name)]
                    found[node.name] = ContextClass(node.name, template[1], frozenset(names))
    return found


def disagreements(root: Path) -> list[str]:
    """Names that a template uses and its context has not, fields it does not use, and strays of either."""
    known = contexts(root)
    sources = _sources(root)
    breaches = []
    ways = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    parts = {part for tree in sources.values() for part in _parts(tree, *ways)}
    for context in known.values():
        if context.template not in sources:
            breaches.append(f"{context.name}: there is no template {context.template}")
            continue
        used = _names(sources, context.template)
        for missing in sorted(used - context.fields - EVERYWHERE):
            breaches.append(f"{context.template} uses {missing}, which {context.name} has not")
        for surplus in sorted(context.fields - used):
            breaches.append(f"{context.template} does not use {context.name}.{surplus}")
    rendered = {context.template for context in known.values()}
    breaches += [f"{name} has no context" for name in sorted(sources.keys() - rendered - parts)]
    return breaches


def _sources(root: Path) -> dict[str, nodes.Template]:
    folder = root / "templates"
    return {
        path.relative_to(folder).as_posix(): environment().parse(path.read_text("utf-8"))
        for path in sorted(folder.rglob("*.html"))
    }


def _parts(tree: nodes.Template, *kinds: type[nodes.Stmt]) -> Iterator[str]:
    """The templates that this one extends, includes or imports."""
    for node in tree.find_all(kinds):
        constant: nodes.Expr = vars(node)["template"]
        if isinstance(constant, nodes.Const):
            yield constant.value


def _names(sources: dict[str, nodes.Template], name: str) -> set[str]:
    """The names that rendering `name` needs, its parent and its includes counted."""
    if name not in sources:
        return set()
    tree = sources[name]
    needed = set(meta.find_undeclared_variables(tree)) - set(_top_names(tree))
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx in ("store", "param")}
    for part in _parts(tree, nodes.Include):
        needed |= _names(sources, part) - own  # an include sees the loop around it
    for part in _parts(tree, nodes.Extends):
        needed |= _names(sources, part)
    return needed


def _top_names(tree: nodes.Template) -> Iterator[str]:
    """What a template sets anywhere, or imports or defines outside its blocks, and may use in them."""
    for assignment in tree.find_all((nodes.Assign, nodes.AssignBlock)):
        target: nodes.Node = vars(assignment)["target"]
        yield from (
            name.name for name in [target, *target.find_all(nodes.Name)] if isinstance(name, nodes.Name)
        )
    for node in tree.body:
        if isinstance(node, nodes.Import):
            yield node.target
        elif isinstance(node, nodes.FromImport):
            yield from (name if isinstance(name, str) else name[1] for name in node.names)
        elif isinstance(node, nodes.Macro):
            yield node.name


def wrong_renderings(root: Path) -> list[str]:
    """Calls that render a template with anything but its own context, or with something this cannot tell."""
    known = contexts(root)
    breaches = []
    for path in sorted((root / "app" / "pages").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        makers = {
            f.name: ast.unparse(f.returns)
            for f in ast.walk(tree)
            if isinstance(f, ast.FunctionDef) and f.returns is not None
        }
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for call in _calls(function):
                template, given = _template_and_context(call)
                if not template:
                    continue
                made = _class_of(given, function, makers)
                expected = {c.name for c in known.values() if c.template == template}
                if made not in expected:
                    where = f"{path.relative_to(root)}:{call.lineno}"
                    breaches.append(f"{where}: {template} is rendered with {made or 'something unknown'}")
    return breaches


def _calls(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    """The calls in a function, but not in the functions inside it: those are visited by themselves."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RENDERERS:
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _template_and_context(call: ast.Call) -> tuple[str, ast.expr | None]:
    for place, argument in enumerate(call.args):
        if isinstance(argument, ast.Constant) and str(argument.value).endswith(".html"):
            return str(argument.value), call.args[place + 1] if place + 1 < len(call.args) else None
    return "", None


def _class_of(
    given: ast.expr | None, function: ast.FunctionDef | ast.AsyncFunctionDef, makers: dict[str, str]
) -> str:
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Name):
        return makers.get(given.func.id, given.func.id)
    if not isinstance(given, ast.Name):
        return ""
    for argument in function.args.args + function.args.kwonlyargs:
        if argument.arg == given.id and argument.annotation is not None:
            return ast.unparse(argument.annotation)
    before = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and node.lineno < given.lineno
        and any(isinstance(target, ast.Name) and target.id == given.id for target in node.targets)
    ]
    if not before:
        return ""
    nearest = max(before, key=lambda node: node.lineno)
    return _class_of(nearest.value, function, makers) if isinstance(nearest.value, ast.Call) else ""


def broken_fragments(root: Path) -> list[str]:
    """Templates `_name.html` that render anything but one element whose id is `name`; files of macros may."""
    breaches = []
    for name, tree in _sources(root).items():
        stem = Path(name).stem
        if not stem.startswith("_") or _only_macros(tree):
            continue
        expected = ELEMENT_IDS.get(name, re.escape(stem.removeprefix("_")))
        for first in (True, False):
            roots, balanced = _top_elements(_skeleton(tree.body, first))
            if not balanced or len(roots) != 1:
                breaches.append(f"{name} is not one element")
                break
            if not re.fullmatch(expected, roots[0]):
                breaches.append(f"{name}: the id of its element is not {stem.removeprefix('_')}")
                break
    return breaches


def _only_macros(tree: nodes.Template) -> bool:
    return any(isinstance(node, nodes.Macro) for node in tree.body) and all(
        isinstance(node, nodes.Macro | nodes.Import | nodes.FromImport | nodes.Assign)
        or (isinstance(node, nodes.Output) and not _skeleton([node], True).strip())
        for node in tree.body
    )


def _skeleton(body: list[nodes.Node], first: bool) -> str:
    """The text of a template with one way through each `if`: the first branch, or the last."""
    text = ""
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                text += part.data if isinstance(part, nodes.TemplateData) else EXPRESSION
        elif isinstance(node, nodes.If):
            text += _skeleton(node.body if first else node.else_, first)
        elif isinstance(node, BODIES):
            text += _skeleton(node.body, first)
    return text


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.roots: list[str] = []
        self.balanced = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.open:
            self.roots.append(dict(attrs).get("id") or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.open:
            self.roots.append(dict(attrs).get("id") or "")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.balanced = False

    def handle_data(self, data: str) -> None:
        if not self.open and data.strip():
            self.balanced = False


def _top_elements(skeleton: str) -> tuple[list[str], bool]:
    parser = _Elements()
    parser.feed(skeleton)
    parser.close()
    return parser.roots, parser.balanced and not parser.open


def inline_code(root: Path) -> list[str]:
    """Inline styles, scripts and handlers, and htmx attributes that evaluate code: the policy forbids all."""
    breaches = []
    for path in sorted((root / "templates").rglob("*.html")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            found = INLINE.search(line)
            if found:
                breaches.append(f"{path.relative_to(root)}:{number}: {found[0].strip()}")
    return breaches
