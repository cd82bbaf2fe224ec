"""Which statements concern Bedrock, and which of their entries name an action."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bedrock_policy_lint import catalog
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.policy import Statement
from bedrock_policy_lint.model.scope import naming, speaks_of_bedrock
from bedrock_policy_lint.sources.source import Source


def statement(**members: Any) -> Statement:
    text = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", **members}})
    return policy_json.read(Source("policy.json", text), None, claimed=True).policies[0].statements[0]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"Action": ["s3:GetObject", "Bedrock:InvokeModel"]}, True),
        ({"Action": "bedrock-mantle:*"}, True),
        ({"Action": "*"}, True),
        ({"NotAction": "s3:*"}, True),
        ({"Action": "sts:AssumeRole", "Principal": {"Service": "bedrock.amazonaws.com"}}, True),
        ({"Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}, False),
        ({"Action": ["s3:*", "iam:PassRole"]}, False),
        ({"Action": "${service}:*"}, False),
    ],
)
def test_a_statement_speaks_of_bedrock_by_its_actions_or_principals(members: dict[str, Any], expected: bool) -> None:
    assert speaks_of_bedrock(statement(**members)) is expected


def test_the_entries_that_stand_for_an_action_are_found_through_wildcards() -> None:
    entries = ["s3:*", "bedrock:Invoke*", "bedrock:GetAgent", "BEDROCK:invokemodel", "*", "bed*:*", "${x}:InvokeModel"]
    found = naming(statement(Action=entries), frozenset({"bedrock:InvokeModel"}), catalog.default().expand)

    assert [str(action.text) for action in found] == ["bedrock:Invoke*", "BEDROCK:invokemodel", "*"]


def test_what_is_left_out_is_not_named() -> None:
    left_out = statement(NotAction="bedrock:InvokeModel")

    assert naming(left_out, frozenset({"bedrock:InvokeModel"}), catalog.default().expand) == []
