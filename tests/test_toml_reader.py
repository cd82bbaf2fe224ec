"""The TOML reader gives the values of `tomllib`, and every key and value points at the text that it was read from."""

from __future__ import annotations

import string
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import check_characters_in_order, every, plain, same

from bedrock_policy_lint.sources import toml
from bedrock_policy_lint.sources.json import LimitError
from bedrock_policy_lint.sources.node import Node, path_to
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.sources.toml import MAX_DEPTH, MAX_LENGTH, Text, TomlError, first_apart, read


def tree(text: str) -> Node:
    return read(Source("x.toml", text))[0]


def at(node: Node, *steps: str | int) -> Node:
    for step in steps:
        node = node.value[step] if isinstance(step, int) else node.value.get(step)
    return node


def written(text: str, *steps: str | int) -> str:
    """What stands at a place of the tree."""
    node = at(tree(text), *steps)
    return text[node.start : node.end]


def error(text: str) -> TomlError | LimitError:
    with pytest.raises((TomlError, LimitError)) as caught:
        tree(text)
    found = caught.value
    assert isinstance(found, (TomlError, LimitError))
    assert 0 <= found.start < found.end
    return found


# Values and where they stand

EVERYTHING = """\
# A comment, with [brackets] and a = "b"
title = "TOML" # another
"quoted.key" = 1
'literal "key"' = 2
"escaped \\u00e9" = 3
dotted.name . "deep er" = true
dotted.other = false
numbers = [1, -2_000, 0xff, 0o17, 0b11, 1.5, 6.02e23, inf, -nan]
dates = [1979-05-27, 1979-05-27 07:32:00, 1979-05-27T00:32:00.5-07:00, 07:32:00]
nested = [ # what a list holds
  "]", '#', # "
  [["x"], []],
  { a = 1, "b.c" = "}", d.e = [ { f = '''
''' } ], d.g = 2 },
]
basic = "a \\"quoted\\" \\\\ text \\t # no comment"
literal = 'C:\\dir\\'
long = \"""
first \\
      goes on
  ""two"" quotes \\u0041\"""\"\"
raw = '''
''two'' \\quotes'''''
empty = ["", '', \"""\""", '''''', {}, [ ]]

  [ table . "sub" ] # behind a header
x = 1
[table]
y = 2

[[list]]
[[ list ]]
name = "second"
  [list.inner]
  z = 3
  [[list.more]]
[last]
"""


def test_every_form_of_toml_has_the_values_of_tomllib() -> None:
    root = tree(EVERYTHING)

    assert same(plain(root), tomllib.loads(EVERYTHING))
    assert first_apart(root) is None


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("title",), '"TOML"'),
        (("dotted",), 'name . "deep er" = true\ndotted.other = false'),
        (("dotted", "name"), '"deep er" = true'),
        (("numbers", 1), "-2_000"),
        (("numbers", 8), "-nan"),
        (("dates", 0), "1979-05-27"),
        (("dates", 1), "1979-05-27 07:32:00"),
        (("nested", 0), '"]"'),
        (("nested", 2), '[["x"], []]'),
        (("nested", 3, "b.c"), '"}"'),
        (("nested", 3, "d"), "e = [ { f = '''\n''' } ], d.g = 2"),
        (("nested", 3, "d", "e", 0), "{ f = '''\n''' }"),
        (("basic",), '"a \\"quoted\\" \\\\ text \\t # no comment"'),
        (("literal",), "'C:\\dir\\'"),
        (("raw",), "'''\n''two'' \\quotes'''''"),
        (("empty", 2), '""""""'),
        (("empty", 5), "[ ]"),
        (("table", "sub"), "x = 1"),
        (("list", 0), "]]"),
        (("list", 1), 'name = "second"\n  [list.inner]\n  z = 3\n  [[list.more]]'),
        (("list", 1, "inner"), "z = 3"),
        (("last",), "]"),
    ],
)
def test_a_value_reaches_from_its_first_character_to_its_last(steps: tuple[str | int, ...], expected: str) -> None:
    assert written(EVERYTHING, *steps) == expected


def test_a_table_without_members_is_where_its_header_ends() -> None:
    assert written("[a]\n[[b]]\n[c]\nx=1", "a") == "]"
    assert written("[a]\n[[b]]\n[c]\nx=1", "b") == "]]"


def test_comments_are_noted_and_what_looks_like_one_is_not() -> None:
    source = Source("x.toml", EVERYTHING)

    _, comments = read(source)

    assert [source.text[slip.start : slip.end] for slip in comments] == [
        '# A comment, with [brackets] and a = "b"',
        "# another",
        "# what a list holds",
        '# "',
        "# behind a header",
    ]


def test_an_empty_text_and_one_of_comments_are_empty_tables() -> None:
    assert (plain(tree("")), plain(tree("# only\n\n"))) == ({}, {})


# Tables whose parts lie apart


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[a.x]\nk=1\n[a.y]\n[a.x.z]\nl=2", "z"),
        ("[a.x]\nk=1\n[a.y]\n[[a.x.z]]\nl=2", "z"),
        ("[a.x.y]\nk=1\n[a.z]\n[a.x]\nl=2", "l"),
        ("[[a.x]]\nk=1\n[a.y]\n[[a.x]]\nk=2", "k"),
        ("[a]\nx.y=1\nz=2\nx.w=3", "w"),
        ("a = {x.y=1, z=2, x.w=3}", "w"),
    ],
)
def test_what_stands_apart_from_its_table_is_found(text: str, place: str) -> None:
    apart = first_apart(at(tree(text), "a"))

    assert apart is not None
    assert apart.start == text.rindex(place)


@pytest.mark.parametrize(
    "text",
    [
        "[a]\nk=1\n[b]\n[a.x]\nl=1\n[c]\n[a.y]\nm=1",
        "[a.x.y]\nk=1\n[a.x]\nl=2\n[a]\nm=3",
        "[[a.x]]\nk=1\n[a.x.y]\nl=2\n[[a.x]]\nk=3\n[[a.x.z]]\n[[a.x.z]]",
        "a.x.y=1\na.x.z=2\na.w=3",
    ],
)
def test_below_a_table_whose_own_parts_lie_apart_everything_is_in_its_place(text: str) -> None:
    table = at(tree(text), "a")

    assert first_apart(table) is None
    for node in every(table)[1:]:
        assert node in path_to(table, node.start, node.end)


# Strings


@pytest.mark.parametrize(
    ("literal", "places"),
    [
        ("'ab'", [5, 6, 7]),
        ('"ab"', [5, 6, 7]),
        ('"a\\nb"', [5, 6, 8, 9]),
        ('"\\u0041\\U00000042"', [5, 11, 21]),
        ('"""\na"""', [8, 9]),
        ('"""\r\na\r\nb"""', [9, 10, 12, 13]),
        ("'''\r\na\r\n'''", [9, 10, 12]),
        ('"""a\\\n\n  b"""', [7, 13, 14]),
        ('"""a\\  \r\n b"""', [7, 14, 15]),
        ('"""a"""""', [7, 8, 9, 10]),
        ("''''a'''", [7, 8, 9]),
        ("''", [5]),
        ('""""""', [7]),
    ],
)
def test_each_character_of_a_string_knows_where_it_begins(literal: str, places: list[int]) -> None:
    node = at(tree(f"k = {literal}"), "k")

    assert list(node.offsets()) == places
    assert len(node.value) + 1 == len(places)


def test_the_characters_of_a_key_know_it_too() -> None:
    for text, places in (("bare=1", [0, 1, 2, 3, 4]), ('"a\\tb"=1', [1, 2, 4, 5])):
        assert list(tree(text).value[0].offsets()) == places


# What is refused


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = ", 3),
        ("a = 1\nb = [1,\n", 13),
        ("a = 1\na = 2", 10),
        ("[a]\n[a]", 6),
        ('a = "\\q"', 6),
        ("a = 1 2", 6),
    ],
)
def test_what_tomllib_refuses_is_refused_at_its_place(text: str, place: int) -> None:
    found = error(text)

    assert abs(found.start - place) <= 1
    assert "(at" not in found.message


@pytest.mark.parametrize(
    "text", ["a=" + "[" * 5000, "a=" + "[" * 101 + "]" * 101, "a=" + "{b=" * 101 + "1" + "}" * 101]
)
def test_brackets_may_not_nest_too_deeply(text: str) -> None:
    assert isinstance(error(text), LimitError)


@pytest.mark.parametrize("text", ["{}=1", "[{}]", "[[{}]]", "a={{{}=1}}"])
def test_dotted_names_count_as_nesting(text: str) -> None:
    assert plain(tree(text.format(".".join("b" * (MAX_DEPTH - 2)))))
    assert isinstance(error(text.format(".".join("b" * (MAX_DEPTH + 2)))), LimitError)


def test_a_text_that_is_too_long_is_refused() -> None:
    assert isinstance(error("#" * (MAX_LENGTH + 1)), LimitError)


@pytest.mark.parametrize(
    "other", [{"a": 1}, {"a": "x", "b": 1}, {"b": "x"}, {"a": ["x"]}, {"a": {"x": 1}}, {}], ids=repr
)
def test_where_the_two_readings_differ_nothing_is_guessed(other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toml, "_values", lambda source: other)

    assert "not clear" in error('a = "x"').message


# Laws

BARE = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=3)
CHARACTERS = st.text(st.sampled_from("ab\"'\\#[]{}=,. \t\n\r\u00e9\U0001f600"), max_size=6)
SPACE = st.sampled_from(["", " ", "\t "])
GAP = st.sampled_from(["", " ", "\n", " # [c] = \"d'\n", "\r\n\t"])


def basic(text: str) -> str:
    """A string in double quotes."""
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\t"}
    return '"' + "".join(short.get(char, char) for char in text) + '"'


@st.composite
def strings(draw: st.DrawFn) -> str:
    """A string in any of the four forms."""
    text = draw(CHARACTERS)
    form = draw(st.sampled_from(["basic", "literal", "long", "raw"]))
    if form == "literal" and not set(text) & set("'\n\r"):
        return f"'{text}'"
    if form == "raw" and "'''" not in text and not text.endswith("'") and "\r" not in text:
        return f"'''{draw(st.sampled_from(['', chr(10), chr(13) + chr(10)]))}{text}'''"
    if form == "long":
        body = basic(text)[1:-1].replace("\\n", draw(st.sampled_from(["\n", "\r\n", "\\n"])))
        continued = draw(st.sampled_from(["", "\\\n", "\\ \r\n\n  "]))
        return f'"""{draw(st.sampled_from(["", chr(10)]))}{body}{continued}"""'
    return basic(text)


ATOMS = st.one_of(
    strings(),
    st.integers().map(str),
    st.floats().map(repr),
    st.booleans().map(lambda flag: str(flag).lower()),
    st.datetimes().map(lambda moment: moment.isoformat(" ")),
    st.dates().map(lambda day: day.isoformat()),
    st.times().map(lambda hour: hour.isoformat()),
)
NAMES = st.one_of(BARE, CHARACTERS.map(basic), st.text("ab.# ", max_size=3).map(lambda text: f"'{text}'"))


@st.composite
def inline(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    names = draw(st.lists(BARE, max_size=3, unique=True))
    space = draw(SPACE)
    members = (f"{space}{name}{draw(st.sampled_from(['', ' . x']))}{space}={space}{draw(values)}" for name in names)
    return "{" + f"{space},".join(members) + space + "}"


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(values, max_size=3))
    gap = draw(GAP)
    ends_with_comma = draw(st.booleans())
    comma = "," if items and ends_with_comma else ""
    return f"[{gap}" + f"{gap},{draw(GAP)}".join(items) + f"{gap}{comma}{gap}]"


VALUES = st.recursive(ATOMS, lambda values: inline(values) | arrays(values), max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Lines of TOML: names and values, headers of tables and of arrays of tables; only what `tomllib` takes is kept."""
    kept = ""
    for _ in range(draw(st.integers(0, 12))):
        names = draw(st.lists(st.sampled_from("abc") | NAMES, min_size=1, max_size=3))
        space = draw(SPACE)
        dotted = f"{space}.{draw(SPACE)}".join(names)
        forms = ("NAME{}={}VALUE", "NAME{}={}VALUE", "[{}NAME{}]", "[[{}NAME{}]]", "# [x] = '''{}{}")
        form = draw(st.sampled_from(forms)).format(space, space)
        line = form.replace("NAME", dotted).replace("VALUE", draw(VALUES))
        longer = kept + draw(SPACE) + line + draw(st.sampled_from(["\n", "\r\n", " # c\n"]))
        try:
            tomllib.loads(longer)
        except tomllib.TOMLDecodeError:
            continue
        kept = longer
    return kept


@given(documents())
def test_the_values_are_those_of_tomllib(text: str) -> None:
    assert same(plain(tree(text)), tomllib.loads(text))


@given(documents())
def test_every_value_reads_the_same_where_it_stands(text: str) -> None:
    for node in every(tree(text)):
        stretch = text[node.start : node.end]
        if isinstance(node.value, list) and not stretch.startswith(("{", "[")):
            continue  # a table without braces, or several; the next law is about them
        if isinstance(node, Text) and stretch[:1] not in ("'", '"'):
            assert stretch == node.value, "a bare name"
        else:
            assert same(tomllib.loads(f"k = {stretch}")["k"], node.value if isinstance(node, Text) else plain(node))


@given(documents())
def test_what_a_table_holds_stands_within_it_or_is_found_apart(text: str) -> None:
    root = tree(text)
    apart = first_apart(root)
    for node in every(root) if apart is None else ():
        assert 0 <= node.start <= node.end <= len(text)
        if isinstance(node.value, list):
            ordered = [(child.start, child.end) for child in node.value]
            assert ordered == sorted(ordered)
            assert all(node.start <= child.start and child.end <= node.end for child in node.value)


@given(documents())
def test_each_character_stands_where_its_string_says(text: str) -> None:
    for node in every(tree(text)):
        if isinstance(node, Text):
            check_characters_in_order(node)
            offsets = node.offsets()
            assert node.start <= offsets[0] <= offsets[-1] <= node.end
            for char, place in zip(node.value, offsets, strict=False):
                assert text[place] in (char, "\\", "\r")


@given(st.text(st.sampled_from("ab.=[]{}\"'\\#,1 \n"), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert error(text)
    else:
        assert same(plain(tree(text)), values)
