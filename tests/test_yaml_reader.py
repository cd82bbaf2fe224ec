"""The YAML reader gives the trees that the JSON reader gives, with libyaml and without, and knows where all stands."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from trees import check_characters_in_order, every, plain, same

from bedrock_policy_lint.sources.json import JsonError, Slip
from bedrock_policy_lint.sources.node import Node, path_to
from bedrock_policy_lint.sources.source import EmbeddedSource, Source
from bedrock_policy_lint.sources.yaml import (
    MAX_DEPTH,
    MAX_EXPANSION,
    MAX_LENGTH,
    MAX_VALUES,
    Alias,
    Dialect,
    LimitError,
    Tag,
    YamlError,
    read,
    string_offsets,
)

LIBYAML = getattr(yaml, "CSafeLoader", None)


@pytest.fixture(params=["libyaml", "python"], scope="module", autouse=True)
def parser(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every test runs with both parsers of PyYAML; without libyaml there is but one."""
    if request.param == "libyaml" and LIBYAML is None:
        pytest.skip("PyYAML was built without libyaml")
    kept = LIBYAML
    if request.param == "python":
        yaml.CSafeLoader = yaml.SafeLoader  # type: ignore[misc, assignment]
    yield request.param
    if kept is not None:
        yaml.CSafeLoader = kept  # type: ignore[misc]


def tree(text: str) -> Node:
    return read(Source("x.yaml", text))[0]


def written(text: str) -> list[str]:
    """What stands at each node of a text."""
    return [text[node.start : node.end] for node in every(tree(text))]


def error(text: str) -> YamlError | LimitError:
    with pytest.raises((YamlError, LimitError)) as caught:
        tree(text)
    found = caught.value
    assert isinstance(found, (YamlError, LimitError))
    assert 0 <= found.start < found.end
    return found


# Values.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("---\n", None),
        ("12", 12),
        ("-7", -7),
        ("0", 0),
        ("1.5", 1.5),
        ("-0.5e3", -500.0),
        ("111122223333", 111122223333),
        ("012345678901", "012345678901"),
        ("12E4567890", "12E4567890"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("1:30", "1:30"),
        ("+1", "+1"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("1" * 5000, "1" * 5000),
        ("\u0661\u0662", "\u0661\u0662"),
        ("2012-10-17", "2012-10-17"),
        ("2012-10-17T00:00:00Z", "2012-10-17T00:00:00Z"),
        ("yes", "yes"),
        ("Off", "Off"),
        ("'true'", "true"),
        ('"12"', "12"),
        ("|\n  12", "12"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int 12", 12),
        ("!!float 1", 1),
        ("!!null ''", None),
        ("arn:aws:bedrock:*::foundation-model/*", "arn:aws:bedrock:*::foundation-model/*"),
    ],
)
def test_only_what_cannot_be_meant_as_text_is_typed(text: str, value: Any) -> None:
    found = tree(text).value

    assert (type(found), found) == (type(value), value)


def test_names_are_always_texts() -> None:
    assert plain(tree("111122223333: a\ntrue: b\nnull: c\n1.5: d\n2012-10-17: e\n? \n: f")) == {
        "111122223333": "a",
        "true": "b",
        "null": "c",
        "1.5": "d",
        "2012-10-17": "e",
        "": "f",
    }


def test_numbers_keep_their_text() -> None:
    text = "version: 1.10"
    node = tree(text).value.get("version")

    assert text[node.start : node.end] == "1.10"


@pytest.mark.parametrize(
    "text", ['{"a": "\\ud83d\\ude00"}', '\n [\t"\\ud83d\\ude00"]', '{"a":\t1}', "{a: 1, b: [x, y]}"]
)
def test_a_text_that_begins_with_a_bracket_may_be_json_or_yaml(text: str) -> None:
    assert isinstance(tree(text).value, list)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1 "b": 2}', "a comma is missing between this value and the next"),
        ('[\n  {"a": b]}', "`b` is neither a string nor a number nor `true`, `false` or `null`"),
        ("{a: 1, b: [c}", "`,` or `]` is expected here, not `}`"),
        ("{'a': *}", "an unquoted `*` begins an alias in YAML"),
        ("{{ a }}", "a template stands outside a string here"),
    ],
)
def test_the_complaint_about_a_bracketed_text_is_that_of_the_language_it_looks_like(text: str, message: str) -> None:
    assert error(text).message == message


def test_duplicate_names_stay_and_are_noted() -> None:
    text = 'a: 1\n"a": 2\nb: {c: 1, c: 2}\n'
    root, slips = read(Source("x.yaml", text))

    assert [(key.value, value.value) for key, value in root.value.pairs()][:2] == [("a", 1), ("a", 2)]
    assert root.value.get("a").value == 2
    assert [(slip.kind, text[slip.start : slip.end]) for slip in slips] == [
        ("duplicate-key", '"a"'),
        ("duplicate-key", "c"),
    ]


# Places.


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("a: b\n\n\n", ["a: b", "a", "b"]),
        ("a:\n- 1\n- 2\n\n# c\nb: 1", ["a:\n- 1\n- 2\n\n# c\nb: 1", "a", "- 1\n- 2", "1", "2", "b", "1"]),
        ("a:\n  b: c   # d\n\ne: f", ["a:\n  b: c   # d\n\ne: f", "a", "b: c", "b", "c", "e", "f"]),
        ("[a: b , c]", ["[a: b , c]", "a: b", "a", "b", "c"]),
        ("x: [ a, {b: c} ]  ", ["x: [ a, {b: c} ]", "x", "[ a, {b: c} ]", "a", "{b: c}", "b", "c"]),
        ("a: &x !!str  'b'\n", ["a: &x !!str  'b'", "a", "'b'"]),
        ("a: &x # c\n  b: 1\n", ["a: &x # c\n  b: 1", "a", "b: 1", "b", "1"]),
        ("a: &x\n- 1\n", ["a: &x\n- 1", "a", "- 1", "1"]),
        ("a: &x [1]\n", ["a: &x [1]", "a", "[1]", "1"]),
        ("&x a: *x\n", ["&x a: *x", "a", "*x"]),
        ("a: |\n  b\n\n\nc: d", ["a: |\n  b\n\n\nc: d", "a", "|\n  b", "c", "d"]),
        ("a: | # why\n\nc: d", ["a: | # why\n\nc: d", "a", "|", "c", "d"]),
        ("- - a\n  - b\n- c", ["- - a\n  - b\n- c", "- a\n  - b", "a", "b", "c"]),
        ("a:\nb:", ["a:\nb:", "a", "", "b", ""]),
        ("a:  \n  # c\nb: x", ["a:  \n  # c\nb: x", "a", "", "b", "x"]),
        ("{a , b }", ["{a , b }", "a", "", "b", ""]),
        ("? a\n\n? b\n", ["a\n\n? b", "a", "", "b", ""]),
        (
            "a: b\r\nc:\r\n- \U0001f600\r\n- d\r\n",
            ["a: b\r\nc:\r\n- \U0001f600\r\n- d", "a", "b", "c", "- \U0001f600\r\n- d", "\U0001f600", "d"],
        ),
        ("a: one\n  two # c\n", ["a: one\n  two", "a", "one\n  two"]),
        ("%YAML 1.1\n---\na\n...\n", ["a"]),
    ],
)
def test_every_node_stands_where_it_is_written(text: str, nodes: list[str]) -> None:
    found = written(text)

    if text.startswith("?"):
        found[0] = found[0].removeprefix("? ")
    assert found == nodes


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("# a\nb: c # d\n", ["# a", "# d"]),
        ("a: b#c\nd: 'x # y'\ne: \"#\"\nf: |\n  # text\n# end", ["# end"]),
        ("a: | # why\n  # text\n  x\n\n # after\nb: c", ["# why", "# after"]),
        ("a: | # only\nb: c", ["# only"]),
        ("[a, #b\nc] # d", ["#b", "# d"]),
        ("a: &x # b\n  c: *x # d", None),
        ("a: &x # b\n  c: d\r\n# e\r\nf: *x # g", ["# b", "# e", "# g"]),
        ("- # a\n  b\n-\n  # c\n", ["# a", "# c"]),
    ],
)
def test_comments_are_noted_where_they_stand(text: str, comments: list[str] | None) -> None:
    if comments is None:
        assert "inside what it stands for" in error(text).message
        return
    _, slips = read(Source("x.yaml", text))

    assert [text[slip.start : slip.end] for slip in slips] == comments
    assert {slip.kind for slip in slips} <= {"yaml-comment"}


# Aliases and merges.


def test_an_alias_shares_the_value_and_keeps_its_own_place() -> None:
    text = "a: &x {b: [c]}\nd: *x\n"
    root = tree(text)
    original, alias = root.value.get("a"), root.value.get("d")

    assert isinstance(alias, Alias)
    assert alias.anchored is original
    assert alias.value is original.value
    assert text[alias.start : alias.end] == "*x"
    assert path_to(root, alias.start, alias.end)[-1] is alias


def test_an_alias_means_what_was_anchored_last() -> None:
    assert plain(tree("- &x 1\n- &x 2\n- *x")) == [1, 2, 2]


def test_the_characters_of_an_alias_stand_in_the_anchored_text() -> None:
    text = "- &x 'it''s'\n- *x"
    alias = tree(text).value[1]

    assert text[alias.offsets()[2] : alias.offsets()[3]] == "''"


def test_an_alias_may_be_a_name() -> None:
    assert plain(tree("- &x a\n- {*x : b}")) == ["a", {"a": "b"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("- &x {a: 1, b: 2}\n- {b: 3, <<: *x}", {"a": 1, "b": 3}),
        ("- &x {a: 1}\n- &y {a: 2, b: 2}\n- {<<: [*x, *y], c: 3}", {"a": 1, "b": 2, "c": 3}),
        ("- &y {a: 2, b: 2}\n- &x {a: 1}\n- {<<: [*x, *y]}", {"a": 1, "b": 2}),
        ("- &x {a: 1, a: 2}\n- {<<: *x}", {"a": 2}),
        ("- &x {a: 1}\n- &y {<<: *x, b: 2}\n- {<<: *y}", {"a": 1, "b": 2}),
        ("- {<<: {a: 1}, b: 2}", {"a": 1, "b": 2}),
        ("- {'<<': 1}", {"<<": 1}),
    ],
)
def test_a_merge_brings_members_and_the_own_ones_win(text: str, value: dict[str, Any]) -> None:
    found = tree(text).value[-1]

    assert plain(found) == value
    assert len(found.value) == 2 * len(value)
    starts = [node.start for node in found.value]
    assert starts == sorted(starts)


def test_a_place_beside_a_merge_is_found() -> None:
    text = "- &x {a: 1}\n- b: 2\n  <<: *x\n  c: 3"
    root = tree(text)
    at = text.index("3")

    assert [node.value for node in path_to(root, at, at + 1)[-2:]] == ["c", 3]
    merge = text.index("<<")
    assert path_to(root, merge, merge + 2)[-1] is root.value[1]


# Tags that name functions.

CALLS = Dialect({"!Sub": "Fn::Sub", "!If": "Fn::If"})


@pytest.mark.parametrize(
    ("text", "value", "nodes"),
    [
        ("a: !Sub b", {"Fn::Sub": "b"}, ["!Sub b", "!Sub", "b"]),
        ("a: &x !Sub 'b'", {"Fn::Sub": "b"}, ["!Sub 'b'", "!Sub", "'b'"]),
        ("a: !Sub &x b", {"Fn::Sub": "b"}, ["!Sub &x b", "!Sub", "b"]),
        ("a: !Sub # c\n  b", {"Fn::Sub": "b"}, ["!Sub # c\n  b", "!Sub", "b"]),
        ("a: !Sub |-\n  b\n  c\n", {"Fn::Sub": "b\nc"}, ["!Sub |-\n  b\n  c", "!Sub", "|-\n  b\n  c"]),
        ("a: !Sub\nb: c", {"Fn::Sub": ""}, ["!Sub", "!Sub", ""]),
        ("a: [!Sub , b]", [{"Fn::Sub": ""}, "b"], ["[!Sub , b]", "!Sub", "!Sub", "", "b"]),
        ("a: !<!Sub> b", {"Fn::Sub": "b"}, ["!<!Sub> b", "!<!Sub>", "b"]),
        ("a: !If\n- b\n- !Sub c", {"Fn::If": ["b", {"Fn::Sub": "c"}]}, None),
        ("a: !If [b, c]", {"Fn::If": ["b", "c"]}, ["!If [b, c]", "!If", "[b, c]", "b", "c"]),
        ("a: !If\n  b: c", {"Fn::If": {"b": "c"}}, ["!If\n  b: c", "!If", "b: c", "b", "c"]),
        ("a: &x # c\n  !If {b: c}", {"Fn::If": {"b": "c"}}, ["!If {b: c}", "!If", "{b: c}", "b", "c"]),
        ("a: !Sub 12", {"Fn::Sub": "12"}, ["!Sub 12", "!Sub", "12"]),
        ("a: !Foo 12", 12, ["12"]),
        ("a: !!int b", "b", ["b"]),
        ("a: !Foo [!!set b]", ["b"], ["[!!set b]", "b"]),
    ],
)
def test_a_dialect_knows_functions_by_their_tags(text: str, value: Any, nodes: list[str] | None) -> None:
    node = read(Source("x.yaml", text), CALLS)[0].value.get("a")

    assert same(plain(node), value)
    assert nodes is None or [text[each.start : each.end] for each in every(node)] == nodes
    for each in every(node):
        if isinstance(each.value, str):
            assert isinstance(each, Tag) == each.value.startswith("Fn::")
            check_characters_in_order(each)


def test_a_dialect_notes_tags_that_mean_nothing() -> None:
    text = "a: &x !Foo # c\n  b: !!int d\n!Sub c: !Sub e\n!Bar d: [!Foo e]\n"
    _, slips = read(Source("x.yaml", text), CALLS)

    tags = [text[slip.start : slip.end] for slip in slips if slip.kind == "unknown-tag"]
    assert tags == ["!Foo", "!!int", "!Sub", "!Bar", "!Foo"]


def test_a_dialect_has_words_of_its_own() -> None:
    words = CALLS.with_words({"yes": True})

    assert plain(read(Source("x.yaml", "[yes, 'yes', true, yes: b]"), words)[0]) == [True, "yes", True, {"yes": "b"}]
    assert plain(read(Source("x.yaml", "[yes, true]"), CALLS)[0]) == ["yes", True]


def test_a_dialect_may_take_fewer_values() -> None:
    few = CALLS._replace(most_values=10)

    assert plain(read(Source("x.yaml", "[a, a, a, a, a, a, a, a, a]"), few)[0]) == ["a"] * 9
    with pytest.raises(LimitError):
        read(Source("x.yaml", "[!Sub a, !Sub a, !Sub a, !Sub a]"), few)


# Errors.

DELETE = "delete it, or write it as an escape in double quotes"
KEEP_ONE = "keep one document, or write each into a file of its own"
NEW_LINE = "put the text in quotes, or begin a new line"


@pytest.mark.parametrize(
    ("text", "message", "at", "hint"),
    [
        ("", "the file is empty", "", ""),
        ("# a\n", "nothing but comments stands in the file", "#", ""),
        ("Action: *\n", "an unquoted `*` begins an alias in YAML", "*", 'quote the star: write `"*"`'),
        ("- *:*", "an unquoted `*` begins an alias in YAML", "*:*", "quote the star: put the text in quotes"),
        ("a: *b", "nothing before this alias is anchored as `&b`", "*b", "put the text in quotes if it is no alias"),
        ("a: &b [*b]", "the alias `*b` stands inside what it stands for", "*b", ""),
        ("a: &\n", "an unquoted `&` begins an anchor in YAML", "&", "put the text in quotes"),
        ("a: @b", "a text without quotes cannot begin with `@`", "@", "put the text in quotes"),
        ("a:\n\tb: 1", "a tab stands here where YAML takes only spaces", "\t", "write spaces"),
        ("a: b: c", "no `:` is expected here", ":", "put the text in quotes, or check the indentation"),
        ('a: "b', "this string has no closing quote", '"', ""),
        ('a: "b\n---\n"', "a new document begins inside a string", "-", "close the quote"),
        ("a: [b, c", "the text ends where `,` or `]` is expected", "c", ""),
        ("a: {b: c]", "`,` or `}` is expected here, not `]`", "]", "put the text in quotes"),
        ("a:\n  - b\n c: d", "this does not continue what stands above it", "c", "check the indentation"),
        ('a: "b" c', "`c` is not expected behind what stands before it", "c", NEW_LINE),
        ("a: 1\nb\n", "a `:` is missing behind this name", "b", "check the indentation"),
        ("a: - b", "no list can begin here", "-", "begin it on a line of its own"),
        ("a: |b\n c", "nothing may stand behind `|` or `>` on its line", "|", "begin the text on the next line"),
        ('a: "C:\\q"', "YAML has no escape `\\q`", "\\q", "write two backslashes for one"),
        ('a: "\\x4"', "`\\x` must be followed by 2 hexadecimal digits", "\\x", ""),
        ('a: "\\\\ \\ud83d\\ude00"', "this escape stands for no character", "\\ud83d", "write the character itself"),
        ('a: "\\U00110000"', "this escape stands for no character", "\\U00110000", "write the character itself"),
        ("a: {{ b }}", "a name must be a text, and this is a mapping", "{", "put braces of a template in quotes"),
        ("? [a]\n: b", "a name must be a text, and this is a list", "[", ""),
        ("- &a 1\n- {*a : b}", "a name must be a text, and this alias stands for none", "*a", ""),
        ("a: !Sub b", "the tag `!Sub` is not one that is read here", "!", "write the value without the tag"),
        ("a: !Join [b]", "the tag `!Join` is not one that is read here", "!", "write the value without the tag"),
        ("!Ref a: b", "the tag `!Ref` is not one that is read here", "!", "write the value without the tag"),
        ("!!int a", "the value does not fit its tag `!!int`", "!", "write the value without the tag"),
        ("a: !Sub{b: c}", "a space belongs behind a tag", "!", "write one, or put the text in quotes"),
        ("a: !x!y b", "this tag is not one that YAML knows", "!", "put the text in quotes"),
        ("a: {<<: b}", "`<<` takes a mapping, or a list of mappings", "b", ""),
        ("a\n---\nb", "a second document begins here, and a file holds one", "---", KEEP_ONE),
        ("%YAML 2.0\n---\na", "this version of YAML is not known", "%", "delete the line"),
        ("a: \0", "a character stands here that YAML does not allow, U+0000", "\0", DELETE),
        ("a: \x1b", "a character stands here that YAML does not allow, U+001B", "\x1b", DELETE),
        ("a: \ud83d", "a character stands here that YAML does not allow, U+D83D", "\ud83d", DELETE),
        ("\ufeffa: b", "a character stands here that YAML does not allow, U+FEFF", "\ufeff", DELETE),
    ],
)  # fmt: skip
def test_an_error_says_what_is_wrong_and_where(text: str, message: str, at: str, hint: str) -> None:
    found = error(text)

    assert (found.message, text[found.start : found.end], found.hint) == (message, at, hint)


@pytest.mark.parametrize(("text", "opened"), [("a: [b, c", 3), ("a: {b: c]", 3), ('a: "b\n---\n"', 3), ('a: "b', None)])
def test_an_error_knows_where_the_open_bracket_or_string_began(text: str, opened: int | None) -> None:
    assert error(text).opened == opened


# Hostile texts.


@pytest.mark.parametrize(("before", "after"), [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("[{a: ", "}]")])
def test_depth_is_limited(before: str, after: str) -> None:
    found = error("x: " * before.startswith(("[", "{")) + before * 2000 + "a" + after * 2000)

    assert isinstance(found, (LimitError, YamlError))
    assert "open here" in found.message or "a name must be a text" in found.message


def test_lists_may_nest_as_deep_as_the_limit_and_no_deeper() -> None:
    tree("- " * MAX_DEPTH + "a")
    found = error("- " * (MAX_DEPTH + 1) + "a")

    assert isinstance(found, LimitError)
    assert found.start == 2 * MAX_DEPTH


def test_depth_counts_what_stands_behind_aliases() -> None:
    lines = ["- &a0 [x]"] + [f"- &a{step} [[[*a{step - 1}]]]" for step in range(1, 50)]

    assert isinstance(error("\n".join(lines)), LimitError)


def test_a_billion_laughs_end_early() -> None:
    lines = ["- &a0 lol"] + [f"- &a{step} [{', '.join([f'*a{step - 1}'] * 10)}]" for step in range(1, 12)]
    found = error("\n".join(lines))

    assert isinstance(found, LimitError)
    assert "aliases up to here" in found.message


def test_a_long_text_behind_many_aliases_is_limited() -> None:
    long = "x" * (MAX_EXPANSION // 10)

    tree(f"- &a {long}\n" + "- *a\n" * 9)
    assert isinstance(error(f"- &a {long}\n" + "- *a\n" * 10), LimitError)


def test_merges_of_merges_are_limited() -> None:
    members = ", ".join(f"k{number}: 1" for number in range(1000))
    lines = [f"- &a0 {{{members}}}"] + [f"- &a{step} {{<<: *a{step - 1}}}" for step in range(1, 600)]

    assert isinstance(error("\n".join(lines)), LimitError)


def test_the_number_of_values_and_comments_is_limited(parser: str) -> None:
    if parser == "python":
        pytest.skip("PyYAML's own parser takes too long to get there")
    assert isinstance(error("x: [" + "a," * (MAX_VALUES + 1) + "]"), LimitError)
    assert isinstance(error("a:\n" + "#\n" * (MAX_VALUES + 1)), LimitError)


def test_length_and_directives_are_limited() -> None:
    assert isinstance(error("a" * (MAX_LENGTH + 1)), LimitError)
    assert isinstance(error("".join(f"%TAG !a{number}! b\n" for number in range(2000)) + "--- a"), LimitError)


def test_a_long_anchor_is_quoted_by_its_beginning() -> None:
    assert len(error(f"*{'x' * 100_000}").message) < 200
    assert plain(tree(f"- &{'x' * 100_000} 1\n- *{'x' * 100_000}")) == [1, 1]


PIECES = (
    "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", "\r\n", "\r", "\t", " ", "# c", "#", "[", "]", "{", "}", ",",
    "'", '"', "\\", "\\\n", "|", ">", "|+\n", ">-\n", "|2\n", ">1+\n", "&x ", "*x", "!", "!!str ", "!t ", "<<: ",
    "---", "...", "%YAML 1.1\n", "%TAG ! a\n", "\x85", "\u2028", "\U0001f600", "\xa0", "\ufeff", "\0", "\ud800",
    "\\ud800", "\\U00110000", "12", "null",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text())
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        root, slips = read(Source("x.yaml", text))
    except (YamlError, LimitError) as refused:
        place = refused.start
    else:
        place = 0
        check_comments(text, slips)
        check_places(text, root)
        check_characters(text, root)
    assert 0 <= place <= len(text)


def check_comments(text: str, slips: list[Slip]) -> None:
    """Comments begin as comments do, and none is noted twice."""
    assert all(text[slip.start] in "#/" for slip in slips if "comment" in slip.kind)
    assert len({slip.start for slip in slips}) == len(slips)


def check_places(text: str, root: Node) -> None:
    """Nodes lie within their parents, in the order of the text, as far as no merge brings others."""
    assert 0 <= root.start <= root.end <= len(text)
    if isinstance(root, Alias):
        assert text[root.start] == "*"
        return
    children = root.value if isinstance(root.value, list) else []
    at = root.start
    for child in children:
        if "<<" not in text:
            assert at <= child.start <= child.end <= root.end
        at = child.end
        check_places(text, child)
    for edge in text[root.start : root.end][:1], text[root.start : root.end][-1:]:
        assert edge not in tuple(" \n\r") or text[root.start] in "'\"" or children == []


def check_characters(text: str, root: Node) -> None:
    """Each character of each text stands where its offset says, or is what a line break or an escape became."""
    for node in every(root):
        if not isinstance(node.value, str):
            continue
        check_characters_in_order(node)
        offsets = node.offsets()
        within = node.anchored if isinstance(node, Alias) else node
        assert within.start <= offsets[0]
        assert offsets[-1] <= within.end
        for index, char in enumerate(node.value):
            stretch = text[offsets[index] : offsets[index + 1]]
            if char in " \t\n\u2028\u2029\x85" and not stretch.startswith((char, "\\")):
                assert offsets[index] == within.end or any(each in stretch for each in "\r\n\x85\u2028\u2029")
            else:
                assert stretch.startswith((char, "\\"))


# What PyYAML writes is read back.

WORDS = st.text(st.sampled_from("ab *?:-#'\"\\|>&!%@`,[]{}\n\t0é\U0001f600\u2028\x85"), max_size=12)
TEXTS = WORDS | st.text(st.characters(blacklist_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["yes", "null", "~", "012", "2012-10-17", "<<", "=", "1e5", "0x1f", "1:30", "true", "*"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(-1e300, 1e300) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
LAYOUTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "default_style": st.sampled_from([None, None, '"', "'", "|", ">"]),
        "width": st.sampled_from([5, 20, 80, 1000]),
        "indent": st.sampled_from([2, 4, 7]),
        "allow_unicode": st.booleans(),
        "line_break": st.sampled_from(["\n", "\r\n"]),
        "explicit_start": st.booleans(),
    }
)


@given(VALUES, LAYOUTS)
def test_what_pyyaml_writes_is_read_as_pyyaml_reads_it(value: Any, layout: dict[str, Any]) -> None:
    text = "# c\n" + yaml.safe_dump(value, sort_keys=False, **layout)  # the comment, lest it is read as JSON
    try:
        expected = yaml.load(text, Loader=yaml.CSafeLoader)
        assume(same(expected, value))  # it does not always read what it writes
        root = tree(text)
    except yaml.YAMLError:
        with pytest.raises(YamlError):
            tree(text)
        return

    assert same(plain(root), value)
    check_places(text, root)
    check_characters(text, root)


@given(VALUES, st.sampled_from([None, 1, 2]), st.booleans())
def test_json_is_yaml(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps({"a": value}, indent=indent, ensure_ascii=ascii_only)

    assert same(plain(tree(text)), {"a": value})


# Texts as people write them, and where their characters stand.

LINES = st.lists(st.text(st.sampled_from("ab:{}\"' \\"), max_size=6), max_size=6)
HEADERS = st.tuples(
    st.sampled_from("|>"), st.sampled_from(["", "+", "-"]), st.booleans(), st.sampled_from(["", " # c"])
)


BEFORE = ("", "k: ", "- ", "- - ", "- k: ", "? ", "k:\n  ", "k: &x ", "- !!str\n ", "k: # c\n  ", "a:\n  - b: ")
PARTS = (
    "a", "b", " ", "  ", "\t", "\n", "\r\n", "\n  ", " \n", "\u2028", "\\n", "\\\n", "\\ ", "\\x41", "\\u00e9",
    "\\U0001f600", "''", "\\/", "\U0001f600", "#",
)  # fmt: skip


@given(
    LINES,
    HEADERS,
    st.sampled_from(BEFORE),
    st.sampled_from(["\n", "\r\n", "\x85", "\r"]),
    st.sampled_from(["", "\n", "\n\n\n"]),
)
def test_the_characters_of_block_scalars_stand_where_they_are_said_to(
    lines: list[str], header: tuple[str, str, bool, str], before: str, line_end: str, after: str
) -> None:
    style, chomping, explicit, comment = header
    indent = 4 + before.count("a:")
    digit = str(indent - {"- - ": 2, "- k: ": 2, "a:\n  - b: ": 4}.get(before, 0)) if explicit else ""
    body = "".join(f"\n{' ' * indent}{line}" for line in lines) + after
    text = (before + style + digit + chomping + comment + body).replace("\n", line_end)
    try:
        root = tree(text)
    except YamlError:
        assume(False)
        raise

    check_places(text, root)
    check_characters(text, root)


@given(
    st.lists(st.sampled_from(PARTS), max_size=14).map("".join),
    st.sampled_from(['"', "'", ""]),
    st.sampled_from(["{}", "k: {}\n", "- {} # c", "x: [{}, b]"]),
)
def test_the_characters_of_quoted_and_plain_scalars_stand_where_they_are_said_to(
    inner: str, quote: str, around: str
) -> None:
    text = around.format(quote + (inner if around == "{}" else inner.replace("\n", "\n ")) + quote)
    try:
        root = tree(text)
    except YamlError:
        return

    check_places(text, root)
    check_characters(text, root)


@pytest.mark.parametrize(
    ("scalar", "value", "at"),
    [
        ("ab", "ab", ["a", "b"]),
        ("a\n  b", "a b", ["a", "\n  ", "b"]),
        ("a \n\n\n  b", "a\n\nb", ["a", " \n\n", "\n  ", "b"]),
        ("'it''s'", "it's", ["i", "t", "''", "s"]),
        ('"a\\tb\\x41"', "a\tbA", ["a", "\\t", "b", "\\x41"]),
        ('"a\\\n   b"', "ab", ["a\\\n   ", "b"]),
        ("|\n   a\n   b\n", "a\nb\n", ["a", "\n   ", "b", ""]),
        (">-\n   a\n   b\n", "a b", ["a", "\n   ", "b"]),
        (">\n   a\n\n   b\n", "a\nb\n", ["a", "\n\n   ", "b", ""]),
        ("|+\n   a\n\n", "a\n\n", ["a", "", ""]),
        ("|2-\n    a", "  a", [" ", " ", "a"]),
    ],
)
def test_string_offsets_bound_every_character(scalar: str, value: str, at: list[str]) -> None:
    text = f"k: {scalar}"
    node = tree(text).value.get("k")
    offsets = string_offsets(node.source, node.start, node.end)

    assert node.value == value
    assert [text[offsets[index] : offsets[index + 1]] for index in range(len(value))] == at


def test_a_policy_in_a_block_scalar_points_into_the_file() -> None:
    text = 'policy: |\n  {"Statement": [\n    {"Action": "bedrock:*"}\n  ]}\nb: c\n'
    node = tree(text).value.get("policy")
    inner = EmbeddedSource(node.source, node.value, node.offsets())
    root = tree_of(inner)
    action = root.value.get("Statement").value[0].value.get("Action")
    span = inner.in_file(action.start, action.end)

    assert text[span.start : span.end] == '"bedrock:*"'
    whole = inner.in_file(0, len(inner.text))
    assert text[whole.start : whole.end].endswith("]}")


def tree_of(source: Source) -> Node:
    try:
        return read(source)[0]
    except JsonError as refused:
        raise AssertionError(refused.message) from None


def test_reading_time_does_not_explode_on_long_lines() -> None:
    blanks = " " * 200_000

    assert len(tree(f'a: "x{blanks}y"').value.get("a").offsets()) == 200_003
    assert len(tree(f"a: x{blanks}y").value.get("a").offsets()) == 200_003
    assert plain(tree(string.ascii_letters + ": 1"))
