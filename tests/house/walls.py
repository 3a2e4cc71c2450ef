"""Checkers of the house's walls: who imports whom, who reads a clock or chance, how long a room is.

Each takes the folder that holds `app/` and returns one line for each breach.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST = 350
WHOLE_SCHEMA = "app/store/tables.py"  # on one page, however long

# Who may import whom, besides itself.
ALLOWED = {
    "top": {"top", "pages", "store", "formats", "exam", "psychometrics", "settings", "errors"},
    "pages": {"store", "formats", "exam", "psychometrics", "settings", "errors"},
    "store": {"exam", "psychometrics", "settings", "errors"},
    "formats": {"exam", "psychometrics", "settings", "errors"},
    "exam": {"psychometrics", "errors"},
    "psychometrics": set(),
    "settings": {"errors"},
    "errors": set(),
}
# Only for type checkers: an Invalid carries faults.
TYPES_ONLY = {("app.errors", "app.exam.faults")}

# The modules of a shelf that its other modules may import. In formats, `name` and `name_*` are one format.
SHARED = {
    "pages": {
        "render",
        "depends",
        "site",
        "errors",
        "sheets",
        "trace_plot",
        "credentials",
        "group_commit",
        "tally",
        "long_work",
        "turns",
        "background",
        "bank_shelf",
        "bank_forms",
        "staged",
        "publishing",
        "exports",
        "new_forms",
        "explained",
        "intake",
        "studying",
        "bearers",
        "reviewed",
        "meanings",
    },
    "store": {"tables", "database", "item_rows", "audit"},
    "formats": {
        *("archive", "fields", "reading", "registry", "source", "text", "yaml_tree"),
        *("contradictions", "decoding", "drafts", "markup", "media", "writing", "xml_tree"),
        *("columns", "keys", "loose", "table"),
    },
}
REGISTRY = "app.formats.registry"  # it lists every format

OUTSIDE = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "fastapi": {"top", "pages"},
    "starlette": {"top", "pages"},
    "jinja2": {"top", "pages"},
    "markupsafe": {"pages"},
    "uvicorn": {"top"},
    "highspy": {"psychometrics"},
    "typer": {"top"},
}

CLOCKS = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.process_time",
    "time.localtime",
    "time.gmtime",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "sqlalchemy.func.now",
    "sqlalchemy.func.current_timestamp",
}
CHANCES = {"uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getrandom", "random.SystemRandom"}
SEEDED = {
    "random.Random",
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "numpy.random.SeedSequence",
    "numpy.random.PCG64",
    "numpy.random.Philox",
    "numpy.random.MT19937",
}
BELOW_THE_CLOCK = {"store", "formats", "exam", "psychometrics", "settings", "errors"}


@dataclass(frozen=True, slots=True)
class Import:
    """One import: `target` is a module, or a name in one; `typing` when only type checkers see it."""

    target: str
    line: int
    typing: bool


def modules(root: Path) -> dict[str, Path]:
    """Every module under `root`/app by its dotted name; a package has the name of its folder."""
    found = {}
    for path in sorted((root / "app").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def shelf(module: str) -> str:
    """The shelf of a module of app; the modules that start the program are `top`."""
    name = module.partition("app.")[2].split(".", maxsplit=1)[0]
    return name if name in ALLOWED else "top"


def imports(path: Path, known: dict[str, Path]) -> Iterator[Import]:
    """All imports of a file. `from app.exam import item` imports app.exam.item where there is one."""
    tree = ast.parse(path.read_text("utf-8"))
    typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, id(node) in typing)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                yield Import(f"{'.' * node.level}{base}", node.lineno, id(node) in typing)
                continue
            for alias in node.names:
                inner_name = f"{base}.{alias.name}"
                yield Import(inner_name if inner_name in known else base, node.lineno, id(node) in typing)


def order_breaches(root: Path) -> list[str]:
    """Imports that run up the house, between siblings, or of a library on the wrong shelf."""
    known = modules(root)
    breaches = []
    for module, path in known.items():
        own = shelf(module)
        for found in imports(path, known):
            where = f"{path.relative_to(root)}:{found.line}"
            first = found.target.split(".")[0]
            if found.target.startswith("."):
                breaches.append(f"{where}: relative import {found.target}")
            elif first != "app":
                if own not in OUTSIDE.get(first, {own}):
                    breaches.append(f"{where}: {own} imports {first}")
            elif found.typing and (module, found.target) in TYPES_ONLY:
                continue
            elif shelf(found.target) != own:
                if shelf(found.target) not in ALLOWED[own]:
                    breaches.append(f"{where}: {own} imports {found.target}")
            elif _is_sibling(module, found.target):
                breaches.append(f"{where}: {module} imports its sibling {found.target}")
    return list(dict.fromkeys(breaches))


def _is_sibling(module: str, target: str) -> bool:
    own = shelf(module)
    if own not in SHARED or target == f"app.{own}" or module == REGISTRY:
        return False
    to, by = target.rpartition(".")[2], module.rpartition(".")[2]
    return to not in SHARED[own] and not (own == "formats" and _family(to) == _family(by))


def _family(name: str) -> str:
    return name.partition("_")[0]


def circles(root: Path) -> list[str]:
    """Import circles, each as the chain that closes it. What only type checkers import closes none."""
    known = modules(root)
    graph = {
        module: sorted({i.target for i in imports(path, known) if i.target in known and not i.typing})
        for module, path in known.items()
    }
    found: list[str] = []
    done: set[str] = set()

    def visit(module: str, chain: tuple[str, ...]) -> None:
        if module in chain:
            found.append(" > ".join((*chain[chain.index(module) :], module)))
        elif module not in done:
            for target in graph[module]:
                visit(target, (*chain, module))
            done.add(module)

    for module in graph:
        visit(module, ())
    return found


def impurities(root: Path) -> list[str]:
    """Places below pages and cli that read a clock or an unseeded source of chance."""
    breaches = []
    for module, path in modules(root).items():
        if shelf(module) not in BELOW_THE_CLOCK:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        names = _imported_names(tree)
        types = _annotations(tree)
        seeded = {id(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call) and _has_seed(call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute | ast.Name) and id(node) not in types:
                dotted = _dotted(node, names)
                if dotted and _is_impure(dotted, id(node) in seeded):
                    breaches.append(f"{path.relative_to(root)}:{node.lineno}: {module} uses {dotted}")
    return breaches


def _annotations(tree: ast.Module) -> set[int]:
    """The nodes that only name a type."""
    roots: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            roots.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            roots.append(node.returns)
    return {id(inner) for root in roots if root is not None for inner in ast.walk(root)}


def _imported_names(tree: ast.Module) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""


def _has_seed(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return bool(given) and not (isinstance(given[0], ast.Constant) and given[0].value is None)


def _is_impure(dotted: str, seeded: bool) -> bool:
    if dotted in CLOCKS or dotted in CHANCES or dotted.startswith("secrets."):
        return True
    if dotted in SEEDED:
        return not seeded
    return dotted.startswith(("random.", "numpy.random."))


def long_rooms(root: Path) -> list[str]:
    """Modules longer than a page can hold in mind."""
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in modules(root).values()}
    names = {path.relative_to(root).as_posix(): n for path, n in lengths.items()}
    return [f"{name}: {n} lines" for name, n in names.items() if n > LONGEST and name != WHOLE_SCHEMA]
