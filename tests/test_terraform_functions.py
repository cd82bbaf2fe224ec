"""Terraform's functions: what they give, what they keep of places and of what is known, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
from bedrock_policy_lint.frontends.terraform.files import Loaded
from bedrock_policy_lint.frontends.terraform.functions import FUNCTIONS, UNKNOWN
from bedrock_policy_lint.frontends.terraform.scope import Definitions, Module
from bedrock_policy_lint.frontends.terraform.types import STRING, list_of, map_of
from bedrock_policy_lint.frontends.terraform.values import Value, is_many, unknown
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.hcl import read_expression
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

_ELSEWHERE = Node(None, 0, 0, Source("variables.tf", ""))
_VARIABLES: dict[str, Node] = {
    "any": unknown("var.any", _ELSEWHERE),
    "text": unknown("var.text", _ELSEWHERE, STRING),
    "env": unknown("var.env", _ELSEWHERE, STRING, ("dev", "prod")),
    "list": unknown("var.list", _ELSEWHERE, list_of(STRING)),
    "map": unknown("var.map", _ELSEWHERE, map_of(STRING)),
}
_FILES = {
    "policy.json": '{"Action": "bedrock:*"}\n',
    "greeting.tftpl": "Hi ${name}!%{ for x in xs } ${x}%{ endfor }",
    "whole.tftpl": "${xs}",
    "broken.tftpl": "a ${",
    "other.tftpl": "${nobody}",
}


def _load(path: str) -> Loaded:
    if path.startswith(("/", "../")):
        return Loaded(None, f"`{path}` lies outside of the tree")
    if path not in _FILES:
        return Loaded(None, f"there is no file `{path}`", is_missing=True)
    return Loaded(Source(path, _FILES[path]))


def _evaluated(text: str, load: Callable[[str], Loaded] | None = _load) -> tuple[Node, list[tuple[str, str]]]:
    evaluator = Evaluator(load)
    tree, errors = read_expression(Source("main.tf", text))
    assert not errors
    found = evaluator.evaluate(tree, Module(_VARIABLES, Definitions("local", {}, evaluator)))
    faults = [(one.message, one.node.source.text[one.node.start : one.node.end]) for one in evaluator.faults]
    return found, faults


def _plain(node: Node) -> Any:
    value = node.value
    if isinstance(value, Object):
        return {f"{_plain(key)}{'…' if is_many(key) else ''}": _plain(item) for key, item in value.pairs()}
    if isinstance(value, list):
        return [f"{_plain(item)}…" if is_many(item) else _plain(item) for item in value]
    return str(value) if isinstance(value, Template) else value


def _value(text: str) -> Any:
    found, faults = _evaluated(text)
    assert not faults
    return _plain(found)


_KNOWN: list[tuple[str, Any]] = [
    ('jsonencode({ b = "<&>", a = [1, null] })', '{"a":[1,null],"b":"\\u003c\\u0026\\u003e"}'),
    ('jsondecode("{\\"a\\":[1,2.5]}")', {"a": [1, 2.5]}),
    ('yamlencode({ a = [1, "x"], b = {} })', '"a":\n- 1\n- "x"\n"b": {}\n'),
    ('yamldecode("a: [x, 1]\\nb: true\\n")', {"a": ["x", 1], "b": True}),
    ('format("%s-%03d|%5.1f|%q", "a", 7, 2.25, "b")', 'a-007|  2.2|"b"'),
    ('formatlist("%s/%s", ["a", "b"], "c")', ["a/c", "b/c"]),
    ('join(",", ["a"], [1, true])', "a,1,true"),
    ('split("/", "a//b")', ["a", "", "b"]),
    ('concat(["a"], [1])', ["a", 1]),
    ('flatten([["a"], [["b"], []], "c"])', ["a", "b", "c"]),
    ('distinct(["b", "a", "b"])', ["b", "a"]),
    ('toset(["b", "a", "b"])', ["a", "b"]),
    ('tolist([1, "a"])', ["1", "a"]),
    ('tomap({ a = 1, b = "x" })', {"a": "1", "b": "x"}),
    ("tostring(1.50)", "1.5"),
    ('tonumber("1e3")', 1000),
    ('tobool("true")', True),
    ("merge({ a = 1 }, null, { a = 2, b = 3 })", {"a": 2, "b": 3}),
    ('lookup({ a = 1 }, "b", 2)', 2),
    ('element(["a", "b"], 3)', "b"),
    ("keys({ b = 1, a = 2 })", ["a", "b"]),
    ("values({ b = 1, a = 2 })", [2, 1]),
    ('zipmap(["a", "b"], [1, 2])', {"a": 1, "b": 2}),
    ('setproduct(["a", "b"], ["c"])', [["a", "c"], ["b", "c"]]),
    ('setunion(["b"], ["a"])', ["a", "b"]),
    ('setintersection(["a", "b"], ["b"])', ["b"]),
    ('setsubtract(["a", "b"], ["b"])', ["a"]),
    ('contains(["a"], "a")', True),
    ('coalesce(null, "", "a")', "a"),
    ('coalescelist([], ["a"])', ["a"]),
    ('compact(["a", "", null])', ["a"]),
    ('try({}.a, "x")', "x"),
    ("can({}.a)", False),
    ('length("é")', 1),
    ('lower("ÀB")', "àb"),
    ('upper("straße")', "STRAßE"),
    ('title("a-b c")', "A-B C"),
    ('trim("xax", "x")', "a"),
    ('trimprefix("aab", "a")', "ab"),
    ('trimsuffix("abb", "b")', "ab"),
    ('trimspace(" a\\n")', "a"),
    ('replace("a.b", ".", "-")', "a-b"),
    ('replace("hello", "/(l+)/", "<$1>")', "he<ll>o"),
    ('regex("([a-z])([0-9])?", "b")', ["b", None]),
    ('regex("(?P<x>[a-z])", "1b")', {"x": "b"}),
    ('regexall("a*", "baac")', ["", "aa", ""]),
    ('startswith("ab", "a")', True),
    ('endswith("ab", "a")', False),
    ('substr("hello", -3, 2)', "ll"),
    ('strrev("abc")', "cba"),
    ('sort(["b", "a"])', ["a", "b"]),
    ("reverse([1, 2])", [2, 1]),
    ("slice([1, 2, 3], 1, 2)", [2]),
    ("range(3)", [0, 1, 2]),
    ('chunklist(["a", "b", "c"], 2)', [["a", "b"], ["c"]]),
    ('index(["a", "b"], "b")', 1),
    ("one([])", None),
    ('sum([1, "2.5"])', 3.5),
    ("min(3, 1)", 1),
    ("max(3, 1)", 3),
    ("abs(-1.5)", 1.5),
    ("ceil(1.2)", 2),
    ("floor(-1.2)", -2),
    ("alltrue([true, null])", False),
    ("anytrue([])", False),
    ('transpose({ a = ["b"] })', {"b": ["a"]}),
    ('matchkeys([1, 2], ["a", "b"], ["b"])', [2]),
    ('basename("a/b.txt")', "b.txt"),
    ('dirname("a/b.txt")', "a"),
    ('base64decode(base64encode("é"))', "é"),
    ('urlencode("a b/c")', "a+b%2Fc"),
    ('md5("a")', "0cc175b9c0f1b6a831c399e269772661"),
    ('cidrsubnet("10.0.0.0/8", 8, 2)', "10.2.0.0/16"),
    ('cidrsubnets("10.1.0.0/16", 4, 8)', ["10.1.0.0/20", "10.1.16.0/24"]),
    ('cidrhost("10.0.0.0/8", -1)', "10.255.255.255"),
    ('parseint("ff", 16)', 255),
    ('nonsensitive(sensitive("a"))', "a"),
    ('core::upper("a")', "A"),
]


@pytest.mark.parametrize(("text", "value"), _KNOWN)
def test_a_function_gives_what_terraform_gives(text: str, value: Any) -> None:
    assert _value(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('join("/", ["a", var.text])', "a/${var.text}"),
        ('format("arn:%s:%s", "aws", var.text)', "arn:aws:${var.text}"),
        ('formatlist("m/%s", var.list)', ["m/${var.list[*]}…"]),
        ('split(":", "arn:aws:${var.text}")', ["arn", "aws", "${split(':', 'arn:aws:${var.text}')[2]}", "*"]),
        ('split("-", "x-${var.env}")', ["x", "${var.env}"]),
        ('lower("A${var.text}")', "a${lower(var.text)}"),
        ('replace("a.${var.text}", ".", "-")', "a-${replace(var.text, '.', '-')}"),
        ('trimprefix("arn:${var.text}", "arn:")', "${var.text}"),
        ('concat(["a"], var.list)', ["a", "${var.list[*]}…"]),
        ('concat(["a"], var.any)', ["a", "${var.any[*]}…"]),
        ('flatten([["a"], [for x in var.list : ["${x}!"]]])', ["a", "${var.list[*]}!…"]),
        ('distinct(["a", var.text, "a"])', ["a", "${var.text}…"]),
        ("merge({ a = 1 }, var.map)", {"a": 1, "${var.map key}…": "${var.map[*]}"}),
        ("keys(var.map)", ["${var.map key}…"]),
        ('compact(["a", var.text, "b${var.text}"])', ["a", "${var.text}…", "b${var.text}"]),
        ('setunion(["a"], var.list)', ["a", "${var.list[*]}…"]),
        ('jsonencode({ Resource = "x:${var.text}" })', '{"Resource":"x:${var.text}"}'),
        ("jsondecode(jsonencode({ a = var.any }))", {"a": "${var.any}"}),
        ("tolist(var.any)", ["${var.any[*]}…"]),
        ('setproduct(["a"], var.list)', ["['a', '${var.list[*]}']…"]),
    ],
)
def test_a_function_keeps_what_is_known(text: str, value: Any) -> None:
    found = _value(text)
    if isinstance(value, list) and value[-1] == "*":
        found[-1] = "*"
    assert found == value


def test_json_of_an_open_list_is_a_hole_that_keeps_its_tree() -> None:
    found, _ = _evaluated('jsonencode({ Resource = concat(["a"], var.list) })')
    assert isinstance(found, Value)
    assert isinstance(found.value, Template)
    assert found.inner is not None
    assert _plain(found.inner) == {"Resource": ["a", "${var.list[*]}…"]}


def test_json_keeps_the_places_of_its_texts() -> None:
    text = 'jsonencode({ Action = "bedrock:*" })'
    found, _ = _evaluated(text)
    at = str(found.value).index("bedrock")
    assert found.offsets()[at : at + 9] == list(range(text.index("bedrock"), text.index("bedrock") + 9))
    assert isinstance(found, Value)
    assert found.inner is not None
    assert found.inner.value.get("Action").start == text.index('"bedrock')


def test_what_is_read_from_json_in_a_text_stands_in_that_text() -> None:
    text = 'jsondecode("{\\"Action\\": \\"a:b\\"}")'
    found, _ = _evaluated(text)
    action = found.value.get("Action")
    span = action.source.in_file(action.start, action.end)
    assert span.source.path == "main.tf"
    assert text[span.start : span.end] == '\\"a:b\\"'


@pytest.mark.parametrize("text", ['join("-", ["ab", "cd"])', 'format("%s-%s", "ab", "cd")', 'trimspace("ab-cd ")'])
def test_texts_that_are_put_together_keep_their_places(text: str) -> None:
    found, _ = _evaluated(text)
    offsets = found.offsets()
    assert found.value == "ab-cd"
    assert [text[at] for at in offsets[:2]] == ["a", "b"]
    assert [text[at] for at in offsets[3:5]] == ["c", "d"]


def test_what_is_computed_anew_stands_where_the_call_does() -> None:
    found, _ = _evaluated('md5("a")')
    assert set(found.offsets()[:-1]) == {0}


def test_a_function_looks_at_each_text_of_a_closed_set() -> None:
    found, _ = _evaluated("base64encode(var.env)")
    assert found.value.parts[0].values == ("ZGV2", "cHJvZA==")


# Regular expressions


@pytest.mark.parametrize("pattern", ["(a*)*", "(a|b)+", "(?m)^a", "\\\\pL", "x{500}", "(?:a?){20}"])
def test_a_pattern_that_python_may_read_otherwise_or_slowly_is_not_tried(pattern: str) -> None:
    found, faults = _evaluated(f'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "/{pattern}/", "")')
    assert not faults
    assert isinstance(found.value, Template)


@pytest.mark.parametrize("pattern", ["(", "a)", "*", "a++", "(?=a)", "(a)\\\\1"])
def test_a_pattern_that_terraform_refuses_is_a_fault(pattern: str) -> None:
    assert _evaluated(f'regex("{pattern}", "a")')[1]


# Files


def test_the_text_of_a_file_has_its_places_there() -> None:
    found, faults = _evaluated('file("policy.json")')
    assert not faults
    assert found.value == _FILES["policy.json"]
    assert found.source.path == "policy.json"
    assert list(found.offsets()) == list(range(len(found.value) + 1))


def test_a_template_file_is_computed_with_what_it_is_given() -> None:
    assert _value('templatefile("greeting.tftpl", { name = "Ann", xs = [1, 2] })') == "Hi Ann! 1 2"
    assert _value('templatefile("greeting.tftpl", { name = var.text, xs = [] })') == "Hi ${var.text}!"
    assert _value('templatefile("whole.tftpl", { xs = [1, 2] })') == [1, 2]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('file("../secret")', "`../secret` lies outside of the tree"),
        ('file("/dev/zero")', "`/dev/zero` lies outside of the tree"),
        ('file("nope")', "there is no file `nope`"),
        ('fileexists("../secret")', "`../secret` lies outside of the tree"),
        ('templatefile("nope", {})', "there is no file `nope`"),
        ('templatefile("other.tftpl", {})', "this module declares no `nobody`"),
    ],
)
def test_a_file_that_may_not_be_read_is_a_fault_and_not_known(text: str, fault: str) -> None:
    found, faults = _evaluated(text)
    assert [message for message, _ in faults] == [fault]
    assert isinstance(found.value, Template)


def test_a_template_file_with_an_error_is_told_where_it_is() -> None:
    _, faults = _evaluated('templatefile("broken.tftpl", {})')
    assert faults


def test_whether_a_file_exists_is_known() -> None:
    assert _value('fileexists("policy.json")') is True
    assert _value('fileexists("nope")') is False


def test_without_anything_that_reads_files_they_are_not_known() -> None:
    found, faults = _evaluated('file("policy.json")', None)
    assert not faults
    assert isinstance(found.value, Template)


# The provider's


def test_an_arn_is_taken_apart_and_put_together() -> None:
    parsed = _value('provider::aws::arn_parse("arn:aws:iam::123456789012:role/${var.text}")')
    assert parsed == {
        "partition": "aws",
        "service": "iam",
        "region": "",
        "account_id": "123456789012",
        "resource": "role/${var.text}",
    }
    assert _value('provider::aws::arn_build("aws", "iam", "", var.text, "role/x")') == "arn:aws:iam::${var.text}:role/x"
    assert _value('provider::aws::trim_iam_role_path("arn:aws:iam::1:role/a/b/x")') == "arn:aws:iam::1:role/x"


@pytest.mark.parametrize("text", ["timestamp()", "uuid()", 'abspath("a")', 'provider::other::thing("a")'])
def test_what_nobody_can_tell_is_not_known_and_no_fault(text: str) -> None:
    found, faults = _evaluated(text)
    assert not faults
    assert isinstance(found.value, Template)


def test_two_calls_of_uuid_are_not_the_same() -> None:
    assert isinstance(_evaluated("uuid() == uuid()")[0].value, Template)


def test_no_function_is_both_computed_and_not() -> None:
    assert not FUNCTIONS.keys() & UNKNOWN.keys()


@pytest.mark.parametrize("name", sorted(name for name, function in FUNCTIONS.items() if function.special is None))
def test_no_function_breaks_down_on_arguments_of_any_kind(name: str) -> None:
    kinds = ("null", '"a"', "1", "true", "[]", '["a", 1]', "{}", "{ a = [null] }", "var.any", "var.list", "var.map")
    for count in range(4):
        for at in range(len(kinds)):
            arguments = ", ".join(kinds[(at + step * 3) % len(kinds)] for step in range(count))
            _evaluated(f"{name}({arguments})")
    for one in kinds:
        for other in kinds:
            _evaluated(f"{name}({one}, {other})")
            _evaluated(f"{name}({one}, {other}, {one})")
