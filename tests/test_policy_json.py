"""Which policies are found in a JSON file: documents, bare statements, and what the AWS CLI prints around them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.policy_json import read
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

MODEL = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
ALLOW = {"Sid": "Call", "Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": MODEL}
DENY = {"Effect": "Deny", "Action": "bedrock:*", "Resource": "*"}
ASSUME = {"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "sts:AssumeRole"}
SHARE = {**ALLOW, "Principal": {"AWS": "111122223333"}}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


PERMISSIONS, TRUST, GUARDRAIL, SHARED = document(ALLOW), document(ASSUME), document(DENY), document(SHARE)


def text_of(value: Any) -> str:
    return json.dumps(value, indent=4)


def found(text: str, attachment: Attachment | None = None, *, claimed: bool = True) -> Document:
    return read(Source("x.json", text), attachment, claimed=claimed)


def kinds(value: Any) -> list[tuple[str, str, bool]]:
    return [
        (policy.attachment.kind, policy.attachment.holder, policy.attachment.certain)
        for policy in found(text_of(value)).policies
    ]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        pytest.param(
            {"PolicyVersion": {"Document": PERMISSIONS, "VersionId": "v3", "IsDefaultVersion": False}},
            [("identity", "managed", True)],
            id="iam get-policy-version",
        ),
        pytest.param(
            {"RoleName": "app", "PolicyName": "p", "PolicyDocument": PERMISSIONS},
            [("identity", "role", True)],
            id="iam get-role-policy",
        ),
        pytest.param(
            {"UserName": "ann", "PolicyName": "p", "PolicyDocument": PERMISSIONS},
            [("identity", "user", True)],
            id="iam get-user-policy",
        ),
        pytest.param(
            {"GroupName": "devs", "PolicyName": "p", "PolicyDocument": PERMISSIONS},
            [("identity", "group", True)],
            id="iam get-group-policy",
        ),
        pytest.param(
            {"Role": {"RoleName": "app", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 3600}},
            [("trust", "role", True)],
            id="iam get-role",
        ),
        pytest.param(
            {"Policy": {"PolicySummary": {"Type": "SERVICE_CONTROL_POLICY"}, "Content": text_of(GUARDRAIL)}},
            [("scp", "", True)],
            id="organizations describe-policy, service control policy",
        ),
        pytest.param(
            {"Policy": {"PolicySummary": {"Type": "RESOURCE_CONTROL_POLICY"}, "Content": text_of(document(SHARE))}},
            [("rcp", "", True)],
            id="organizations describe-policy, resource control policy",
        ),
        pytest.param(
            {"Policy": {"PolicySummary": {"Type": "TAG_POLICY"}, "Content": '{"tags": {"CostCenter": {}}}'}},
            [],
            id="organizations describe-policy, tag policy",
        ),
        pytest.param(
            {"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "PolicyDocument": text_of(SHARED)}]},
            [("vpc-endpoint", "", True)],
            id="ec2 describe-vpc-endpoints",
        ),
        pytest.param(
            {"Policy": text_of(SHARED), "PolicyName": "default"},
            [("resource", "", False)],
            id="kms get-key-policy",
        ),
        pytest.param({"Policy": text_of(SHARED)}, [("resource", "", False)], id="s3api get-bucket-policy"),
        pytest.param({"ResourcePolicy": text_of(SHARED)}, [("resource", "", True)], id="get-resource-policy"),
        pytest.param({"policyText": text_of(SHARED)}, [("resource", "", False)], id="ecr get-repository-policy"),
        pytest.param(
            {"Policy": {"PolicyName": "p", "Arn": "arn:aws:iam::111122223333:policy/p"}}, [], id="iam get-policy"
        ),
    ],
)
def test_the_policies_in_what_the_cli_prints_are_found(printed: Any, expected: list[tuple[str, str, bool]]) -> None:
    assert kinds(printed) == expected


def account(managed: dict[str, Any]) -> dict[str, Any]:
    """What `aws iam get-account-authorization-details` prints."""
    role = {"RoleName": "app", "AssumeRolePolicyDocument": TRUST}
    inline = {"PolicyName": "p", "PolicyDocument": PERMISSIONS}
    return {
        "UserDetailList": [{"UserName": "ann", "UserPolicyList": [inline]}],
        "GroupDetailList": [{"GroupName": "devs", "GroupPolicyList": [inline]}],
        "RoleDetailList": [
            {**role, "InstanceProfileList": [{"Roles": [role]}], "RolePolicyList": [inline]},
        ],
        "Policies": [managed],
    }


def managed(attached: int, bounding: int) -> dict[str, Any]:
    return {
        "PolicyName": "p",
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounding,
        "PolicyVersionList": [
            {"Document": GUARDRAIL, "VersionId": "v2", "IsDefaultVersion": False},
            {"Document": PERMISSIONS, "VersionId": "v1", "IsDefaultVersion": True},
        ],
    }


def test_of_an_account_each_policy_in_force_is_found_once() -> None:
    assert kinds(account(managed(1, 1))) == [
        ("identity", "user", True),
        ("identity", "group", True),
        ("trust", "role", True),
        ("identity", "role", True),
        ("identity", "managed", True),
    ]


def test_a_managed_policy_that_only_bounds_is_a_boundary() -> None:
    assert kinds(account(managed(0, 2)))[-1] == ("boundary", "managed", True)


@pytest.mark.parametrize(
    ("content", "written"),
    [
        (PERMISSIONS, "document"),
        (ALLOW, "statement"),
        ([ALLOW, DENY], "statements"),
        ([ALLOW, {"Sid": "x"}], "statements"),
    ],
)
def test_documents_and_bare_statements_are_policies(content: Any, written: str) -> None:
    policies = found(text_of(content)).policies

    assert [policy.written for policy in policies] == [written]
    assert policies[0].has_variables


def test_each_document_of_a_list_is_a_policy_of_its_own() -> None:
    assert [policy.written for policy in found(text_of([PERMISSIONS, GUARDRAIL])).policies] == ["document"] * 2


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PERMISSIONS, "identity"),
        (document(ALLOW, DENY), "identity"),
        (GUARDRAIL, "scp"),
        (TRUST, "trust"),
        (document({"Effect": "Allow", "Action": "sts:AssumeRole"}), "trust"),
        (document({**ALLOW, "Action": "sts:AssumeRole"}), "identity"),
        (SHARED, "resource"),
        (document({**SHARE, "Action": "sts:AssumeRole"}), "resource"),
    ],
)
def test_the_kind_of_a_lone_document_is_guessed_from_its_content(content: Any, kind: str) -> None:
    assert kinds(content) == [(kind, "", False)]


def test_what_the_user_says_about_the_kind_is_believed() -> None:
    printed = text_of({"RoleName": "app", "PolicyDocument": PERMISSIONS})

    policies = found(printed, Attachment("boundary", True)).policies

    assert [policy.attachment for policy in policies] == [Attachment("boundary", True)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"name": "app", "version": "1.0.0", "scripts": {"test": "x"}}, id="package.json"),
        pytest.param(
            {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}}},
            id="CloudFormation template",
        ),
        pytest.param(
            {"terraform_version": "1.9.0", "planned_values": {"x": {"policy": text_of(PERMISSIONS)}}},
            id="Terraform plan",
        ),
        pytest.param({"effect": "fade", "action": "play"}, id="another program's words"),
        pytest.param([1, "two", None], id="a list of anything"),
        pytest.param("Effect", id="a lone string"),
    ],
)
def test_what_is_no_policy_is_left_alone(content: Any) -> None:
    nothing = found(text_of(content))

    assert not nothing.policies
    assert not nothing.failures
    assert not nothing.defects


def test_broken_json_that_nobody_calls_a_policy_is_left_alone() -> None:
    assert not found("{broken", claimed=False).failures
    assert [failure.kind for failure in found("{broken").failures] == ["invalid-json"]
    assert [failure.kind for failure in found('{"Statement": [', claimed=False).failures] == ["invalid-json"]


def test_text_in_utf_16_is_unreadable_even_without_its_mark() -> None:
    text = text_of(PERMISSIONS).encode("utf-16-le").decode("utf-8")

    failures = found(text).failures

    assert [failure.kind for failure in failures] == ["unreadable-file"]
    assert (failures[0].span.start, failures[0].span.end) == (1, 2)


ENCODINGS = [
    pytest.param(lambda text: text, id="plain"),
    pytest.param(quote, id="percent"),
    pytest.param(lambda text: quote(text, safe=""), id="percent everything"),
    pytest.param(quote_plus, id="percent with plus"),
    pytest.param(lambda text: quote(f"\n  {text}"), id="percent after white space"),
]


@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.parametrize("content", [PERMISSIONS, ALLOW, [ALLOW, DENY]])
def test_an_encoded_policy_is_found_as_a_file_and_in_a_string(encode: Any, content: Any) -> None:
    text = encode(text_of(content))

    assert len(found(text).policies) == 1
    assert len(found(text_of({"RoleName": "app", "PolicyDocument": text})).policies) == 1


def in_file(node: Node | None) -> str:
    assert node is not None
    span = node.source.in_file(node.start, node.end)
    return span.source.text[span.start : span.end]


def named(sid: str) -> dict[str, Any]:
    return document({**ALLOW, "Sid": sid})


@pytest.mark.parametrize("encode", ENCODINGS[:-1])
@pytest.mark.parametrize("sid", ["plain", 'qu"ote', "back\\slash", "t\tab", "h\u00e9", "\U0001f600 last"])
def test_positions_in_an_embedded_policy_are_those_of_the_file(encode: Any, sid: str) -> None:
    encoded = encode(text_of(named(sid)))
    inside = found(text_of({"RoleName": "app", "PolicyDocument": encoded})).policies[0]
    alone = found(encoded).policies[0]

    # A literal of the policy is found in the file as it is written there, no character more or less.
    literal = encode(json.dumps(sid))
    assert in_file(alone.statements[0].sid_node) == literal
    assert in_file(inside.statements[0].sid_node) == json.dumps(literal)[1:-1]


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_the_offsets_of_a_percent_encoded_policy_are_exact(sid: str) -> None:
    text = quote(json.dumps(named(sid), ensure_ascii=False))

    policy = found(text).policies[0]

    literal = quote(json.dumps(sid, ensure_ascii=False))
    assert in_file(policy.statements[0].sid_node) == literal


def test_bytes_that_are_no_utf_8_do_not_shift_what_follows() -> None:
    text = quote(json.dumps(document(ALLOW))).replace("Call", "C%E2%28%FFll%C3")

    policy = found(text).policies[0]

    assert policy.statements[0].sid == "C\ufffd(\ufffdll\ufffd"
    assert in_file(policy.statements[0].sid_node) == "%22C%E2%28%FFll%C3%22"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PERMISSIONS, separators=(",", ":")),
        json.dumps(PERMISSIONS, indent="\t").replace("\n", "\r\n"),
        json.dumps(PERMISSIONS, indent=2).replace("\n", "\r"),
    ],
    ids=["one line", "tabs and CRLF", "CR"],
)
def test_layout_does_not_matter(text: str) -> None:
    result = found(text)

    assert [statement.sid for statement in result.policies[0].statements] == ["Call"]
    assert not result.defects
    assert not result.slips
