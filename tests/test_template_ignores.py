"""Ignores in templates: comments in YAML, and metadata of the template and its resources in either language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from trees import every

from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template.tree import parse
from bedrock_policy_lint.locate import region
from bedrock_policy_lint.rule import Severity
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource, Source, Span
from bedrock_policy_lint.suppress import Exemption, apply_comments, apply_metadata

RULE = "action-not-in-reference"
OTHER = "model-legacy"
RAN = frozenset({RULE, OTHER})


class Template:
    """A template that was read, with a finding at every text that says `bad` or `worse`."""

    def __init__(self, text: str, path: str = "template.yaml") -> None:
        self.source = Source(path, text)
        root, slips, _, _ = parse(self.source)
        assert root is not None
        self.root = root
        document = Document(self.source)
        document.slips = [(self.source, slip) for slip in slips]
        document.add_root(root)
        self.comments = document.comments
        self.findings = [
            _finding(document, node, RULE if node.value == "bad" else OTHER)
            for node in every(root)
            if node.value in ("bad", "worse")
        ]

    def metadata(self, ran: frozenset[str] = RAN) -> tuple[list[str], list[tuple[str, tuple[str, ...], str]]]:
        """The addresses of what is left, and what is said of the ignores: place, rules and fault."""
        kept, exemptions = apply_metadata(self.findings, self.root, ran)
        return [finding.address_text for finding in kept], [self.told(exemption) for exemption in exemptions]

    def told(self, exemption: Exemption) -> tuple[str, tuple[str, ...], str]:
        span = exemption.span
        return self.source.text[span.start : span.end], exemption.rules, exemption.fault


def _finding(document: Document, node: Node, rule: str) -> Finding:
    span = node.source.in_file(node.start, node.end)
    address = document.address(node.source, node.start, node.end)
    return Finding(span.source.path, region(span), rule, Severity.ERROR, "certain", "", "", "", address, (), None, ())


def resource(ignore: Any, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Metadata": {"aws:cdk:path": "Stack/Role", "bedrock-policy-lint": {"ignore": ignore}},
        "Properties": properties or {"Action": "bad"},
    }


def both(value: Any) -> list[Template]:
    """The template in YAML and in JSON."""
    return [
        Template(yaml.safe_dump(value, sort_keys=False, width=1000)),
        Template(json.dumps(value, indent=1), "template.json"),
    ]


# Comments.


@pytest.mark.parametrize(
    "lines",
    [
        ["Action: !Sub bad # {}"],
        ["# {}", "Action: !Sub bad"],
        ["# {}", "# and so on", "", "Action: !Sub bad"],
        ["Action:", "  # {}", "  - bad"],
        ["Action: !Sub", "  # {}", "  bad"],
        ["Action: !If", "  - X", "  - bad # {}", "  - good"],
        ["Action: [good, # why", "  # {}", "  bad]"],
    ],
)
def test_a_comment_excuses_what_is_on_its_line_or_below(lines: list[str]) -> None:
    comment = f"bedrock-policy-lint: ignore[{RULE}] known"
    text = "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties:\n" + "".join(
        f"      {line.format(comment)}\n" for line in lines
    )
    template = Template(text)

    assert len(template.findings) == 1
    assert apply_comments(template.findings, template.comments, RAN) == ([], [])


# Metadata.


@pytest.mark.parametrize(
    "ignore",
    [
        {RULE: "known"},
        [{"rule": RULE, "reason": "known"}],
        {"rule": RULE, "reason": "known"},
        [{"rule": RULE, "reason": "known", "address": "Resources > A > *"}],
        [{"rule": RULE, "reason": "known", "address": "* > bad"}],
    ],
)
def test_metadata_of_a_resource_excuses_what_is_in_it(ignore: Any) -> None:
    value = {"Resources": {"A": resource(ignore), "B": {"Type": "AWS::IAM::Role", "Properties": {"Action": "bad"}}}}

    for template in both(value):
        assert template.metadata() == (["Resources > B > Properties > Action > bad"], [])


def test_metadata_of_the_template_excuses_what_is_anywhere_in_it() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"Action": ["bad", "worse"]}}
    ours = {"bedrock-policy-lint": {"ignore": {RULE: "known"}}}

    for template in both({"Metadata": ours, "Resources": {"A": role}, "Outputs": {"X": {"Value": "bad"}}}):
        assert template.metadata() == (["Resources > A > Properties > Action > worse"], [])


def test_a_path_leaves_the_rest() -> None:
    ignore = [{"rule": RULE, "reason": "known", "address": "* > Action > *"}]

    for template in both({"Resources": {"A": resource(ignore, Action="bad", Other="bad")}}):
        assert template.metadata() == (["Resources > A > Properties > Other > bad"], [])


def test_a_finding_at_the_logical_id_is_in_the_resource() -> None:
    template = Template(json.dumps({"Resources": {"bad": resource({RULE: "known"}, Action="good")}}), "t.json")

    assert len(template.findings) == 1
    assert template.metadata() == ([], [])


def test_findings_of_other_files_stay() -> None:
    template = Template(json.dumps({"Resources": {"A": resource({RULE: "known"})}}))
    template.findings = [finding._replace(path="other.json") for finding in template.findings]

    kept, faults = template.metadata()
    assert len(kept) == 1
    assert [fault for _, _, fault in faults] == ["unused"]


@pytest.mark.parametrize(
    ("ignore", "place", "rules", "fault"),
    [
        ({OTHER: "known"}, f"{OTHER}", (OTHER,), "unused"),
        ([{"rule": OTHER, "reason": "known"}], OTHER, (OTHER,), "unused"),
        ({"no-such-rule": "known"}, "no-such-rule", ("no-such-rule",), "unused"),
        ([{"rule": RULE, "reason": "known", "address": "Resources > B > *"}], RULE, (RULE,), "unused"),
        ({RULE: ""}, RULE, (RULE,), "no-reason"),
        ({RULE: None}, RULE, (RULE,), "no-reason"),
        ({RULE: "  "}, RULE, (RULE,), "no-reason"),
        ([{"rule": RULE}], RULE, (RULE,), "no-reason"),
        ({RULE: 12}, RULE, (), "malformed"),
        ({RULE: {"Ref": "X"}}, RULE, (), "malformed"),
        ("why", "why", (), "malformed"),
        (None, "null", (), "malformed"),
        ([RULE], RULE, (), "malformed"),
        ([{"rule": [RULE], "reason": "known"}], None, (), "malformed"),
        ([{"rule": "", "reason": "known"}], None, (), "malformed"),
        ([{"reason": "known"}], None, (), "malformed"),
        ([{"rule": RULE, "reason": ["known"]}], None, (), "malformed"),
        ([{"rule": RULE, "reason": "known", "address": 1}], None, (), "malformed"),
        ([{"rule": RULE, "reason": "known", "address": ""}], None, (), "malformed"),
        ([{"rule": RULE, "reason": "known", "address": "*a" * 1000}], None, (), "malformed"),
        ([{"rule": RULE, "reason": "known", "line": 3}], None, (), "malformed"),
    ],
)
def test_an_ignore_that_excuses_nothing_is_told_at_its_place(
    ignore: Any, place: str | None, rules: tuple[str, ...], fault: str
) -> None:
    for template in both({"Resources": {"A": resource(ignore)}}):
        kept, told = template.metadata()

        assert kept == ["Resources > A > Properties > Action > bad"]
        assert [entry[1:] for entry in told] == [(rules, fault)]
        if place is not None:
            assert told[0][0].strip("\"'") == place


@pytest.mark.parametrize("ours", ["why", 12, None, [], [{"ignore": {}}], {"ignores": {RULE: "known"}}, {RULE: "known"}])
def test_metadata_of_another_form_is_told(ours: Any) -> None:
    value = {"Type": "AWS::IAM::Role", "Metadata": {"bedrock-policy-lint": ours}, "Properties": {"Action": "bad"}}

    for template in both({"Resources": {"A": value}}):
        kept, told = template.metadata()
        assert len(kept) == 1
        assert [entry[1:] for entry in told] == [((), "malformed")]


@pytest.mark.parametrize("metadata", [None, 1, "x", [], {}, {"Other": 1}, {"bedrock-policy-lint": {"ignore": []}}])
@pytest.mark.parametrize(
    "resources", [None, 1, "x", ["bad"], {"A": "bad"}, {"A": ["bad"]}, {"Fn::ForEach::A": ["bad"]}]
)
def test_what_says_nothing_of_ignores_is_left_alone(metadata: Any, resources: Any) -> None:
    for template in both({"Metadata": metadata, "Resources": resources, "resources": resources}):
        kept, told = template.metadata()
        assert len(kept) == len(template.findings)
        assert told == []


def test_only_rules_that_ran_can_have_become_idle() -> None:
    template = Template(json.dumps({"Resources": {"A": resource({OTHER: "known", "no-such-rule": "known"})}}))

    assert [rules for _, rules, _ in template.metadata(frozenset({RULE}))[1]] == [("no-such-rule",)]


def test_one_of_two_ignores_that_mean_the_same_finding_is_enough() -> None:
    value = {
        "Metadata": {"bedrock-policy-lint": {"ignore": {RULE: "known"}}},
        "Resources": {"A": resource({RULE: "known"})},
    }

    for template in both(value):
        assert template.metadata() == ([], [])


def test_resources_in_loops_and_of_the_serverless_framework_have_metadata() -> None:
    loop = {"Fn::ForEach::X": ["N", ["a"], {"Role${N}": resource({RULE: "known"}), "Fn::ForEach::Y": "x"}]}
    framework = {"provider": "aws", "service": "x", "resources": [{"Resources": {"A": resource({RULE: "known"})}}, "x"]}

    for value in ({"Resources": loop}, framework, {**framework, "resources": framework["resources"][0]}):
        for template in both(value):
            assert template.metadata() == ([], [])


def test_resources_that_share_their_text_share_its_ignores() -> None:
    text = f"""Resources:
  A: &a
    Type: AWS::IAM::Role
    Metadata: {{bedrock-policy-lint: {{ignore: {{{RULE}: known}}}}}}
    Properties: {{Action: bad}}
  B: *a
  C:
    <<: *a
"""
    template = Template(text)
    template.findings = template.findings[:1]

    assert template.metadata() == ([], [])


def test_a_template_inside_a_template_is_excused_where_it_stands_in_the_file() -> None:
    inner = json.dumps({"Resources": {"A": resource({RULE: "known"})}})
    host = Source("outer.json", json.dumps({"TemplateBody": inner}))
    outer = parse(host).root
    assert outer is not None
    node = outer.value.get("TemplateBody")
    root = parse(EmbeddedSource(host, node.value, node.offsets())).root
    assert root is not None
    document = Document(host)
    bad = next(each for each in every(root) if each.value == "bad")
    outside = _finding(document, outer.value[0], RULE)

    assert apply_metadata([_finding(document, bad, RULE), outside], root, RAN) == ([outside], [])


def test_too_many_ignores_in_one_place_are_told() -> None:
    ignore = [{"rule": RULE, "reason": "known", "address": f"*{number}*"} for number in range(2000)]
    template = Template(json.dumps({"Resources": {"A": resource([{"rule": RULE, "reason": "known"}, *ignore])}}))
    kept, told = template.metadata()

    assert kept == []
    assert [fault for _, _, fault in told].count("malformed") == 1
    assert len(told) == 1000


def test_spans_of_faults_lie_in_the_text_that_they_were_read_from() -> None:
    template = Template(json.dumps({"Resources": {"A": resource({RULE: ""})}}))
    _, faults = apply_metadata(template.findings, template.root, RAN)

    assert isinstance(template.root.value, Object)
    assert [type(fault.span) for fault in faults] == [Span]
    assert faults[0].span.source is template.source
