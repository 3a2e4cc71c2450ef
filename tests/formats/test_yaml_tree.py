"""YAML and JSON to values with lines; everything that surprises is refused at its line."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.yaml_tree import MAX_DEPTH, MAX_FAULTS, Node, parse, plain


def value_of(content: str) -> object:
    tree, faults = parse("f.yaml", content.encode())
    assert faults == ()
    assert tree is not None
    return plain(tree)


def first_fault(content: bytes) -> tuple[str, int | None]:
    _, faults = parse("f.yaml", content)
    return faults[0].rule, faults[0].at.line


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("2026-11-23", "2026-11-23"),
        ("12:30:45", "12:30:45"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("1.0.0", "1.0.0"),
        ("1_000", "1_000"),
        ("'true'", "true"),
        ('"12"', "12"),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    got = value_of(f"a: {written}")
    assert got == {"a": meant}
    assert isinstance(got, dict)
    assert type(got["a"]) is type(meant)


def test_every_node_knows_its_line() -> None:
    tree, _ = parse("f.yaml", b"a: 1\nb:\n  - x\n  - y: |\n      text\n    z: 2\n")
    assert tree is not None
    assert isinstance(tree.value, dict)
    rest = tree.value["b"]
    assert rest.line == 2
    assert isinstance(rest.value, list)
    assert [node.line for node in rest.value] == [3, 4]
    assert isinstance(rest.value[1].value, dict)
    assert {name: node.line for name, node in rest.value[1].value.items()} == {"y": 4, "z": 6}


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"a: 1\nb: &x 2\n", "anchor", 2),
        (b"a: 1\nb: [*x]\n", "alias", 2),
        (b"a: 1\nb: !!python/object/apply:os.system [ls]\n", "tag", 2),
        (b"a: !!str 1\n", "tag", 1),
        (b"a: 1\n\na: 2\n", "duplicate-key", 3),
        (b'{"a": 1,\n"a": 2}', "duplicate-key", 2),
        (b"<<: {a: 1}\n", "merge-key", 1),
        (b"? [a, b]\n: c\n", "complex-key", 1),
        (b"a: .nan\n", "not-a-number", 1),
        (b'{"a": NaN}', "not-a-number", 1),
        (b'{"a": -Infinity}', "not-a-number", 1),
        (b"a: 1e999\n", "not-a-number", 1),
        (b"a: " + b"9" * 1_000_000, "huge-integer", 1),
        (b"a: 1\n---\nb: 2\n", "several-documents", 2),
        (b"a: 1\nb: c: d\n", "syntax", 2),
        (b"a: [1, 2\n", "syntax", 2),
        (b"a: 1\nb: \x07\n", "syntax", 2),
        (b'a: 1\nb: "\\ud800"\n', "syntax", 2),
        (b"a: 1\nb: \xff\n", "not-utf-8", 2),
        (b"", "empty", 1),
        (b"# only a remark\n", "empty", 1),
    ],
)
def test_b09_b10_what_surprises_is_refused_at_its_line(content: bytes, rule: str, line: int) -> None:
    assert first_fault(content) == (rule, line)


@pytest.mark.parametrize("opening", [b"[", b"{a: ", b"- "])
def test_b08_deep_nesting_is_refused_quickly(opening: bytes) -> None:
    began = time.process_time()
    rule, _ = first_fault(opening * 100_000)
    assert rule in ("too-deep", "syntax")
    assert time.process_time() - began < 10  # far above what it takes


def test_nesting_up_to_the_limit_is_read() -> None:
    _, faults = parse("f.yaml", b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert faults == ()
    assert first_fault(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)) == ("too-deep", 1)


def test_b09_an_alias_bomb_is_never_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    _, faults = parse("bomb.yaml", "\n".join(lines).encode())
    assert {fault.rule for fault in faults} == {"anchor", "alias", "too-many-faults"}


def test_a_flood_of_faults_stops() -> None:
    _, faults = parse("f.yaml", b"a: 1\n" * 100_000)
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].rule == "too-many-faults"


def test_several_faults_of_one_file_are_found_together() -> None:
    _, faults = parse("f.yaml", b"a: &x 1\nb: !t 2\nb: 3\n")
    assert [(fault.rule, fault.at.line) for fault in faults] == [
        ("anchor", 1),
        ("tag", 2),
        ("duplicate-key", 3),
    ]


def test_keys_that_differ_only_in_composition_are_the_same() -> None:
    assert first_fault("é: 1\ne\u0301: 2\n".encode()) == ("duplicate-key", 2)


def test_a_key_is_kept_as_it_was_written() -> None:
    assert value_of("\ufa2a: 1\n") == {"\ufa2a": 1}


def test_a_byte_order_mark_does_no_harm() -> None:
    tree, faults = parse("f.yaml", b"\xef\xbb\xbfa: 1\n")
    assert faults == ()
    assert tree == Node(1, {"a": Node(1, 1)})


# Raw control characters, line separators and the like are refused; JSON may leave them unescaped.
_CHARACTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(_CHARACTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc_1"), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.lists(_JSON) | st.dictionaries(st.text("abc_1"), _JSON), st.sampled_from([None, 2]), st.booleans())
def test_json_means_here_what_it_means_elsewhere(value: object, indent: int | None, ascii_only: bool) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    tree, faults = parse("f.json", written.encode())
    assert faults == ()
    assert tree is not None
    assert plain(tree) == value


@settings(deadline=None)
@given(
    st.binary(max_size=200) | st.text(st.sampled_from("{}[]:,-&*!|>'\"#% \n\tax1?~\u200b")).map(str.encode)
)
def test_no_content_raises(content: bytes) -> None:
    tree, faults = parse("f.yaml", content)
    assert tree is not None or faults
