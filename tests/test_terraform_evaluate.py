"""What the expressions of Terraform come to, what stays unknown, and where each character stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.frontends.terraform import evaluate as evaluation
from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
from bedrock_policy_lint.frontends.terraform.scope import Definitions, Found, Module
from bedrock_policy_lint.frontends.terraform.types import ANY, BOOL, NUMBER, STRING, Type, list_of, map_of, object_of
from bedrock_policy_lint.frontends.terraform.values import (
    Value,
    convert,
    equal,
    is_known,
    is_many,
    open_object,
    plain,
    unknown,
)
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.hcl import read_expression
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

_ELSEWHERE = Node(None, 0, 0, Source("variables.tf", ""))


def _nearest(name: str, candidates: Any) -> str:
    return next((one for one in candidates if one[:-1] == name[:-1]), "")


def _module(evaluator: Evaluator, variables: Mapping[str, Node], locals_: Mapping[str, str]) -> Module:
    trees = {name: read_expression(Source(f"{name}.tf", text))[0] for name, text in locals_.items()}

    def others(path: Any, place: Node) -> Found | None:
        return Found(unknown(".".join(path[:3]), place), 3) if path[0] == "data" and len(path) > 2 else None

    given_ = {"path.module": plain(".", _ELSEWHERE)}
    return Module(variables, Definitions("local", trees, evaluator), given_, others)


_VARIABLES: dict[str, Node] = {
    "any": unknown("var.any", _ELSEWHERE),
    "text": unknown("var.text", _ELSEWHERE, STRING),
    "env": unknown("var.env", _ELSEWHERE, STRING, ("dev", "prod")),
    "number": unknown("var.number", _ELSEWHERE, NUMBER),
    "flag": unknown("var.flag", _ELSEWHERE, BOOL),
    "list": unknown("var.list", _ELSEWHERE, list_of(STRING)),
    "map": unknown("var.map", _ELSEWHERE, map_of(STRING)),
    "object": unknown("var.object", _ELSEWHERE, object_of([("name", STRING), ("ids", list_of(STRING))])),
    "known": plain("known", _ELSEWHERE),
}


def _evaluated(
    text: str, variables: Mapping[str, Node] | None = None, locals_: Mapping[str, str] | None = None
) -> tuple[Node, list[tuple[str, str, str]]]:
    """The value, and every fault as its message, its hint and the text that it points at."""
    evaluator = Evaluator(nearest=_nearest)
    tree, errors = read_expression(Source("main.tf", text))
    assert not errors
    found = evaluator.evaluate(tree, _module(evaluator, variables or _VARIABLES, locals_ or {}))
    faults = [(one.message, one.hint, one.node.source.text[one.node.start : one.node.end]) for one in evaluator.faults]
    return found, faults


def _plain(node: Node) -> Any:
    value = node.value
    found: Any
    if isinstance(value, Object):
        found = {f"{_plain(key)}{'…' if is_many(key) else ''}": _plain(item) for key, item in value.pairs()}
    elif isinstance(value, list):
        found = [_marked(item) for item in value]
    else:
        found = str(value) if isinstance(value, Template) else value
    return found


def _marked(node: Node) -> Any:
    return f"{_plain(node)}…" if is_many(node) else _plain(node)


def _value(text: str) -> Any:
    found, faults = _evaluated(text)
    assert not faults
    return _plain(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("0.1 + 0.2", 0.3),
        ('"5" + 1', 6),
        ("-7 % 3", -1),
        ('"a${1}b${true}"', "a1btrue"),
        ('"$${a} %%{b}"', "${a} %{b}"),
        ('"${[1]}"', [1]),
        ("[1, 2][1]", 2),
        ("{ a = { b = 1 } }.a.b", 1),
        ('"1" == 1', False),
        ("{ a = 1 } == { a = 1 }", True),
        ("true ? 1 : 'a'".replace("'", '"'), "1"),
        ("false ? [][0] : 2", 2),
        ("[for x in [1, 2, 3] : x * 2 if x != 2]", [2, 6]),
        ("{ for k, v in { b = 1, a = 2 } : v => k }", {"2": "a", "1": "b"}),
        ("{ for v in ['a', 'a'] : v => 1... }".replace("'", '"'), {"a": [1, 1]}),
        ("[{ a = 1 }, { a = 2 }][*].a", [1, 2]),
        ("null[*]", []),
        ('"%{ for x in [1, 2] ~} ${x} %{ endfor ~}"', "1 2 "),
        ('"%{ if false }a%{ else }b%{ endif }"', "b"),
        ("<<-E\n    a\n      b\n    E\n", "a\n  b\n"),
    ],
)
def test_an_expression_has_the_value_that_terraform_gives_it(text: str, value: Any) -> None:
    assert _value(text) == value


# Unknown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"arn:${data.aws_partition.current.partition}:x"', "arn:${data.aws_partition.current.partition}:x"),
        ("var.any.name[0]", "${var.any.name[0]}"),
        ('var.any["a b"]', "${var.any['a b']}"),
        ("var.object.name", "${var.object.name}"),
        ("var.object.ids", ["${var.object.ids[*]}…"]),
        ("var.list", ["${var.list[*]}…"]),
        ("var.list[0]", "${var.list[0]}"),
        ("var.map.a", "${var.map.a}"),
        ("var.number + 1", "${(var.number + 1)}"),
        ("!var.flag", "${!var.flag}"),
        ('[for x in var.list : "m/${x}"]', ["m/${var.list[*]}…"]),
        ('[for x in var.any : "m/${x}"]', ["m/${var.any[*]}…"]),
        ('{ for k, v in var.map : k => "m/${v}" }', {"${var.map key}…": "m/${var.map[*]}"}),
        ("[for x in ['a', 'b'] : x if var.flag]", ["a…", "b…"]),
        ("[for x in var.list : [for y in var.list : '${x}${y}']]", ["['${var.list[*]}${var.list[*]1}…']…"]),
        ("var.list[*]", ["${var.list[*]}…"]),
        ("var.any[*].arn", ["${var.any[*].arn}…"]),
        ("var.flag ? 'a' : 'a'", "a"),
        ("var.flag ? ['a'] : ['b', 'c']", ["a…", "b…", "c…"]),
        ("var.flag ? ['a'] : []", ["a…"]),
        ("var.flag ? { x = 'a' } : { x = 'a' }", {"x": "a"}),
        ("{ (var.text) = 1 }", {"${var.text}": 1}),
    ],
)
def test_what_is_not_known_is_a_hole_by_its_name(text: str, value: Any) -> None:
    assert _value(text.replace("'", '"') if '"' not in text else text) == value


def test_a_choice_between_texts_is_a_closed_set() -> None:
    found, _ = _evaluated('var.flag ? "a" : "b"')
    assert found.value.parts[0].values == ("a", "b")


def test_a_closed_set_stays_one_through_an_index_a_function_and_a_choice() -> None:
    for text, values in (
        ('{ dev = "x", prod = "y" }[var.env]', ("x", "y")),
        ("upper(var.env)", ("DEV", "PROD")),
        ('trimprefix(var.env, "d")', ("dev", "prod")),
        ('lookup({ dev = "x" }, var.env, "z")', ("x", "z")),
        ('var.flag ? var.env : "test"', ("dev", "prod", "test")),
    ):
        found, faults = _evaluated(text)
        assert not faults
        holes = found.value.holes
        assert len(holes) == 1
        assert set(holes[0].values) == set(values) or text.startswith("trimprefix")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('var.env == "test"', False),
        ('"a-${var.text}" == "b-x"', False),
        ("var.text == var.text", True),
        ("false && var.flag", False),
        ("var.flag || true", True),
        ('contains(["a", var.text], "a")', True),
        ('startswith("arn:aws:${var.text}", "arn:")', True),
        ("length([var.text, var.text])", 2),
        ("var.list == []", False),  # a list never equals a tuple
        ("{ a = var.any, b = 1 }.b", 1),
        ('coalesce("x${var.text}", "y") == ""', False),
    ],
)
def test_what_unknown_parts_cannot_change_is_known(text: str, value: Any) -> None:
    assert _value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        'var.env == "prod"',
        "var.any == null",
        "var.object == null",
        "var.any == 1",
        "length(var.list)",
        "length(toset([var.text, 'a']))",
        'contains(var.list, "a")',
        "[for x in var.list : x == x][0]",
        "try(var.any.a, 1)",
        "can(var.any.a)",
        "length([for x in [1, 2] : x if var.flag])",
        "merge({ a = 1 }, var.any).a",
        "tolist([1, var.any])[0]",
        "true ? 1 : var.any",
        "one(var.list)",
        "join(',', var.list)",
        "jsonencode(var.list)",
    ],
)
def test_what_depends_on_the_unknown_is_not_known(text: str) -> None:
    found, faults = _evaluated(text.replace("'", '"'))
    assert not faults
    assert not is_known(found)
    assert isinstance(found.value, Template)


def test_an_unknown_that_must_fit_a_type_is_of_it() -> None:
    found = convert(unknown("var.x", _ELSEWHERE), object_of([("a", list_of(NUMBER))]))
    assert _plain(found) == {"a": ["${var.x.a[*]}…"]}


def test_a_resource_is_known_as_far_as_it_is_declared() -> None:
    members = Object([plain("name", _ELSEWHERE), plain("chat", _ELSEWHERE)])
    role = open_object(members, "aws_iam_role.chat", _ELSEWHERE)
    variables = {"role": role}
    assert _plain(_evaluated("var.role.name", variables)[0]) == "chat"
    assert _plain(_evaluated("var.role.arn", variables)[0]) == "${aws_iam_role.chat.arn}"


# Faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("var.flak", ("this module declares no `var.flak`", "did you mean `var.flag`?", "var.flak")),
        ("{ name = 1 }.namo", ("the object has no attribute `namo`", "did you mean `name`?", "namo")),
        ("[1][3]", ("the list has no index 3: its only one is 0", "", "[1][3]")),
        ('upper("a", "b")', ("`upper` takes 1 argument, and has 2 here", "", 'upper("a", "b")')),
        ("uppex(1)", ("there is no function `uppex`", "did you mean `upper`?", "uppex")),
        ("upper([])", ("`upper` takes a string here, and this is a tuple", "", "[]")),
        ('"a${null}"', ("this is null, which cannot be put into a string", "", "${null}")),
        ('"a${[1]}"', ("a string is needed here, and this is a tuple", "", "${[1]}")),
        ("true + 1", ("a number is needed here, and this is true or false", "", "true")),
        ("[for x in null : x]", ("this is null, which cannot be gone through", "", "null")),
        ("true ? { a = [1] } : { a = 'x' }", None),
    ],
)
def test_what_terraform_refuses_is_a_fault_at_its_place(text: str, fault: tuple[str, str, str] | None) -> None:
    _, faults = _evaluated(text.replace("'", '"'))
    assert len(faults) == 1
    assert fault is None or faults == [fault]


def test_a_fault_leaves_the_rest_of_a_value_known() -> None:
    found, faults = _evaluated('{ Action = "a:b", Resource = [1][3] }')
    assert len(faults) == 1
    assert found.value.get("Action").value == "a:b"


def test_faults_of_what_is_not_computed_are_none() -> None:
    assert _value("false ? [][0] : 1") == 1
    assert _value('try([][0], "x")') == "x"
    assert _value("[for x in var.list : [][0]]") != []
    assert _value("can([1][3])") is False
    assert not _evaluated("var.flag ? [1][3] : 1")[1]


def test_a_name_that_is_not_declared_is_a_fault_even_where_it_is_not_needed() -> None:
    for text in ("false ? var.nothing : 1", "try(var.nothing, 1)", "[for x in var.list : var.nothing][0]"):
        assert [place for _, _, place in _evaluated(text)[1]] == ["var.nothing"]


def test_locals_that_go_in_a_circle_are_told() -> None:
    found, faults = _evaluated("local.a", locals_={"a": "local.b", "b": "local.a"})
    assert [message for message, _, _ in faults] == [
        "these refer to each other in a cycle: `local.a` → `local.b` → `local.a`"
    ]
    assert not is_known(found)


def test_a_local_that_is_itself_is_told() -> None:
    assert _evaluated("local.a", locals_={"a": "[local.a]"})[1][0][0] == "`local.a` refers to itself"


def test_each_local_is_computed_once() -> None:
    _, faults = _evaluated("[local.a, local.a]", locals_={"a": "[1][3]"})
    assert len(faults) == 1


# Limits


def test_locals_that_lead_on_too_far_are_told_once() -> None:
    names = {f"l{at}": f"[local.l{at + 1}]" for at in range(2000)}
    found, faults = _evaluated("local.l0", locals_={**names, "l2000": "1"})
    assert [message for message, _, _ in faults] == [
        f"expressions nest here more than {evaluation.MAX_DEPTH} deep, with what they refer to"
    ]
    assert isinstance(found, Value)


def test_values_that_nest_too_deep_are_told_even_if_no_expression_does() -> None:
    names = {f"l{at}": f"[local.l{at - 1}]" if at else "1" for at in range(400)}
    evaluator = Evaluator()
    module = _module(evaluator, {}, names)
    for name in names:
        tree, _ = read_expression(Source("main.tf", f"local.{name}"))
        evaluator.evaluate(tree, module)
    assert [one.message for one in evaluator.faults] == ["values nest here more than 100 deep"] * len(evaluator.faults)
    assert evaluator.faults


def test_a_text_that_doubles_again_and_again_is_given_up() -> None:
    names = {f"l{at}": f'"${{local.l{at - 1}}}${{local.l{at - 1}}}"' if at else '"0123456789"' for at in range(40)}
    _, faults = _evaluated("local.l39", locals_=names)
    assert any("characters" in message for message, _, _ in faults)


def test_loops_in_loops_are_given_up() -> None:
    loop = "1"
    for name in "abcd":
        loop = f"[for {name} in range(1000) : {loop}]"
    _, faults = _evaluated(loop)
    assert len(faults) == 1
    assert "characters" in faults[0][0]


# Places


def _places(text: str) -> str:
    """What stands in the file where each character of the text does, runs of the same place once."""
    found, _ = _evaluated(text)
    offsets = list(found.offsets())
    assert len(offsets) == len(str(found.value)) + 1
    assert offsets == sorted(offsets)
    return "".join(found.source.text[at] for at in dict.fromkeys(offsets[:-1]))


def test_each_character_of_a_template_has_its_place() -> None:
    assert _places('"ab${var.known}cd"') == "ab$cd"
    assert _places('"ab${"xy"}cd"') == "abxycd"
    assert _places('"a\\tb"') == "a\\b"


def test_a_heredoc_has_places_without_its_indentation() -> None:
    assert _places("<<-E\n  ab\n    ${1}\n  E\n") == "ab\n  1\n"


def test_what_a_local_brings_keeps_the_place_of_the_local() -> None:
    found, _ = _evaluated("local.a", locals_={"a": '"xyz"'})
    assert found.source.path == "a.tf"
    assert list(found.offsets()) == [1, 2, 3, 4]


def test_a_part_from_elsewhere_stands_where_it_is_put_in() -> None:
    found, _ = _evaluated('"ab${local.a}"', locals_={"a": '"xyz"'})
    assert found.source.path == "main.tf"
    assert list(found.offsets()) == [1, 2, 3, 3, 3, 13]


# Types and equality


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (list_of(STRING), "list(string)"),
        (Type("tuple", items=(NUMBER, ANY)), "tuple([number, any])"),
        (object_of([("b", BOOL), ("a", map_of(STRING))]), "object({a = map(string), b = bool})"),
    ],
)
def test_a_type_reads_as_it_is_written(type_: Type, text: str) -> None:
    assert str(type_) == text


def test_an_element_that_stands_for_many_is_never_said_to_equal_itself() -> None:
    [element] = unknown("var.list", _ELSEWHERE, list_of(STRING)).value
    assert equal(element, element) is None


# The law: what is known stays true whatever the unknown is.

_NAMES = {
    "var.t": st.sampled_from(["", "a", "b", "a-b", "1", "true", "x/y", "é", '"<&>']),
    "var.n": st.sampled_from([0, 1, 2, -1, 3.5]),
    "var.f": st.booleans(),
    "var.l": st.lists(st.sampled_from(["", "a", "b", "1"]), max_size=3),
    "var.m": st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "a", "z"]), max_size=3),
    "var.a": st.sampled_from(["", "a", "1", 1, 0, True, ["a"], [], [["b"], "a"], {}, {"a": "x"}, {"a": 1, "b": [2]}]),
}
_TYPES = {
    "var.t": STRING,
    "var.n": NUMBER,
    "var.f": BOOL,
    "var.l": list_of(STRING),
    "var.m": map_of(STRING),
    "var.a": ANY,
}
_ATOMS = st.sampled_from(
    [*_NAMES, *_NAMES, '"a"', '"b"', '""', "1", "2", "true", '["a", "b"]', "[]", '{ a = "x" }', "{}"]
)
_SHAPES = (
    '"x${%s}-${%s}"',
    "[%s, %s]",
    "{ a = %s, b = %s }",
    "{ (%s) = %s, a = 1 }",
    "%s[0]",
    "%s.a",
    "%s[%s]",
    "%s[*]",
    "(%s ? %s : %s)",
    "(%s == %s)",
    "(%s != %s)",
    "(%s && %s)",
    "(%s || %s)",
    "(%s + %s)",
    "(%s < %s)",
    "[for x in %s : [x, %s]]",
    "[for k, x in %s : k if x == %s]",
    "[for k, x in %s : x if %s]",
    "{ for k, x in %s : k => x if x != %s }",
    "{ for k, x in %s : x => k... }",
    '"%%{ if %s }p%%{ else }${%s}%%{ endif }"',
    '"%%{ for v in %s }<${v}>%%{ endfor }"',
    "jsonencode(%s)",
    "jsondecode(jsonencode(%s))",
    "yamlencode(%s)",
    "yamldecode(yamlencode(%s))",
    'join("-", %s)',
    "join(%s, %s)",
    "split(%s, %s)",
    'split("-", %s)',
    'format("%%s=%%v", %s, %s)',
    'formatlist("%%s/%%s", %s, %s)',
    "concat(%s, %s)",
    "flatten([%s, %s])",
    "distinct(%s)",
    "distinct([%s, %s, %s])",
    "toset(%s)",
    "toset([%s, %s])",
    "tolist(%s)",
    "tolist(toset([%s, %s]))",
    "tolist([%s, %s])[0]",
    "tomap(%s)",
    "tostring(%s)",
    "tonumber(%s)",
    "merge(%s, %s)",
    "merge(%s, { a = %s })",
    "lookup(%s, %s, %s)",
    'lookup(%s, "a", %s)',
    "element(%s, %s)",
    "element([%s, %s], 1)",
    "keys(%s)",
    "values(%s)",
    "zipmap(%s, %s)",
    "setproduct(%s, %s)",
    "setunion(%s, %s)",
    "setintersection(%s, %s)",
    "setsubtract(%s, %s)",
    "contains(%s, %s)",
    "contains([%s, %s], %s)",
    "coalesce(%s, %s)",
    "coalescelist(%s, %s)",
    "compact(%s)",
    "compact([%s, %s])",
    "try(%s.a, %s)",
    "try(%s[1], %s, 1)",
    "try(tonumber(%s), %s)",
    "can(%s.a)",
    "can(%s[1])",
    "length(%s)",
    "length([%s, %s])",
    "lower(%s)",
    "upper(%s)",
    "trimprefix(%s, %s)",
    'trimsuffix(%s, "a")',
    "trimspace(%s)",
    'replace(%s, "a", %s)',
    'replace(%s, "-", "+")',
    'replace(%s, "/[a-z]/", "<$0>")',
    'regexall("[a-z]", %s)',
    "startswith(%s, %s)",
    'startswith("x-${%s}", %s)',
    'endswith("${%s}-x", %s)',
    "strcontains(%s, %s)",
    "substr(%s, 0, 1)",
    "sort(%s)",
    "reverse(%s)",
    "slice(%s, 0, 1)",
    "chunklist(%s, 2)",
    "index(%s, %s)",
    "one(%s)",
    "one([%s])",
    "alltrue([%s, %s])",
    "anytrue([%s, %s])",
    "max(%s, %s)",
    "sum([%s, %s])",
    "matchkeys(%s, %s, %s)",
    "transpose({ a = %s })",
    "base64encode(%s)",
)


def _shaped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def filled(shape: str) -> st.SearchStrategy[str]:
        count = len(re.findall(r"(?<!%)%s", shape.replace("%%", "")))
        return st.tuples(*[inner] * count).map(lambda parts: shape % parts)

    return st.sampled_from(_SHAPES).flatmap(filled)


_EXPRESSIONS = st.recursive(_ATOMS, _shaped, max_leaves=6)


def _typed(value: Any, type_: Type) -> Node:
    return convert(plain(value, _ELSEWHERE, None if type_ == ANY else type_), type_)


def _json(text: str, variables: Mapping[str, Node]) -> tuple[str | Template | None, bool]:
    """The value as JSON, and whether Terraform refuses it."""
    evaluator = Evaluator()
    tree, errors = read_expression(Source("main.tf", f"jsonencode({text})"))
    assert not errors
    given_ = {name.removeprefix("var."): node for name, node in variables.items()}
    found = evaluator.evaluate(tree, _module(evaluator, given_, {}))
    return found.value, bool(evaluator.faults)


def _pattern(value: Template) -> re.Pattern[str]:
    return re.compile("".join(".*" if isinstance(part, Hole) else re.escape(part) for part in value.parts), re.DOTALL)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(_EXPRESSIONS, st.fixed_dictionaries(_NAMES))
def test_a_value_for_the_unknown_never_contradicts_what_was_known(text: str, values: dict[str, Any]) -> None:
    before, is_refused = _json(text, {name: unknown(name, _ELSEWHERE, type_) for name, type_ in _TYPES.items()})
    after, refused_then = _json(text, {name: _typed(value, _TYPES[name]) for name, value in values.items()})
    if refused_then or not isinstance(after, str):
        return
    assert not is_refused, f"{text} is said to be refused, and is {after}"
    if isinstance(before, Template):
        assert _pattern(before).fullmatch(after), f"{text}: {before} → {after}"
    else:
        assert before == after, text


def test_a_list_that_is_made_of_the_unknown_holds_what_it_comes_to() -> None:
    found, _ = _evaluated('concat(["a"], var.list, ["b"])')
    assert _plain(found) == ["a", "${var.list[*]}…", "b"]
    assert json.loads(json.dumps(_plain(found)))
