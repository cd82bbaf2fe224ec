"""The JSON reader agrees with the standard library, except where it is kinder, and knows where everything stands."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import every, plain, same

from bedrock_policy_lint.sources.json import MAX_DEPTH, JsonError, read, string_offsets
from bedrock_policy_lint.sources.source import Source

TOKENS = (
    '"a"',
    '"b\\n"',
    '"\\u00e9"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "1",
    "-0.5e3",
    "true",
    "null",
    " ",
    "\r\n",
    "\t",
    "x",
    "'",
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
LAYOUTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"indent": None}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}]
)


REFUSED = object()


def outcome(reading: Callable[[], Any]) -> Any:
    """What a reader makes of a text, or that it refuses it."""
    try:
        return reading()
    except (ValueError, JsonError):
        return REFUSED


@given(JSON_VALUES, LAYOUTS, st.booleans())
def test_what_the_standard_library_writes_is_read_back(value: Any, layout: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, **layout)

    root, slips = read(Source("x.json", text))

    assert same(plain(root), value)
    assert not slips


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A JSON text in which one stretch is replaced by one token."""
    text = json.dumps(draw(JSON_VALUES), **draw(LAYOUTS))
    start = draw(st.integers(0, len(text)))
    return text[:start] + draw(st.sampled_from(TOKENS)) + text[start + draw(st.integers(0, 2)) :]


@given(st.lists(st.sampled_from(TOKENS), max_size=14).map("".join) | damaged())
def test_a_text_is_accepted_when_the_standard_library_accepts_it_and_means_the_same(text: str) -> None:
    expected = outcome(lambda: json.loads(text))
    found = outcome(lambda: read(Source("x.json", text)))

    if found is REFUSED:
        assert expected is REFUSED
        return
    root, slips = found
    # What strict JSON forbids and this reader survives is on record; nothing else may differ.
    forbidden = [slip for slip in slips if slip.kind != "duplicate-key"]
    assert (expected is REFUSED) == bool(forbidden)
    assert forbidden or same(plain(root), expected)


@given(JSON_VALUES, LAYOUTS)
def test_the_span_of_every_node_reads_as_its_value(value: Any, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)

    root, _ = read(Source("x.json", text))

    for node in every(root):
        assert same(json.loads(text[node.start : node.end]), plain(node))


@given(st.text(), st.booleans(), st.integers(0, 3))
def test_string_offsets_bound_every_character_of_the_literal(value: str, ascii_only: bool, blanks: int) -> None:
    text = " " * blanks + json.dumps(value, ensure_ascii=ascii_only)
    root, _ = read(Source("x.json", text))

    offsets = string_offsets(root.source, root.start, root.end)

    assert len(offsets) == len(value) + 1
    for index, char in enumerate(value):
        assert json.loads(f'"{text[offsets[index] : offsets[index + 1]]}"') == char


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r'"\ud83d\ude00x"', "\U0001f600x"),
        (r'"\ud83dx"', "\ud83dx"),
        (r'"\ude00\ud83d"', "\ude00\ud83d"),
        (r'"\\ud83d"', "\\ud83d"),
        (r'"\"\\\/\b\f\n\r\t"', '"\\/\b\f\n\r\t'),
    ],
)
def test_escapes_count_as_the_characters_they_stand_for(literal: str, value: str) -> None:
    root, _ = read(Source("x.json", literal))

    offsets = string_offsets(root.source, 0, len(literal))

    assert root.value == value
    assert len(offsets) == len(value) + 1
    assert (offsets[0], offsets[-1]) == (1, len(literal) - 1)


@pytest.mark.parametrize(
    ("text", "slips"),
    [
        ('{"a": 1,}', [("trailing-comma", ",")]),
        ('["a",\r\n]', [("trailing-comma", ",")]),
        ('{"a": 1} // why\r\n', [("json-comment", "// why")]),
        ('/* one */ {"a": /* two\n */ 1}', [("json-comment", "/* one */"), ("json-comment", "/* two\n */")]),
        ('{"a": 1, "b": 2, "a": 3}', [("duplicate-key", '"a"')]),
        ('{"a": {"a": 1}}', []),
        ('["//", "/* */"]', []),
    ],
)
def test_slips_are_survived_and_placed(text: str, slips: list[tuple[str, str]]) -> None:
    _, found = read(Source("x.json", text))

    assert [(slip.kind, text[slip.start : slip.end]) for slip in found] == slips


def test_of_equal_names_the_last_one_counts() -> None:
    root, _ = read(Source("x.json", '{"Effect": "Deny", "Effect": "Allow"}'))

    effect = root.value.get("Effect")

    assert effect is not None
    assert effect.value == "Allow"


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (" ", "the file is empty", " "),
        ("{'a': 1}", "this string stands in single quotes", "'"),
        ("{\"a\": 'x'}", "this string stands in single quotes", "'"),
        ('{"a": \u201cx\u201d}', "this string stands in curly quotes", "\u201c"),
        ("{a: 1}", "the name `a` stands without double quotes", "a"),
        ('{"a": x}', "`x` is neither a string nor a number nor `true`, `false` or `null`", "x"),
        ('{"a": True}', "`True` is not JSON", "True"),
        ('{"a": NaN}', "`NaN` is neither a string nor a number nor `true`, `false` or `null`", "NaN"),
        ('{"a": 1}\n{"b": 2}', "a second document begins here, and a file holds one", "{"),
        ('{"a": 1}}', "this `}` closes nothing", "}"),
        ('{"a": 1} x', "the document ends before `x`", "x"),
        ('{"a": ${x}}', "a template stands outside a string here", "$"),
        ('{"a": {{ x }}}', "a template stands outside a string here", "{{"),
        ('{"a": "x", {{ y }}}', "a template stands outside a string here", "{"),
        ('{"a": "x" {{ y }}}', "a template stands outside a string here", "{"),
        ("{% if x %}{}", "a template stands outside a string here", "{%"),
        ('{"a": <X>}', "a template stands outside a string here", "<X>"),
        ('{"a": 1, # why\n"b": 2}', "JSON has no comments", "#"),
        ('{"a": 1 /* why', "this comment has no end", "/*"),
        ('\ufeff{"a": 1}', "a character that cannot be seen stands here, U+FEFF", "\ufeff"),
        ('{\u00a0"a": 1}', "a character that cannot be seen stands here, U+00A0", "\u00a0"),
        ('{"a" 1}', "`:` after the name `a` is expected here, not `1`", "1"),
        ('["a",, "b"]', "a value is expected here, not `,`", ","),
        ('{"a": "b', "this string has no closing quote", '"'),
        ('{"a": "b\n"}', "the line ends inside a string", "\n"),
        ('{"a": "b\x01"}', "a control character stands inside a string", "\x01"),
        ('{"a": "C:\\q"}', 'a backslash must be followed by one of `"\\/bfnrtu`', "\\q"),
        ('{"a": "\\u12"}', "`\\u` must be followed by four hexadecimal digits", "\\u"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(text: str, message: str, at: str) -> None:
    with pytest.raises(JsonError) as caught:
        read(Source("x.json", text))

    assert caught.value.message == message
    assert text[caught.value.start : caught.value.end] == at


@pytest.mark.parametrize("text", ['{"a": "x"\n "b": 2}', '["x"\n "b"]', '[["x"]\n ["b"]]', '[{"x": 1}\n {"b": 1}]'])
def test_a_missing_comma_is_shown_at_the_value_that_it_should_follow(text: str) -> None:
    with pytest.raises(JsonError, match="a comma is missing") as caught:
        read(Source("x.json", text))

    assert caught.value.end == text.index("\n")


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ('{"a": [1, 2', 6),
        ('{"a": [1, 2}', 6),
        ('{"a": ["x", "b": 1}', 6),
        ('{"a":', 0),
        ('{"a": "b\n}', 6),
        ('{"a": "\\"b\n}', 6),
        ('["\\\\", "b\n]', 7),
    ],
)
def test_an_error_knows_where_the_open_bracket_or_string_began(text: str, opened: int) -> None:
    with pytest.raises(JsonError) as caught:
        read(Source("x.json", text))

    assert caught.value.opened == opened


def test_brackets_may_nest_as_deep_as_the_limit_and_no_deeper() -> None:
    def nested(depth: int) -> Source:
        return Source("x.json", "[" * depth + "]" * depth)

    read(nested(MAX_DEPTH))
    with pytest.raises(JsonError, match="brackets are open") as caught:
        read(nested(MAX_DEPTH + 1))
    assert caught.value.start == MAX_DEPTH


def test_a_number_of_absurd_length_is_refused() -> None:
    with pytest.raises(JsonError, match="this number has more than"):
        read(Source("x.json", "1" * 5000))


def test_numbers_keep_their_kind() -> None:
    root, _ = read(Source("x.json", "[1, -0, 1.0, 1e2, 1e999]"))

    assert [type(item.value) for item in root.value] == [int, int, float, float, float]
    assert math.isinf(root.value[-1].value)
