"""Templates in YAML and in JSON give one tree, every node of which knows where it stands; and which text is one."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from trees import check_characters_in_order, every, plain, same

from bedrock_policy_lint.frontends.template.tree import Parsed, dialect, may_be_template, parse
from bedrock_policy_lint.sources.node import Node, Object, path_to
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.sources.yaml import MAX_DEPTH, Tag


def parsed(text: str, path: str = "template.yaml") -> Parsed:
    return parse(Source(path, text))


def tree(text: str) -> Node:
    root = parsed(text).root
    assert root is not None
    return root


def written(text: str) -> list[str]:
    """What stands at each node of a text."""
    return [text[node.start : node.end] for node in every(tree(text))]


# Short forms.

SHORT = {
    "!Ref": "Ref",
    "!Condition": "Condition",
    **{
        f"!{name}": f"Fn::{name}"
        for name in (
            *("Sub", "GetAtt", "Join", "If", "FindInMap", "Base64", "Cidr", "GetAZs", "ImportValue", "Select", "Split"),
            *("Transform", "Equals", "And", "Or", "Not", "ToJsonString", "Length", "ForEach"),
            *("Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll"),
        )
    },
}


@pytest.mark.parametrize(("short", "long"), SHORT.items())
@pytest.mark.parametrize(
    "value",
    ["x", "'x y'", '"x"', "|\n    x\n    y", ">-\n    x\n    y", "[x, y]", "\n  - x\n  - [y]", "{x: y}", "\n    x: y"],
)
def test_a_short_form_is_its_long_form(short: str, long: str, value: str) -> None:
    text = f"a: {short} {value}\n"
    node = tree(text).value.get("a")
    key, inner = node.value

    assert plain(node) == plain(tree(f"a:\n  {long}: {value}\n").value.get("a"))
    assert isinstance(key, Tag)
    assert (key.value, text[key.start : key.end]) == (long, short)
    assert text[inner.start : inner.end] == value.strip()
    assert text[node.start : node.end] == text[3:].rstrip()
    check_characters_in_order(key)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("a: &x !Sub 'b'\nc: *x", ["a", "!Sub 'b'", "!Sub", "'b'", "c", "*x", "!Sub", "'b'"]),
        ("a: !Sub &x b\nc: *x", ["a", "!Sub &x b", "!Sub", "b", "c", "*x", "!Sub", "b"]),
        ("a: !Sub # why\n  b", ["a", "!Sub # why\n  b", "!Sub", "b"]),
        ("a: &x # why\n  !If [c, d]", ["a", "!If [c, d]", "!If", "[c, d]", "c", "d"]),
        (
            "a: !Join\n- ''\n- - !Ref b\n  - c",
            [
                *("a", "!Join\n- ''\n- - !Ref b\n  - c", "!Join", "- ''\n- - !Ref b\n  - c"),
                *("''", "- !Ref b\n  - c", "!Ref b", "!Ref", "b", "c"),
            ],
        ),
        (
            "a: !Not [!Equals [b, !Ref c]]",
            [
                *("a", "!Not [!Equals [b, !Ref c]]", "!Not", "[!Equals [b, !Ref c]]"),
                *("!Equals [b, !Ref c]", "!Equals", "[b, !Ref c]", "b", "!Ref c", "!Ref", "c"),
            ],
        ),
        ("a: !GetAZs\nb: c", ["a", "!GetAZs", "!GetAZs", "", "b", "c"]),
        ("a: [!GetAZs , !Ref b]", ["a", "[!GetAZs , !Ref b]", "!GetAZs", "!GetAZs", "", "!Ref b", "!Ref", "b"]),
        ("a: !<!Sub> b", ["a", "!<!Sub> b", "!<!Sub>", "b"]),
        ("a: !Su%62 b", ["a", "!Su%62 b", "!Su%62", "b"]),
        ("- !Ref \U0001f600\r\n- c\r\n", ["!Ref \U0001f600", "!Ref", "\U0001f600", "c"]),
    ],
)
def test_every_node_of_a_short_form_stands_where_it_is_written(text: str, nodes: list[str]) -> None:
    assert written(text)[1:] == nodes


def test_a_short_form_is_found_by_its_place() -> None:
    text = "a:\n  - !Sub 'x'\n"
    root = tree(text)

    for place in ("!Sub", "'x'"):
        at = text.index(place)
        path = path_to(root, at, at + len(place))
        assert text[path[-1].start : path[-1].end] == place
    assert [node.value for node in path[-2:]] == ["Fn::Sub", "x"]


@pytest.mark.parametrize("value", ["12", "yes", "null", "2012-10-17", "A.B", "012345678901"])
def test_what_a_function_is_given_as_a_scalar_is_a_text(value: str) -> None:
    assert plain(tree(f"a: !Ref {value}")) == {"a": {"Ref": value}}


@pytest.mark.parametrize(
    ("text", "value", "tags"),
    [
        ("a: !Foo b", {"a": "b"}, ["!Foo"]),
        ("a: &x !Foo b\nc: *x", {"a": "b", "c": "b"}, ["!Foo"]),
        ("a: !Foo 12", {"a": 12}, ["!Foo"]),
        ("a: !Foo '12'", {"a": "12"}, ["!Foo"]),
        ("a: !Foo\n  b: !Bar [c]", {"a": {"b": ["c"]}}, ["!Foo", "!Bar"]),
        ("a: !sub b", {"a": "b"}, ["!sub"]),
        ("a: !Fn::Sub b", {"a": "b"}, ["!Fn::Sub"]),
        ("a: !!binary Yg==", {"a": "Yg=="}, ["!!binary"]),
        ("a: !!timestamp 2012-10-17", {"a": "2012-10-17"}, ["!!timestamp"]),
        ("a: !!int b", {"a": "b"}, ["!!int"]),
        ("a: !!omap [b]", {"a": ["b"]}, ["!!omap"]),
        ("!Ref a: b", {"a": "b"}, ["!Ref"]),
        ("!Foo a: b", {"a": "b"}, ["!Foo"]),
        ("a: !!str 12\nb: !!map {c: !!int 1}", {"a": "12", "b": {"c": 1}}, []),
        ("%TAG ! !x-\n---\na: !Sub b", {"a": "b"}, ["!Sub"]),
    ],
)
def test_a_tag_that_means_nothing_is_noted_and_its_value_kept(text: str, value: Any, tags: list[str]) -> None:
    result = parsed(text)

    assert result.root is not None
    assert same(plain(result.root), value)
    assert [(slip.kind, text[slip.start : slip.end]) for slip in result.slips] == [("unknown-tag", tag) for tag in tags]


# Values.


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("yes", True),
        ("On", True),
        ("NO", False),
        ("off", False),
        ("y", "y"),
        ("N", "N"),
        ("yEs", "yEs"),
        ("'yes'", "yes"),
        ("!!str yes", "yes"),
        ("!!bool yes", True),
        ("2012-10-17", "2012-10-17"),
        ("065115117704", "065115117704"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("190:20:30", "190:20:30"),
        ("1_000", "1_000"),
        ("111122223333", 111122223333),
    ],
)
def test_words_are_typed_as_cloudformation_types_them(word: str, value: Any) -> None:
    assert same(plain(tree(f"a: {word}\nb: [{word}]")), {"a": value, "b": [value]})


def test_names_stay_texts() -> None:
    assert plain(tree("on: 1\nNo: 2\n111122223333: 3")) == {"on": 1, "No": 2, "111122223333": 3}


def test_what_the_serverless_framework_reads_is_later_yaml() -> None:
    text = "service: chat\nprovider: {name: aws}\ncustom: {flag: yes, other: true, ref: !Ref X}\n"

    assert plain(tree(text))["custom"] == {"flag": "yes", "other": True, "ref": {"Ref": "X"}}


def test_a_part_of_what_the_serverless_framework_reads_is_said_to_be_one() -> None:
    root = parse(Source("part.yml", "flag: yes"), serverless=True).root

    assert root is not None
    assert plain(root) == {"flag": "yes"}


def test_duplicate_names_and_comments_are_noted() -> None:
    text = "a: !Sub b # why\na: c\n"
    slips = parsed(text).slips

    assert [(slip.kind, text[slip.start : slip.end]) for slip in slips] == [
        ("yaml-comment", "# why"),
        ("duplicate-key", "a"),
    ]


# Languages and failures.


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("t.json", '{"a": 1}', "json"),
        ("t.template", '\r\n {"a": 1}', "json"),
        ("t.template", "a: !Ref b", "yaml"),
        ("t.yaml", '{"a": {"Ref": "b"}}', "json"),
        ("t.yaml", "{a: !Ref b}", "yaml"),
        ("t.yaml", '{"a": !Ref b}', "yaml"),
        ("t.json", '// why\n{"a": 1}', "json"),
        ("t", "[1]", "json"),
    ],
)
def test_the_text_tells_its_language(path: str, text: str, language: str) -> None:
    result = parsed(text, path)

    assert result.root is not None
    assert (result.failure, result.language) == (None, language)


BILLION = "a:\n  - &a0 lol\n" + "".join(f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
DEEP = f"more than {MAX_DEPTH} lists and mappings are open here, and no policy nests so deep"


@pytest.mark.parametrize(
    ("path", "text", "kind", "message", "at"),
    [
        ("t.yaml", "", "unreadable-file", "it is not YAML: the file is empty", ""),
        ("t.json", "", "invalid-json", "the file is empty", ""),
        (
            "t.yaml",
            "a:\n\tb: c",
            "unreadable-file",
            "it is not YAML: a tab stands here where YAML takes only spaces",
            "\t",
        ),
        ("t.yaml", "a: !Sub\tb:\n\tc", "unreadable-file", "it is not YAML: no `:` is expected here", ":"),
        ("t.yaml", "a: !Sub 'b", "unreadable-file", "it is not YAML: this string has no closing quote", "'"),
        ("t.yaml", "a: !If [b", "unreadable-file", "it is not YAML: the text ends where `,` or `]` is expected", "b"),
        ("t.yaml", "a: !If{b: c}", "unreadable-file", "it is not YAML: a space belongs behind a tag", "!"),
        ("t.yaml", "a: !Sub b: c", "unreadable-file", "it is not YAML: no `:` is expected here", ":"),
        ("t.yaml", "a: \0", "unreadable-file", None, "\0"),
        ("t.yaml", "a\n---\nb", "unreadable-file", None, "---"),
        ("t.json", '{"a": !Ref b}', "invalid-json", None, "!Ref"),
        ("t.template", '{"a": 1 "b": 2}', "invalid-json", "a comma is missing between this value and the next", "1"),
        ("t.template", "{a: [b}", "unreadable-file", "it is not YAML: `,` or `]` is expected here, not `}`", "}"),
        ("t.json", "[" * 100_000, "unreadable-file", None, "["),
        ("t.yaml", "a: " + "[" * 100_000, "unreadable-file", DEEP, "["),
        ("t.yaml", "a: " + "!Not [" * 1000 + "]" * 1000, "unreadable-file", DEEP, "["),
        ("t.yaml", BILLION, "unreadable-file", None, "*a5"),
    ],
)
def test_what_cannot_be_read_says_why_and_where(path: str, text: str, kind: str, message: str | None, at: str) -> None:
    root, slips, failure, _ = parsed(text, path)

    assert (root, slips) == (None, [])
    assert failure is not None
    assert failure.kind == kind
    assert message in (None, failure.message)
    assert text[failure.span.start : failure.span.end] == at


def test_functions_count_as_depth_behind_aliases_too() -> None:
    half = MAX_DEPTH // 2
    fits = "a: &x " + "!Not [" * (half - 1) + "]" * (half - 1)

    assert parsed(fits).failure is None
    assert parsed(f"{fits}\nb: [[[*x]]]").failure is not None
    assert parsed("a: " + "!Not [" * (half - 1) + "[!Ref x]" + "]" * (half - 1)).failure is not None


def test_tagged_texts_count_as_expansion() -> None:
    shared = "- &x [" + "!Ref a, " * 1000 + "]\n"

    assert parsed(shared + "- *x\n" * 100).failure is None
    assert parsed(shared + "- *x\n" * 1000).failure is not None


# Twins: one template as YAML with short forms and as JSON with long forms.


class Call(tuple[str, Any]):
    """A function and what it is given."""

    __slots__ = ()


class Dumper(yaml.SafeDumper):
    """Writes calls as short forms."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent(dumper: Dumper, call: Call) -> yaml.Node:
    tag, value = call
    if isinstance(value, str):
        return dumper.represent_scalar(tag, value, style="'" if not value.strip().isalnum() else None)
    if isinstance(value, list):
        return dumper.represent_sequence(tag, value)
    return dumper.represent_mapping(tag, value)


Dumper.add_representer(Call, _represent)


def long_form(value: Any) -> Any:
    if isinstance(value, Call):
        return {SHORT[value[0]]: long_form(value[1])}
    if isinstance(value, dict):
        return {key: long_form(inner) for key, inner in value.items()}
    return [long_form(inner) for inner in value] if isinstance(value, list) else value


TEXTS = st.text(st.sampled_from("ab ${}:#'\"!&*-\n é"), max_size=10) | st.sampled_from(
    ["yes", "off", "null", "012", "2012-10-17", "1e5", "true", "*", "<<", "${AWS::Region}"]
)
NAMES = st.sampled_from(["a", "b", "Resources", "Type", "Properties", "on"])
VALUES = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers(-999, 999),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=3)
        | st.tuples(
            st.sampled_from(sorted(SHORT)),
            TEXTS | st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        ).map(Call)
    ),
    max_leaves=15,
)


@given(
    VALUES,
    st.sampled_from([True, False, None]),
    st.sampled_from([10, 80]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_twins_give_equal_trees(value: Any, flow: bool | None, width: int, line_break: str) -> None:
    short = "# a comment\n" + yaml.dump(
        {"a": value}, Dumper=Dumper, default_flow_style=flow, width=width, line_break=line_break, sort_keys=False
    )
    assume("\\\\" not in short)  # no text has one: PyYAML breaks quoted lines wrongly here and there
    long = json.dumps({"a": long_form(value)}, indent=1)
    one, other = parsed(short), parsed(long, "template.json")

    assert one.root is not None
    assert other.root is not None
    assert same(_shape(one.root), _shape(other.root))
    for node in every(one.root):
        stretch = short[node.start : node.end]
        if isinstance(node, Tag):
            assert stretch == {long: short for short, long in SHORT.items()}[node.value]
        elif isinstance(node.value, str):
            check_characters_in_order(node)


def _shape(node: Node) -> Any:
    """All of a tree but its places."""
    if isinstance(node.value, Object):
        return [(key.value, _shape(value)) for key, value in node.value.pairs()]
    return ["list", *map(_shape, node.value)] if isinstance(node.value, list) else node.value


@given(st.lists(st.sampled_from(
    ["a", "b: ", "- ", "\n", "\n  ", " ", "[", "]", "{", "}", ",", "'", '"', "|\n  ", "&x ", "*x", "!Sub ", "!Ref\n",
     "!If [", "!", "!<", "!Foo ", "!!int ", "<<: ", "# c", "yes", "\t", "\x00", "%TAG ! a\n", "---\n"]
), max_size=20).map("".join))  # fmt: skip
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    root, slips, failure, _ = parsed(text)

    assert (root is None) == (failure is not None)
    if failure is not None:
        assert 0 <= failure.span.start <= failure.span.end <= len(text)
    assert all(0 <= slip.start < slip.end <= len(text) for slip in slips)
    for slip in slips:
        assert slip.kind != "unknown-tag" or text[slip.start] == "!"
    for node in every(root) if root is not None else ():
        assert 0 <= node.start <= node.end <= len(text)
        assert not isinstance(node, Tag) or text[node.start] == "!"


# Dialects.

CLOUDFORMATION = [
    "Resources: {A: {Type: AWS::IAM::Role}}",
    "Resources: {A: {Type: Custom::Thing}, B: c}",
    "AWSTemplateFormatVersion: 2010-09-09",
    "Transform: AWS::Serverless-2016-10-31\nResources: {}",
    "Transform: [MyMacro, AWS::LanguageExtensions]",
    "Transform: {Name: AWS::Include, Parameters: {Location: s3://x}}",
    "Resources:\n  Fn::ForEach::Roles: [N, [a], {'Role${N}': {Type: AWS::IAM::Role}}]",
    '{"Resources": {"A": {"Type": "AWS::IAM::Role"}}}',
    "Resources: &r\n  A: &a\n    Type: AWS::IAM::Role\nOther: *r",
]
SERVERLESS = [
    "service: chat\nprovider: aws",
    "service: chat\nprovider:\n  name: aws\nfunctions: {}",
    "functions: {}\nprovider: {name: aws}",
    "'service': chat\n'provider': {name: aws}",
    '{"service": "chat", "provider": {"name": "aws"}}',
    "service: chat\nprovider: {name: aws}\nresources: {Resources: {A: {Type: AWS::IAM::Role}}}",
]
MANIFESTS = [
    '{"version": "38.0.1", "artifacts": {"Chat": {"type": "aws:cloudformation:stack"}}}',
    '{"version": "38.0.1", "artifacts": {"Tree": {"type": "cdk:tree"}}}',
]
OTHERS = [
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
    "principals: {Chat: {uses: [converse amazon.nova-lite-v1:0]}}",
    "uses: [converse amazon.nova-lite-v1:0]\npolicies: [a.json]",
    "apiVersion: v1\nkind: Service\nmetadata: {name: aws}",
    "on: push\njobs: {a: {steps: [{uses: aws-actions/configure-aws-credentials}]}}",
    "Resources: {A: {Type: plain}}",
    "Resources: [AWS::IAM::Role]",
    "Resources: {A: {Type: [AWS::IAM::Role]}}",
    "Transform: MyMacro",
    "Transform: {Name: [a]}",
    "service: chat\nprovider: {name: google}",
    "provider: aws",
    "provider: [aws]\nservice: chat",
    "version: 1\nartifacts: {a: {type: zip}, b: cdk:tree}",
    "artifacts: {a: {type: cdk:tree}}",
    "version: 1\nartifacts: [cdk:tree]",
    "- AWSTemplateFormatVersion",
    "AWSTemplateFormatVersion",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "cloudformation") for text in CLOUDFORMATION),
        *((text, "serverless") for text in SERVERLESS),
        *((text, "cdk-manifest") for text in MANIFESTS),
        *((text, "") for text in OTHERS),
    ],
)
def test_the_content_tells_what_kind_of_template_a_tree_is(text: str, expected: str) -> None:
    assert dialect(tree(text)) == expected
    assert may_be_template(text) or not expected


@pytest.mark.parametrize("text", [*OTHERS[:6], "a: b", ""])
def test_most_other_texts_need_no_reading(text: str) -> None:
    assert not may_be_template(text)


@given(
    st.sampled_from([*CLOUDFORMATION, *SERVERLESS, *MANIFESTS]),
    st.dictionaries(st.sampled_from(["Description", "x"]), VALUES.map(long_form), max_size=2),
    st.sampled_from([True, False, None]),
    st.sampled_from([None, '"', "'"]),
    st.booleans(),
)
def test_a_template_is_never_passed_over(
    text: str, more: dict[str, Any], flow: bool | None, style: str | None, as_json: bool
) -> None:
    value = {**plain(tree(text)), **more}
    again = json.dumps(value) if as_json else yaml.dump(value, default_flow_style=flow, default_style=style)

    assert dialect(tree(again))
    assert may_be_template(again)
