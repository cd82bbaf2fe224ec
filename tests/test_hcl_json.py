"""Terraform's JSON gives the same tree as its own language, once it is asked what is a block."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.sources import hcl, hcl_json
from bedrock_policy_lint.sources.hcl_tree import (
    MAX_DEPTH,
    Block,
    Body,
    Broken,
    Expression,
    HclError,
    Interpolation,
    Literal,
    TemplateText,
    TextPart,
)
from bedrock_policy_lint.sources.source import Source

_PLACES = ("start", "end", "source", "places")


def read(text: str) -> tuple[Body, list[HclError]]:
    return hcl_json.read(Source("main.tf.json", text))


def read_well(value: object) -> Body:
    body, errors = read(json.dumps(value, indent=1))
    assert errors == []
    return body


def value_of(body: Body, name: str) -> Expression:
    found = body.attribute(name)
    assert found is not None
    return found.value


def shape(node: Any) -> Any:
    """A tree without its places, and without what tells the languages apart."""
    if isinstance(node, TemplateText):
        return ("TemplateText", shape(node.parts))
    if hasattr(node, "_fields"):
        fields = [shape(value) for name, value in zip(node._fields, node, strict=True) if name not in _PLACES]
        return (type(node).__name__, *fields)
    return tuple(map(shape, node)) if isinstance(node, tuple) else node


def labels(blocks: Any) -> list[tuple[str, ...]]:
    return [tuple(label.text for label in block.labels) for block in blocks]


def the_one(blocks: Any) -> Block:
    (block,) = blocks
    return block  # type: ignore[no-any-return]


_NATIVE = """
locals {
  a = "x-${var.y}"
  b = [1, true, null, "$${z}"]
  c = { "k" = "${d}", "${e}" = 2 }
}
resource "t" "one" {
  name = "n"
  dynamic "statement" {
    for_each = "${var.z}"
    content {
      v = 1
    }
  }
  nested {
    w = 1
  }
  nested {
    w = 2
  }
}
resource "t" "two" {}
"""
_JSON = {
    "//": "a comment",
    "locals": {
        "a": "x-${var.y}",
        "b": [1, True, None, "$${z}"],
        "c": {"k": "${d}", "${e}": 2},
    },
    "resource": {
        "t": {
            "one": {
                "//": "another",
                "name": "n",
                "dynamic": {"statement": {"for_each": "${var.z}", "content": {"v": 1}}},
                "nested": [{"w": 1}, {"w": 2}],
            },
            "two": {},
        }
    },
}


def asked(body: Body) -> list[object]:
    """What somebody who knows the names hears."""
    local = the_one(body.blocks("locals")).body
    resources = body.blocks("resource", 2)
    inside = resources[0].body
    dynamic = the_one(inside.blocks("dynamic", 1))
    return [
        [(one.name.text, shape(one.value)) for one in local.attributes()],
        labels(resources),
        shape(value_of(inside, "name")),
        [name.text for name in inside.names() if name.text != "nested"],
        labels([dynamic]),
        shape(value_of(dynamic.body, "for_each")),
        shape(value_of(the_one(dynamic.body.blocks("content")).body, "v")),
        [shape(value_of(block.body, "w")) for block in inside.blocks("nested")],
        inside.attribute("absent"),
        labels(body.blocks("data", 2)),
    ]


def test_both_languages_answer_the_same() -> None:
    native, errors = hcl.read(Source("main.tf", _NATIVE))
    assert errors == []
    assert asked(read_well(_JSON)) == asked(native)


@pytest.mark.parametrize(
    "value",
    [
        {"t": {"a": {}, "b": {}}},
        [{"t": {"a": {}}}, {"t": {"b": {}}}],
        {"t": [{"a": {}}, {"b": {}}]},
        {"t": [{"a": {}, "b": {}}]},
        {"t": {"a": {}, "//": "c", "b": {}}},
        {"t": {"a": [{}], "b": {}, "n": None}},
    ],
)
def test_objects_and_lists_of_objects_hold_labels(value: object) -> None:
    body = read_well({"resource": value})
    assert labels(body.blocks("resource", 2)) == [("t", "a"), ("t", "b")]


def test_a_list_of_objects_is_one_body() -> None:
    body, errors = read('[{"locals": {"a": 1}}, {"locals": {"b": 2}}]')
    assert errors == []
    assert [[one.name.text for one in block.body.attributes()] for block in body.blocks("locals")] == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"resource": 1}, "an object is expected here: each of its names is a label of `resource`"),
        ({"resource": {"t": ["x"]}}, "an object is expected here: each of its names is a label of `resource`"),
        (
            {"resource": {"t": {"a": "x"}}},
            "an object or a list of objects is expected here, as `resource` is a block",
        ),
    ],
)
def test_what_is_no_block_is_told_when_it_is_asked_for(value: object, message: str) -> None:
    body, errors = read(json.dumps(value))
    assert errors == []
    assert body.blocks("resource", 2) == []
    assert [error.message for error in errors] == [message]
    body.blocks("resource", 2)
    assert len(errors) == 1


def test_a_body_that_is_no_object_is_told() -> None:
    body, errors = read('{"locals": [1]}')
    assert the_one(body.blocks("locals")).body.attributes() == []
    assert [error.message for error in errors] == [
        "an object is expected here: each of its names is an argument or a block"
    ]


def test_a_name_that_is_given_twice_is_told_when_it_is_asked_for() -> None:
    body, errors = read('{"a": 1, "a": 2}')
    assert shape(value_of(body, "a")) == ("Literal", 1)
    assert [error.message for error in errors] == ["`a` has a value already"]


def test_references_stand_in_texts() -> None:
    body = read_well({"depends_on": ["a.b"], "provider": "aws.east", "providers": {"aws": "aws.west"}})
    found = [body.reference(name) for name in ("depends_on", "provider", "providers")]
    assert [shape(one.value) for one in found if one] == [
        ("Tuple", (("GetAttr", ("Variable", "a"), ("Name", "b")),)),
        ("GetAttr", ("Variable", "aws"), ("Name", "east")),
        ("ObjectCons", (("ObjectItem", ("Literal", "aws"), ("GetAttr", ("Variable", "aws"), ("Name", "west"))),)),
    ]


def test_a_template_knows_where_it_stands_in_the_file() -> None:
    text = r'{"a": "\"\u00e9 ${b.c} \n$${d}"}'
    body, errors = read(text)
    assert errors == []
    found = value_of(body, "a")
    assert isinstance(found, TemplateText)
    assert text[found.start : found.end] == r'"\"\u00e9 ${b.c} \n$${d}"'
    first, middle, last = found.parts
    assert isinstance(first, TextPart)
    assert isinstance(middle, Interpolation)
    assert isinstance(last, TextPart)
    place = middle.value.source.in_file(middle.value.start, middle.value.end)
    assert text[place.start : place.end] == "b.c"
    starts = [last.source.in_file(at, at).start for at in last.places]
    assert (last.text, [text[at] for at in starts]) == (" \n${d}", [" ", "\\", "$", "{", "d", "}", '"'])


def test_a_literal_knows_where_its_characters_stand() -> None:
    text = r'{"a": "x\ty$${z}", "b": "plain"}'
    body, _ = read(text)
    escaped, plain = value_of(body, "a"), value_of(body, "b")
    assert isinstance(escaped, Literal)
    assert isinstance(plain, Literal)
    assert escaped.value == "x\ty${z}"
    assert "".join(text[at] for at in escaped.offsets()) == 'x\\y${z}"'
    assert "".join(text[at] for at in plain.offsets()) == 'plain"'


@pytest.mark.parametrize(
    ("text", "message", "stretch"),
    [
        ('{"a": "x ${b c}"}', "`}` is expected here, not `c`", "c"),
        ('{"a": "%{ if b }"}', "this `if` has no end", "%{ if b }"),
    ],
)
def test_an_error_in_a_template_has_its_place_in_the_file(text: str, message: str, stretch: str) -> None:
    body, errors = read(text)
    assert isinstance(value_of(body, "a"), Broken | TemplateText)
    (error,) = errors
    place = error.source.in_file(error.start, error.end)
    assert (error.message, text[place.start : place.end]) == (message, stretch)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("1", "a file of Terraform's JSON is an object"),
        ('{"a": 1,}', "a comma stands before a closing bracket"),
        ('{"a": 1} // b', "JSON has no comments"),
        ('{"a": [}', "a value is expected here, not `}`"),
    ],
)
def test_what_is_no_json_is_told(text: str, message: str) -> None:
    body, errors = read(text)
    body.attributes()
    assert message in [error.message for error in errors]


def test_values_nest_no_deeper_than_in_the_other_language() -> None:
    body, errors = read('{"a": ' + "[" * (MAX_DEPTH + 50) + "]" * (MAX_DEPTH + 50) + "}")
    assert errors == []
    value_of(body, "a")
    assert [error.message for error in errors] == ["this nests too deep to be read"]


def test_templates_in_values_do_not_make_a_tree_too_high() -> None:
    depth = MAX_DEPTH - 10
    body, errors = read(f'{{"a": {"[" * depth}"${{{"[" * depth}{"]" * depth}}}"{"]" * depth}}}')
    assert isinstance(value_of(body, "a"), Broken)
    assert [error.message for error in errors] == ["this nests too deep to be read"]


_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "${a}", "${", "%{if a}", "%{", "x", "\r", "${~b~} "]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "resource", "//", "${k}", "${"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(_ANY)
@settings(max_examples=150, deadline=None)
def test_no_value_breaks_the_reader(value: object) -> None:
    body, _ = read(json.dumps({"resource": value, "a": value}))
    body.attributes()
    body.names()
    body.reference("a")
    for count in range(3):
        for block in body.blocks("resource", count):
            block.body.attributes()
