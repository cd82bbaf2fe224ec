"""What the expressions of a template come to, and where each of their characters stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template import tree
from bedrock_policy_lint.frontends.template.computed import Computed
from bedrock_policy_lint.frontends.template.stack import Stack, open_stack
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

_DATA = Path(__file__).parent / "data" / "templates"


def _parsed(name: str, text: str) -> Node:
    root = tree.parse(Source(name, text)).root
    assert root is not None
    return root


def _read(name: str) -> Node:
    return _parsed(name, (_DATA / name).read_text(encoding="utf-8"))


_BASE = _read("base.yaml")


def _stack(root: Node = _BASE, world: World = World()) -> Stack:  # noqa: B008 - it is a constant
    return open_stack(root, Document(root.source), world, default())


def _plain(node: Node | None) -> Any:
    if node is None:
        return None
    if isinstance(node.value, Object):
        return {str(key.value): _plain(value) for key, value in node.value.pairs()}
    if isinstance(node.value, list):
        return [_plain(item) for item in node.value]
    return str(node.value) if isinstance(node.value, Template) else node.value


def _cases(name: str, label: str) -> list[Any]:
    return [pytest.param(case.value, id=str(_plain(case.value.get(label)))) for case in _read(name).value]


def _text(case: Object, name: str) -> str:
    node = case.get(name)
    return "" if node is None else str(node.value)


def _written(node: Node) -> str:
    return node.source.text[node.start : node.end].strip("'\"")


def _expression(text: str, world: World = World()) -> Node:  # noqa: B008 - it is a constant
    """The value of an expression in JSON."""
    found = _stack(world=world).evaluator.computed(_parsed("expression.json", text), ())
    assert found is not None
    return found


@pytest.mark.parametrize("case", _cases("expressions.yaml", "what"))
def test_an_expression_comes_to_its_value(case: Object) -> None:
    stack = _stack(world=World(_text(case, "region"), _text(case, "account")))
    expression = case.get("expression")
    assert expression is not None
    found = stack.evaluator.computed(expression, ())
    assert found is not None
    assert _plain(found) == _plain(case.get("value"))
    assert isinstance(found.value, Template) == (_text(case, "unknown") == "True")
    if case.get("values") is not None:
        assert list(found.value.holes[0].values) == _plain(case.get("values"))
    assert stack.evaluator.faults == []


@pytest.mark.parametrize("case", _cases("faults.yaml", "message"))
def test_a_fault_points_at_what_is_wrong_and_names_what_is_near(case: Object) -> None:
    stack = _stack()
    expression = case.get("expression")
    assert expression is not None
    stack.evaluator.computed(expression, ())
    (fault,) = stack.evaluator.faults
    assert (fault.message, fault.hint) == (_text(case, "message"), _text(case, "hint"))
    assert _written(fault.node) == _text(case, "at")


def test_characters_of_a_substituted_text_point_at_themselves_and_at_variables() -> None:
    written = '{"Fn::Sub": "a\\u0062:${Env}/${AWS::Region}x"}'
    found = _expression(written)
    places = [written[at : at + 1] for at in found.offsets()[:-1]]
    assert str(found.value) == "ab:dev/${AWS::Region}x"
    assert "".join(places) == "a\\:$$$/${AWS::Region}x"
    assert found.offsets()[-1] == written.rindex('"')
    assert written[found.start : found.end] == '"a\\u0062:${Env}/${AWS::Region}x"'


def test_what_is_joined_stands_where_each_part_stands() -> None:
    written = '{"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "s3"]]}'
    found = _expression(written)
    offsets = list(found.offsets())
    assert str(found.value) == "arn:${AWS::Partition}:s3"
    assert offsets == sorted(offsets)
    assert [written[at] for at in offsets[:3]] == list("arn")
    assert offsets[4] == written.index('"AWS::Partition"')
    assert [written[at] for at in offsets[-3:-1]] == list("s3")
    assert (found.start, found.end) == (0, len(written))


def test_what_is_selected_keeps_its_place() -> None:
    written = '{"Fn::Select": [1, {"Fn::Split": ["/", "ab/cd/ef"]}]}'
    assert [written[at] for at in _expression(written).offsets()] == [*"cd", "/"]


def test_a_parameter_is_not_dearer_than_what_is_known_of_it() -> None:
    text = "Parameters: {P: {Type: String, AllowedValues: [a, b]}}\nResources: {R: {Type: T, Properties: {V: !Ref P}}}"
    component = _stack(_parsed("t.yaml", text)).component("R")
    assert component is not None
    found = component.get("V")
    assert found is not None
    assert found.value == Template((Hole("P", "${P}", values=("a", "b")),))


@pytest.mark.parametrize(
    "expression",
    [
        {"Fn::Sub": ["${a}${a}${a}", {"a": "x"}]},
        {"Fn::ToJsonString": {"a": "x"}},
        {"Fn::Join": ["", ["x", "x"]]},
    ],
)
def test_values_that_grow_at_every_step_come_to_a_fault(expression: dict[str, Any]) -> None:
    text = '"x"'
    for _ in range(60):
        text = json.dumps(expression).replace('"x"', text, 2)
        if len(text) > 20_000:
            break
    stack = _stack()
    stack.evaluator.computed(_parsed("expression.json", text), ())
    assert len(stack.evaluator.faults) <= 2


_NAMES = st.text("abcXYZ ", min_size=1, max_size=6)
_PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text('ab$!:/"\\é\n', max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)),
    max_leaves=12,
)
_PARTS = st.lists(st.text('ab:"\\é', max_size=5), min_size=1, max_size=5)


@given(_PLAIN)
def test_a_tree_without_functions_computes_to_itself(value: Any) -> None:
    node = _parsed("t.json", json.dumps(value))
    assert _stack().evaluator.computed(node, ()) is node


@given(st.text('ab${}!:"\\é', max_size=12).filter(lambda text: "${" not in text))
def test_a_text_without_variables_substitutes_to_itself(text: str) -> None:
    written = json.dumps({"Fn::Sub": text})
    assert _expression(written).value == text


@given(_PARTS, st.sampled_from([",", "|", "; "]))
def test_what_is_joined_splits_into_the_same(parts: list[str], between: str) -> None:
    joined = {"Fn::Join": [between, parts]}
    assert _plain(_expression(json.dumps({"Fn::Split": [between, joined]}))) == parts


@given(st.lists(st.sampled_from(["ab", 'é"\\', "${Env}", "${Stage}", "${!x}", "${AWS::Region}"]), max_size=8))
def test_every_literal_character_points_at_itself(parts: list[str]) -> None:
    written = json.dumps({"Fn::Sub": "".join(parts)}, ensure_ascii=False)
    found = _expression(written)
    offsets = list(found.offsets())
    assert len(offsets) == len(str(found.value)) + 1
    assert offsets == sorted(offsets)
    at = 0
    for part in found.value.parts if isinstance(found.value, Template) else (found.value,):
        text = part if isinstance(part, str) else part.written
        for char, place in zip(text, offsets[at:], strict=False):
            is_itself = written[place] == char or written[place] == "\\"
            assert is_itself or written[place] == "$"  # of a variable that has been replaced
        at += len(text)


@given(st.lists(st.sampled_from(["a", "${Stage}", "${AWS::Region}", "${Role.Arn}"]), min_size=1, max_size=5))
def test_what_is_unknown_never_becomes_a_plain_text(parts: list[str]) -> None:
    for expression in ({"Fn::Sub": "".join(parts)}, {"Fn::Join": ["-", [{"Fn::Sub": part} for part in parts]]}):
        found = _expression(json.dumps(expression))
        has_unknown = any(part != "a" for part in parts)
        assert isinstance(found.value, Template) == has_unknown


def test_computing_twice_gives_the_same_object() -> None:
    stack = _stack()
    node = _parsed("t.json", '{"Fn::Sub": "${Stage}"}')
    first = stack.evaluator.computed(node, ())
    assert isinstance(first, Computed)
    assert stack.evaluator.computed(node, ()) is first
