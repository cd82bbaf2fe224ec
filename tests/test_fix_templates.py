"""Fixes in YAML and in templates: layout, quotes and comments stay, and what is inserted is written as templates do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import plain

from bedrock_policy_lint import catalog as catalogs
from bedrock_policy_lint import templates
from bedrock_policy_lint.authorize.decision import LESS, MORE, SAME
from bedrock_policy_lint.deployment.world import Inputs, World
from bedrock_policy_lint.engine import lint_declaration, lint_template
from bedrock_policy_lint.finding import Finding, TextEdit
from bedrock_policy_lint.fix.apply import fix_text
from bedrock_policy_lint.fix.edits import rewrites
from bedrock_policy_lint.fix.idiom import generalise, generalised
from bedrock_policy_lint.fix.label import edited, keeps_access, label_anew
from bedrock_policy_lint.fix.rewrite import UnfitError
from bedrock_policy_lint.fix.yaml_scalars import is_plain, scalar
from bedrock_policy_lint.frontends import declaration
from bedrock_policy_lint.frontends.document import Document, Idiom
from bedrock_policy_lint.model.policy import Place, Statement
from bedrock_policy_lint.model.text import Hole, Template, Text
from bedrock_policy_lint.rule import Add, AddMember, Cut, Edit, Remove, Replace
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources import yaml
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.source import Source, Span

Make = Callable[[Statement], Edit]

DECLARED = """region: us-east-1
account: "111122223333"
uses:
  - amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
"""


def declared(body: str) -> Document:
    """The document of a declaration with these statements."""
    source = Source("bedrock-usage.yaml", DECLARED + body)
    return declaration.read(source, no_file, catalogs.default()).document


def deployed(text: str, path: str = "template.yaml", **world: Any) -> Document:
    """The document of a template in a world."""
    blueprint = templates.read(Source(path, text), no_file, catalogs.default())
    assert blueprint is not None
    assert not isinstance(blueprint, templates.Broken)
    return blueprint.deployment(World(**world)).document


def changes(document: Document, *edits: Edit) -> list[TextEdit]:
    found = []
    for change in rewrites(document, edits):
        span = change.source.in_file(change.start, change.end)
        assert span.source is document.source
        found.append(TextEdit(span.start, span.end, change.source.escape(change.text)))
    return found


def after(document: Document, make: Make) -> str:
    """The text after an edit of the first statement."""
    edit = make(document.policies[0].statements[0])
    return edited(document.source, changes(document, edit)).text


# YAML: layout

BLOCK = """    - Effect: Allow # who
      Action:
        - bedrock:InvokeModel # one
        # before two
        - bedrock:GetAgent # two
      Resource: "*"
      Sid: 'x'
"""
FLOW = """  - {Effect: Allow, Action: ['a:B', "c:D"], Resource: '*'}
"""
BRACKETS = """  - Effect: Allow
    Action: [
      a:B, # one
      c:D # two
    ]
    Resource: arn:aws:s3:::x # why
"""
ODD = """  -   Effect: Allow
      Action:
      -   a:B
      -   c:D
      Resource:
        arn:aws:s3:::x
"""


def first_action(statement: Statement) -> Edit:
    return Remove(statement.action_nodes[0])


def last_action(statement: Statement) -> Edit:
    return Remove(statement.action_nodes[-1])


def member(name: str) -> Make:
    def remove(statement: Statement) -> Edit:
        found = statement.node.value.member(name)
        assert found is not None
        return Remove(found[0])

    return remove


CONDITION = {"StringEquals": {"aws:PrincipalTag/a": ["x", "*"]}}


@pytest.mark.parametrize(
    ("body", "make", "old", "new"),
    [
        # An entry goes with its line and the comment there, and no other.
        (BLOCK, first_action, "        - bedrock:InvokeModel # one\n", ""),
        (BLOCK, last_action, "        - bedrock:GetAgent # two\n", ""),
        (ODD, last_action, "      -   c:D\n", ""),
        (FLOW, first_action, "'a:B', ", ""),
        (FLOW, last_action, ', "c:D"', ""),
        (BRACKETS, first_action, "      a:B, # one\n", ""),
        (BRACKETS, last_action, "a:B, # one\n      c:D # two\n", "a:B # one\n"),
        (BLOCK, member("Sid"), "      Sid: 'x'\n", ""),
        (BLOCK, member("Effect"), "Effect: Allow # who\n      Action", "Action"),
        (FLOW, member("Effect"), "Effect: Allow, ", ""),
        (FLOW, member("Resource"), ", Resource: '*'", ""),
        # One more stands behind, in the layout and with the quotes of the one before.
        (BLOCK, lambda s: Add(s.action_nodes[0], "a:B"), "# one\n", "# one\n        - a:B\n"),
        (
            BLOCK,
            lambda s: Add(s.action_nodes[1], "*", ("a: b",)),
            "# two\n",
            '# two\n        - "*"\n        - "a: b"\n',
        ),
        (ODD, lambda s: Add(s.action_nodes[0], "new"), "-   a:B\n", "-   a:B\n      -   new\n"),
        (FLOW, lambda s: Add(s.action_nodes[0], "x'y"), "'a:B'", "'a:B', 'x''y'"),
        (BRACKETS, lambda s: Add(s.action_nodes[0], "new"), "# one\n", "# one\n      new,\n"),
        (BRACKETS, lambda s: Add(s.action_nodes[1], "new"), "c:D # two\n", "c:D, # two\n      new\n"),
        # One value becomes a list as the others are.
        (
            BLOCK,
            lambda s: Add(s.resource_nodes[0], "arn:aws:s3:::a"),
            'Resource: "*"',
            'Resource:\n        - "*"\n        - "arn:aws:s3:::a"',
        ),
        (FLOW, lambda s: Add(s.resource_nodes[0], "a"), "'*'}", "['*', 'a']}"),
        (
            BRACKETS,
            lambda s: Add(s.resource_nodes[0], "arn:aws:s3:::a"),
            "arn:aws:s3:::x",
            "[arn:aws:s3:::x, arn:aws:s3:::a]",
        ),
        (ODD, lambda s: Add(s.resource_nodes[0], "a"), "  arn:aws:s3:::x", "  - arn:aws:s3:::x\n        - a"),
        # Members
        (
            BLOCK,
            lambda s: AddMember(s.node, "Condition", CONDITION),
            "Sid: 'x'\n",
            "Sid: 'x'\n      Condition:\n        StringEquals:\n          aws:PrincipalTag/a:\n"
            '            - x\n            - "*"\n',
        ),
        (
            FLOW,
            lambda s: AddMember(s.node, "Condition", CONDITION),
            "'*'}",
            "'*', Condition: {StringEquals: {aws:PrincipalTag/a: [x, \"*\"]}}}",
        ),
        (BLOCK, lambda s: AddMember(s.policy.node, "Id", "a"), "Sid: 'x'\n", "Sid: 'x'\n  Id: \"a\"\n"),
        (
            BLOCK.replace(": Allow", ": 'Allow'"),
            lambda s: AddMember(s.node, "Version", "2012-10-17"),
            "Sid: 'x'\n",
            "Sid: 'x'\n      Version: '2012-10-17'\n",
        ),
        # Values
        (BLOCK, lambda s: Replace(s.action_nodes[0], "*"), "bedrock:InvokeModel", '"*"'),
        (
            BLOCK,
            lambda s: Replace(s.action_nodes[0], "a:B", ("c:D",)),
            "bedrock:InvokeModel # one\n",
            "a:B # one\n        - c:D\n",
        ),
        (BLOCK, lambda s: Replace(s.node.value[0], "effect"), "Effect", "effect"),
        (BLOCK, lambda s: Replace(Place(s.action_nodes[0], 0, 7), "a"), "bedrock:Inv", "a:Inv"),
        (BLOCK, lambda s: Replace(Place(s.action_nodes[0], 0, 7), "*"), "bedrock:InvokeModel", '"*:InvokeModel"'),
        (FLOW, lambda s: Replace(Place(s.action_nodes[0], 2, 3), "it's"), "a:B", "a:it''s"),
        (
            BLOCK,
            lambda s: Cut(Span(s.node.source, s.resource_nodes[0].start, s.resource_nodes[0].end), "a"),
            '"*"',
            "a",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edit_changes_what_it_must_and_no_more(body: str, make: Make, old: str, new: str, newline: str) -> None:
    body, old, new = (text.replace("\n", newline) for text in (body, old, new))
    start = DECLARED.replace("\n", newline)
    document = declaration.read(Source("bedrock-usage.yaml", start + body), no_file, catalogs.default()).document
    assert body.count(old) == 1

    text = after(document, make)

    assert text == start + body.replace(old, new)
    yaml.read(Source("bedrock-usage.yaml", text))


def test_the_last_line_needs_no_line_end() -> None:
    body = BLOCK.rstrip("\n")

    assert after(declared(body), member("Sid")) == (DECLARED + body).removesuffix("\n      Sid: 'x'")
    assert after(declared(body), lambda s: Add(s.sid_node or s.node, "y")).endswith(
        "Sid:\n        - 'x'\n        - 'y'"
    )


@pytest.mark.parametrize(
    ("body", "make"),
    [
        # What else stands for the value would change with it.
        (
            ODD.replace("Action:", "Action: &a").replace("Resource:\n        arn:aws:s3:::x", "Resource: *a"),
            first_action,
        ),
        (ODD.replace("-   a:B", "-   &a a:B") + "      Sid: *a\n", lambda s: Replace(s.action_nodes[0], "b")),
        (
            ODD.replace("-   a:B", "-   &a a:B") + "      Sid: *a\n",
            lambda s: Replace(Place(s.sid_node or s.node, 0, 1), "b"),
        ),
        # Nothing would be left.
        (BLOCK, lambda s: Remove(s.policy.statements[0].node)),
    ],
)
def test_what_would_change_more_is_not_edited(body: str, make: Make) -> None:
    with pytest.raises(UnfitError):
        after(declared(body), make)


def test_an_alias_itself_can_be_replaced() -> None:
    body = ODD.replace("-   a:B", "-   &a a:B") + "      Sid: *a\n"

    assert after(declared(body), lambda s: Replace(s.sid_node or s.node, "b")).endswith("Sid: b\n")


def test_a_value_of_many_lines_moves_into_a_list_as_it_is() -> None:
    text = template("!Join\n            - ':'\n            - - arn\n\n              - x")

    written = after(deployed(text), lambda s: Add(s.resource_nodes[0], "*"))

    assert written == template(
        """
              - !Join
                - ':'
                - - arn

                  - x
              - '*'"""
    ).replace("Resource: \n", "Resource:\n")


# YAML: scalars


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab1.0-:#*&!|>%@`'\"{}[],? \t~=<é\u2028\u00a0\n")) | st.text(max_size=8),
    st.sampled_from(["", "'", '"']),
    st.booleans(),
)
def test_a_scalar_reads_as_its_text(text: str, style: str, in_flow: bool) -> None:
    text = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    written = scalar(text, style or ("" if is_plain(text, in_flow=in_flow) else '"'))

    root, _ = yaml.read(Source("a.yaml", f"k: [{written}, z]" if in_flow else f"k:\n  - {written}\n  - z\n"))

    assert root.value[1].value[0].value == text


@pytest.mark.parametrize(
    "text", ["bedrock:InvokeModel", "arn:aws:s3:::a/*", "2012-10-17", "12E4567890abz", "a#b", "-a"]
)
def test_what_needs_no_quotes_gets_none(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text",
    ["", "*", "a: b", "a #b", "{a", "[a", "!a", "&a", "%a", "@a", "111122223333", "true", "Yes", "n", "- a", "1.5"],
)
def test_what_would_read_otherwise_is_quoted(text: str) -> None:
    assert not is_plain(text)


# Templates: what is filled in

REGION = Hole("AWS::Region", "${AWS::Region}")
ACCOUNT = Hole("AWS::AccountId", "${AWS::AccountId}")
PARTITION = Hole("AWS::Partition", "${AWS::Partition}")
OWN: Text = Template(("arn:", PARTITION, ":bedrock:us-east-1:", ACCOUNT, ":inference-profile/", Hole("P", "${P}")))
TEMPLATE = """Parameters:
  P: {Type: String}
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: bedrock:InvokeModel
            Resource: WHAT
"""
TWIN = """{"Parameters": {"P": {"Type": "String"}}, "Resources": {"ChatPolicy": {
  "Type": "AWS::IAM::ManagedPolicy",
  "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel"],
    "Resource": WHAT
  }]}}
}}}
"""
HERE = {"region": "us-east-1"}
SUB = "arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/a"
SAID = "arn:aws:bedrock:us-east-1::foundation-model/a"
NEW = "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:inference-profile/${P}"
ENTRY = "\n              - "
THERE = "arn:${AWS::Partition}:bedrock:us-east-1:${AWS::AccountId}:inference-profile/${P}"


def template(what: str) -> str:
    return TEMPLATE.replace("WHAT", what)


@pytest.mark.parametrize(
    ("old", "make", "new"),
    [
        (f"!Sub {SUB}", lambda s: Add(s.resource_nodes[0], OWN), f"{ENTRY}!Sub {SUB}{ENTRY}!Sub {NEW}"),
        (f"!Sub '{SUB}'", lambda s: Replace(s.resource_nodes[0], OWN), f"!Sub '{NEW}'"),
        (f"!Sub {SUB}", lambda s: Replace(s.resource_nodes[0], "*"), "'*'"),
        (f"!Sub {SUB}", lambda s: Replace(s.resources[0].place("id"), "b"), f"!Sub {SUB[:-1]}b"),
        (
            f"!Sub {SUB}",
            lambda s: Replace(s.resources[0].place("id"), "${aws:username}"),
            f"!Sub {SUB[:-1]}${{!aws:username}}",
        ),
        (f"{SAID}", lambda s: Replace(s.resources[0].place("id"), "${aws:username}"), f"{SAID[:-1]}${{aws:username}}"),
        (
            f"{SAID}",
            lambda s: Replace(s.resources[0].place("account"), Template((ACCOUNT,))),
            "!Sub arn:aws:bedrock:us-east-1:${AWS::AccountId}:foundation-model/a",
        ),
        # Who writes the Region out goes on doing so; an account that is not known cannot be.
        (f"[{SAID}]", lambda s: Add(s.resource_nodes[0], OWN), f"[{SAID}, !Sub '{THERE}']"),
        (
            f"\n              Fn::Sub: {SUB}",
            lambda s: Add(s.resource_nodes[0], OWN),
            f"{ENTRY}Fn::Sub: {SUB}{ENTRY}Fn::Sub: {NEW}",
        ),
        ("!If [C, a, b]", lambda s: Replace(s.resource_nodes[0], "c"), "!If [C, a, c]"),
    ],
)
def test_what_is_filled_in_is_written_in_short_forms(old: str, make: Make, new: str) -> None:
    document = deployed(template(old), **HERE)

    text = after(document, make)

    assert text == template(new).replace("Resource: \n", "Resource:\n") or text == template(new)
    again = deployed(text, **HERE)
    assert not again.defects


@pytest.mark.parametrize(
    ("old", "make", "new"),
    [
        ({"Fn::Sub": SUB}, lambda s: Add(s.resource_nodes[0], OWN), [{"Fn::Sub": SUB}, {"Fn::Sub": NEW}]),
        ({"Fn::Sub": SUB}, lambda s: Replace(s.resource_nodes[0], OWN), {"Fn::Sub": NEW}),
        ({"Fn::Sub": SUB}, lambda s: Replace(s.resource_nodes[0], "*"), "*"),
        ({"Fn::Sub": SUB}, lambda s: Replace(s.resources[0].place("id"), "b"), {"Fn::Sub": f"{SUB[:-1]}b"}),
        (SAID, lambda s: Add(s.resource_nodes[0], OWN), [SAID, {"Fn::Sub": THERE}]),
        (SAID, lambda s: Replace(s.resource_nodes[0], "*"), "*"),
        (
            SAID,
            lambda s: Replace(s.resources[0].place("region"), Template((REGION,))),
            {"Fn::Sub": "arn:aws:bedrock:${AWS::Region}::foundation-model/a"},
        ),
    ],
)
def test_in_json_it_is_written_in_long_forms(old: Any, make: Make, new: Any) -> None:
    document = deployed(TWIN.replace("WHAT", json.dumps(old)), "template.json", **HERE)

    assert after(document, make) == TWIN.replace("WHAT", json.dumps(new))


JOINED = "!Join [':', [arn, !Ref AWS::Partition, bedrock, us-east-1, '', foundation-model/a]]"


@pytest.mark.parametrize(
    ("what", "make"),
    [
        (JOINED, lambda s: Replace(s.resources[0].place("id"), "b")),
        (JOINED, lambda s: Replace(s.resource_nodes[0], "b")),
        ("!Ref P", lambda s: Replace(s.resource_nodes[0], "b")),
        ("!Ref P", lambda s: Replace(Place(s.resource_nodes[0], 0, 0), "b")),
        (f"!Sub {SUB}", lambda s: Replace(s.resources[0].place("region"), "")),
        ("!Sub 'arn:aws:bedrock:us-east-1::foundation-model/${P}'", lambda s: Replace(s.resource_nodes[0], "b")),
        ("!If [C, a, b]", lambda s: Add(s.resource_nodes[0], "c")),
        ("!If [C, a, b]", lambda s: Remove(s.resource_nodes[0])),
        (SAID, lambda s: Add(s.resource_nodes[0], Template((Hole("Other", "${Other}"),)))),
        (SAID, lambda s: Add(s.resource_nodes[0], Template((Hole("ImportValue a", "${ImportValue a}"),)))),
        (SAID, lambda s: Add(s.resource_nodes[0], Template((Hole("account", "<account>"),)))),
    ],
)
def test_what_is_computed_or_has_no_name_is_not_edited(what: str, make: Make) -> None:
    with pytest.raises(UnfitError):
        after(deployed(template(what), **HERE), make)


def test_a_computed_entry_can_be_removed_and_added_to() -> None:
    two = template(f"\n              - {JOINED}\n              - a\n")
    document = deployed(two, **HERE)

    assert after(document, lambda s: Remove(s.resource_nodes[0])) == two.replace(f"              - {JOINED}\n", "")
    assert after(document, lambda s: Add(s.resource_nodes[0], "b")) == two.replace("]]\n", "]]\n              - b\n")


def test_in_serverless_a_text_of_its_own_is_substituted_and_one_that_stands_there_is_not() -> None:
    text = (
        "service: chat\nfunctions:\n  chat: {handler: a.b}\nprovider:\n  name: aws\n  region: us-east-1\n"
        "  iam:\n    role:\n      statements:\n"
        "        - Effect: Allow\n          Action: bedrock:InvokeModel\n          Resource: '*'\n"
    )
    known: Text = Template(("arn:", PARTITION, ":bedrock:us-east-1:", ACCOUNT, ":inference-profile/a"))
    document = deployed(text, "serverless.yml", region="us-east-1")

    written = after(document, lambda s: Replace(s.resource_nodes[0], known))

    assert written == text.replace(
        "'*'", "!Sub 'arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:inference-profile/a'"
    )
    with pytest.raises(UnfitError):
        after(document, lambda s: Replace(s.resource_nodes[0], OWN))
    with pytest.raises(UnfitError):
        after(document, lambda s: Replace(Place(s.resource_nodes[0], 0, 1), Template((PARTITION,))))


WORLD = Idiom("aws", "us-east-1", account="111122223333")
ARN = "arn:aws:bedrock:us-east-1:111122223333:agent/A"


@pytest.mark.parametrize(
    ("text", "beside", "expected"),
    [
        (ARN, (), "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:agent/A"),
        (
            ARN,
            ("!Sub arn:${AWS::Partition}:s3:::a",),
            "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:agent/A",
        ),
        (ARN, ("arn:aws:s3:::a",), "arn:aws:bedrock:${AWS::Region}:${AWS::AccountId}:agent/A"),
        (ARN, ("arn:aws:bedrock:us-east-1::a",), "arn:aws:bedrock:us-east-1:${AWS::AccountId}:agent/A"),
        (ARN, (ARN,), ARN),
        ("arn:aws:bedrock:us-west-2::x/a", (), "arn:${AWS::Partition}:bedrock:us-west-2::x/a"),
        ("arn:aws-cn:bedrock:*:*:agent/A", (), "arn:aws-cn:bedrock:*:*:agent/A"),
        ("us-east-1", (), "us-east-1"),
    ],
)
def test_an_arn_is_written_for_wherever_it_is_deployed(text: str, beside: tuple[str, ...], expected: str) -> None:
    assert str(generalise(text, WORLD, beside)) == expected


def test_arns_for_several_regions_keep_them() -> None:
    several = [f"arn:aws:bedrock:{region}::foundation-model/a" for region in ("us-east-1", "us-east-2")]

    assert [str(text) for text in generalised(several, WORLD)] == [
        "arn:${AWS::Partition}:bedrock:us-east-1::foundation-model/a",
        "arn:${AWS::Partition}:bedrock:us-east-2::foundation-model/a",
    ]


def test_a_region_that_is_only_assumed_is_never_written_out() -> None:
    assert "${AWS::Region}" in str(generalise(ARN, WORLD._replace(is_region_open=True), (ARN,)))


# Templates: JSON inside a text

INNER = """{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "Action": [
      "bedrock:InvokeModel",
      "bedrock:GetAgent"
    ],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/it's"
  }]
}"""
OUTER = """Resources:
  Limit:
    Type: AWS::Organizations::Policy
    Properties:
      Name: limit
      Type: SERVICE_CONTROL_POLICY
      Content: TEXT
"""


def indented(text: str) -> str:
    return "\n".join(f"        {line}" for line in text.splitlines())


HOSTS: dict[str, Callable[[str], str]] = {
    "literal": lambda text: "|\n" + indented(text),
    "folded": lambda text: ">-\n" + indented(text),
    "single quotes": lambda text: "'" + text.replace("'", "''").replace("\n", "\n        ") + "'",
    "double quotes": json.dumps,
    "substituted": lambda text: "!Sub |\n" + indented(text.replace("arn:aws:", "arn:${AWS::Partition}:")),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "make",
    [
        first_action,
        last_action,
        lambda s: Add(s.action_nodes[0], "bedrock:'x\""),
        lambda s: Add(s.resource_nodes[0], "arn:aws:s3:::it's/${aws:username}"),
        lambda s: Replace(s.resource_nodes[0], "it's"),
        lambda s: Replace(s.resources[0].place("id"), "a'b"),
        lambda s: AddMember(s.node, "Condition", {"StringEquals": {"aws:PrincipalTag/a": "it's"}}),
    ],
)
def test_a_policy_in_a_text_is_edited_in_the_spelling_of_the_text(host: str, newline: str, make: Make) -> None:
    text = OUTER.replace("TEXT", HOSTS[host](INNER)).replace("\n", newline)
    plain = deployed(json.dumps(yaml_of(OUTER, INNER)), "template.json", **HERE)
    document = deployed(text, **HERE)

    written = after(document, make)

    expected = value_of(deployed(after(plain, make), "template.json", **HERE))
    assert value_of(deployed(written, **HERE)) == expected
    assert written.startswith(text[: text.index("Content")])
    assert newline == "\r\n" or "\r" not in written
    assert newline == "\n" or "\n" not in written.replace("\r\n", "")


def yaml_of(outer: str, inner: str) -> Any:
    properties = {"Name": "limit", "Type": "SERVICE_CONTROL_POLICY", "Content": json.loads(inner)}
    return {"Resources": {"Limit": {"Type": "AWS::Organizations::Policy", "Properties": properties}}}


def value_of(document: Document) -> Any:
    """What a policy says, whatever fills in the partition."""
    (policy,) = document.policies
    return [
        (
            s.effect,
            [str(a.text) for a in s.actions],
            [str(r.text) for r in s.resources],
            [str(t.texts()) for t in s.tests],
        )
        for s in policy.statements
    ]


def test_variables_in_a_substituted_text_stay_and_those_of_iam_are_escaped() -> None:
    text = OUTER.replace("TEXT", HOSTS["substituted"](INNER))

    written = after(deployed(text, **HERE), lambda s: Add(s.resource_nodes[0], "a/${aws:username}"))

    assert '["arn:${AWS::Partition}:bedrock:us-east-1::foundation-model/it\'s", "a/${!aws:username}"]' in written


def test_a_hole_cannot_be_written_into_a_text_that_nothing_fills_in() -> None:
    text = OUTER.replace("TEXT", HOSTS["literal"](INNER))

    with pytest.raises(UnfitError):
        after(deployed(text, **HERE), lambda s: Add(s.resource_nodes[0], OWN))


# Labels


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (first_action, LESS),
        (lambda s: Add(s.action_nodes[0], "bedrock:InvokeModel"), SAME),
        (lambda s: Add(s.action_nodes[0], "bedrock:GetFlow"), MORE),
        (lambda s: AddMember(s.node, "Condition", CONDITION), LESS),
        # What would break the policy or the file is no edit at all.
        (lambda s: Replace(s.effect_node, "") if s.effect_node else Remove(s.node), MORE),
        (lambda s: Cut(Span(s.node.source, s.node.start, s.node.start + 6), "{"), None),
        (member("Effect"), None),
    ],
)
def test_a_label_is_computed_from_the_file_as_it_reads_afterwards(make: Make, expected: str | None) -> None:
    document = declared(BLOCK)
    edits = changes(document, make(document.policies[0].statements[0]))

    assert label_anew(document, edits, catalogs.default()) == expected


def test_an_edit_that_changes_two_policies_is_not_made() -> None:
    loop = """Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Each:
    - Name
    - [One, Two]
    - Policy${Name}:
        Type: AWS::IAM::ManagedPolicy
        Properties:
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {Effect: Allow, Action: ['bedrock:InvokeModel', 'bedrock:Converse'], Resource: !Ref Name}
"""
    document = deployed(loop)
    assert len(document.policies) == 2

    edits = changes(document, last_action(document.policies[0].statements[0]))

    assert label_anew(document, edits, catalogs.default()) is None


def test_two_fixes_together_are_weighed_in_yaml_too() -> None:
    text = template("['arn:aws:s3:::a', '*']")

    def edit(new: str) -> Source:
        return Source("template.yaml", text.replace("['arn:aws:s3:::a', '*']", new))

    assert keeps_access(Source("template.yaml", text), edit("'*'"), catalogs.default())
    assert not keeps_access(Source("template.yaml", text), edit("arn:aws:s3:::a"), catalogs.default())
    assert not keeps_access(Source("template.yaml", text), edit("[{"), catalogs.default())


# Whole files

NAMES = ["bedrock:InvokeModel", "bedrock:ListFoundationModels", "bedrock:Converse", "bedrock:converse", "s3:GetObject"]


@st.composite
def written_templates(draw: st.DrawFn) -> str:
    """A template with actions that do not exist, in one of many layouts."""
    step = " " * draw(st.sampled_from([2, 4]))
    quote = draw(st.sampled_from(["", "'", '"']))
    dash = draw(st.sampled_from(["", step]))
    comment = draw(st.sampled_from(["", "  # why"]))
    own_line = draw(st.sampled_from([None, "# a remark"]))
    actions = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
    layout = draw(st.sampled_from(["block", "flow", "brackets", "inner flow"]))
    lines = ["AWSTemplateFormatVersion: '2010-09-09'", "Resources:", f"{step}Chat:"]
    lines += [f"{step * 2}Type: AWS::IAM::ManagedPolicy{comment}", f"{step * 2}Properties:"]
    lines += [f"{step * 3}PolicyDocument:", f"{step * 4}Version: '2012-10-17'", f"{step * 4}Statement:"]
    entry = step * 4 + dash
    texts = [f"{quote}{action}{quote}" for action in actions]
    if layout == "inner flow":
        lines.append(f"{entry}- {{Effect: Allow, Action: [{', '.join(texts)}], Resource: '*'}}{comment}")
    else:
        lines.append(f"{entry}- Effect: Allow{comment}")
        inner = entry + "  "
        if layout == "flow":
            lines.append(f"{inner}Action: [{', '.join(texts)}]{comment}")
        elif layout == "brackets":
            lines += [f"{inner}Action: [", *(f"{inner}{step}{text},{comment}" for text in texts), f"{inner}]"]
        elif len(texts) == 1:
            lines.append(f"{inner}Action: {texts[0]}{comment}")
        else:
            lines.append(f"{inner}Action:")
            for text in texts:
                lines += [f"{inner}{dash}- {text}{comment}"]
                lines += [f"{inner}{dash}{own_line}"] if own_line else []
        lines.append(f"{inner}Resource: '*'{comment}")
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


ONLY = frozenset({"action-not-in-reference", "redundant-action"})


def found_in(source: Source) -> list[Finding]:
    blueprint = templates.read(source, no_file, catalogs.default())
    assert blueprint is not None
    return lint_template(blueprint, Inputs(), Settings(select=ONLY)).findings


@settings(max_examples=60, deadline=None)
@given(written_templates())
def test_fixing_changes_the_lines_at_fault_and_then_nothing_is_left_to_fix(text: str) -> None:
    source = Source("template.yaml", text)
    before = found_in(source)

    fixed = fix_text(source, found_in, everything=True)

    after_all = found_in(Source("template.yaml", fixed.text))
    assert not any(finding.fix and finding.fix.edits for finding in after_all)
    assert ("\r\n" in text) == ("\r\n" in fixed.text)
    at_fault = {finding.region.line for finding in before}
    kept = [line for number, line in enumerate(text.splitlines(), 1) if number not in at_fault]
    left = iter(fixed.text.splitlines())
    assert all(line in left for line in kept)


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_a_template_in_json_is_fixed_in_its_layout(indent: Any) -> None:
    def of(actions: list[str]) -> str:
        statement = {"Effect": "Allow", "Action": actions, "Resource": {"Fn::Sub": SUB}}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        properties = {"PolicyDocument": document}
        resources = {"Chat": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}
        return json.dumps({"Resources": resources}, indent=indent)

    source = Source("template.json", of(["bedrock:InvokeModel", "bedrock:Converse"]))

    assert fix_text(source, found_in, everything=False) == (of(["bedrock:InvokeModel"]), 1, False)


def test_a_declaration_in_yaml_is_fixed_as_its_twin_in_json_is() -> None:
    text = DECLARED + BLOCK.replace("GetAgent", "Converse").replace(
        '"*"', "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    )

    def find(source: Source) -> list[Finding]:
        return lint_declaration(source, no_file, Settings(select=ONLY)).findings

    fixed = fix_text(Source("bedrock-usage.yaml", text), find, everything=False)

    assert fixed.applied == 1
    assert fixed.text == text.replace("        - bedrock:Converse # two\n", "")


# Any edit in any layout

TEXTS = ["a:B", "*", "x: y", "it's", 'say "x"', "111122223333", "arn:aws:s3:::b/*", "#c", "{d}", "e, f", "true"]


class Layout:
    """Draws one of the ways in which YAML writes a value."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.step = draw(st.sampled_from([1, 2, 4]))
        self.dash = draw(st.sampled_from([0, self.step]))
        self.gap = draw(st.sampled_from([" ", "   "]))
        self.newline = draw(st.sampled_from(["\n", "\r\n"]))

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def scalar(self, text: str, *, in_flow: bool) -> str:
        style = self.one("", "'", '"')
        return scalar(text, style or ("" if is_plain(text, in_flow=in_flow) else '"'))

    def comment(self) -> str:
        return str(self.one("", "", " # why", "  # a: b"))

    def flow(self, value: Any) -> str:
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key}: {self.flow(each)}' for key, each in value.items())}}}"
        if isinstance(value, list):
            return f"[{self.one(', ', ',').join(map(self.flow, value))}{self.one('', ',') if value else ''}]"
        return self.scalar(value, in_flow=True)

    def lines(self, value: Any, column: int) -> list[str]:
        """A value in lines of its own, each indented to its column."""
        indent = " " * column
        found: list[str] = []
        if isinstance(value, dict):
            for key, each in value.items():
                found += self.remarks(indent) + self.member(key, each, column)
        else:
            for each in value:
                first, *rest = self.entry(each, column + 1 + len(self.gap))
                found += [*self.remarks(indent), f"{indent}-{self.gap}{first.lstrip()}", *rest]
        return found

    def remarks(self, indent: str) -> list[str]:
        return list(self.one([], [], [], [f"{indent}# a remark - and: more"], [""]))

    def entry(self, value: Any, column: int) -> list[str]:
        if isinstance(value, str):
            return [self.scalar(value, in_flow=False) + self.comment()]
        if self.one(True, False):
            return [self.flow(value) + self.comment()]
        found = self.lines(value, column)
        # A remark cannot stand where the entry must begin.
        while not found[0].strip() or found[0].lstrip().startswith("#"):
            del found[0]
        return found

    def member(self, key: str, value: Any, column: int) -> list[str]:
        start = f"{' ' * column}{key}:"
        if isinstance(value, str):
            return [f"{start} {self.scalar(value, in_flow=False)}{self.comment()}"]
        if not value or self.one(True, False):
            return [f"{start} {self.flow(value)}{self.comment()}"]
        inner = column + (self.dash if isinstance(value, list) else self.step)
        return [start + self.comment(), *self.lines(value, inner)]


@st.composite
def edits_anywhere(draw: st.DrawFn) -> tuple[str, list[Any], list[Any], tuple[Any, ...]]:
    """A YAML text, what it says, where in it something is edited, and how."""
    text = st.sampled_from(TEXTS)
    entries = st.lists(text, min_size=1, max_size=3)
    statement = st.fixed_dictionaries({"A": text | entries, "B": text | entries, "C": st.just({"D": {"E": "f"}})})
    data = draw(st.lists(statement, min_size=1, max_size=3))
    at: list[Any] = [draw(st.integers(0, len(data) - 1)), draw(st.sampled_from(["A", "B"]))]
    if isinstance(data[at[0]][at[1]], list):
        at.append(draw(st.integers(0, len(data[at[0]][at[1]]) - 1)))
    kind = draw(st.sampled_from(["add", "replace", "remove", "remove member", "remove statement", "add member"]))
    layout = Layout(draw)
    written = layout.newline.join(layout.lines({"Statement": data}, 0)) + draw(st.sampled_from(["", layout.newline]))
    return written, data, at, (kind, draw(text), draw(text))


def expected_of(data: list[Any], at: list[Any], edit: tuple[Any, ...]) -> list[Any]:
    """What the text says after the edit."""
    changed: list[Any] = json.loads(json.dumps(data))
    statement, (kind, one, two) = changed[at[0]], edit
    value = statement[at[1]]
    entries, index = (value, at[2]) if len(at) == 3 else ([value], 0)
    if kind == "add":
        entries[index + 1 : index + 1] = [one, two]
        statement[at[1]] = entries
    elif kind == "replace":
        entries[index : index + 1] = [one, two]
        statement[at[1]] = entries
    elif kind == "remove":
        del entries[index]
        if len(at) == 2:
            del statement[at[1]]
    elif kind == "remove member":
        del statement[at[1]]
    elif kind == "remove statement":
        del changed[at[0]]
    else:
        statement["New"] = {"k": {"l": [one, two]}, "m": one}
    return changed


@settings(max_examples=300, deadline=None)
@given(edits_anywhere())
def test_any_edit_does_what_it_says_and_touches_no_other_line(
    case: tuple[str, list[Any], list[Any], tuple[Any, ...]],
) -> None:
    text, data, at, edit = case
    source = Source("a.yaml", text)
    root, _ = yaml.read(source)
    document = Document(source)
    document.language = "yaml"
    document.add_root(root)
    statement = root.value.get("Statement").value[at[0]]
    key, value = statement.value.member(at[1])
    entry = value.value[at[2]] if len(at) == 3 else value
    kind, one, two = edit
    made: dict[str, tuple[Edit, Any]] = {
        "add": (Add(entry, one, (two,)), entry),
        "replace": (Replace(entry, one, (two,)), entry),
        "remove": (Remove(entry), entry if len(at) == 3 else key),
        "remove member": (Remove(key), value),
        "remove statement": (Remove(statement), statement),
        "add member": (AddMember(statement, "New", {"k": {"l": [one, two]}, "m": one}), statement),
    }
    asked, about = made[kind]
    is_last = (kind == "remove" and len(at) == 3 and len(value.value) == 1) or (
        kind == "remove statement" and len(data) == 1
    )
    try:
        written = edited(source, changes(document, asked)).text
    except UnfitError:
        assert is_last
        return

    again, _ = yaml.read(Source("a.yaml", written))

    assert plain(again) == {"Statement": expected_of(data, at, edit)}
    is_first_member = about in (key, value) and kind.startswith("remove") and statement.value[0] is key
    # What follows the first member takes its place behind the dash.
    end = statement.value[2].end if is_first_member else about.end
    first, last = source.point(min(key.start, about.start)).line, source.point(end).line
    lines, left = text.splitlines(), iter(written.splitlines())
    kept = [line for number, line in enumerate(lines, 1) if line and not first <= number <= last]
    assert all(line in left for line in kept)
