"""What a test comes to without its key, and what its operator can read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.condition import can_read, is_about_caller, when_absent
from bedrock_policy_lint.model.policy import parse_operator
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.model.policy import Test


def condition(operator: str, value: object, key: str = "aws:a") -> Test:
    block = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {key: value}}}
    document = {"Version": "2012-10-17", "Statement": block}
    return (
        policy_json.read(Source("p.json", json.dumps(document)), None, claimed=True).policies[0].statements[0].tests[0]
    )


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "x", False),
        ("ArnLike", "x", False),
        ("StringNotEquals", "x", True),
        ("NotIpAddress", "10.0.0.0/8", True),
        ("StringEqualsIfExists", "x", True),
        ("ForAllValues:StringEquals", "x", True),
        ("ForAnyValue:StringEquals", "x", False),
        ("ForAnyValue:StringNotEquals", "x", False),
        ("Null", "true", True),
        ("Null", True, True),
        ("Null", "false", False),
        ("Null", ["true", "false"], None),
        ("Null", "${asked}", None),
        ("StringSounds", "x", None),
    ],
)
def test_an_absent_key_settles_a_test(operator: str, value: object, expected: bool | None) -> None:
    assert when_absent(condition(operator, value)) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("Bool", "True", True),
        ("Bool", "yes", False),
        ("Null", "1", False),
        ("NumericLessThan", "3600", True),
        ("NumericLessThan", "1e3", True),
        ("NumericLessThan", "one hour", False),
        ("DateGreaterThan", "2026-11-20T08:00:00Z", True),
        ("DateGreaterThan", "1795161600", True),
        ("DateGreaterThan", "20/11/2026", False),
        ("DateGreaterThan", "2026-13-01", False),
        ("IpAddress", "10.0.0.0/8", True),
        ("IpAddress", "10.1.2.3/8", True),
        ("IpAddress", "2001:db8::/32", True),
        ("NotIpAddress", "10.*", False),
        ("StringEquals", "anything", True),
        ("ArnLike", "anything", True),
    ],
)
def test_an_operator_reads_values_of_its_kind(operator: str, value: str, expected: bool) -> None:
    assert can_read(parse_operator(operator), value) is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("AWS:PrincipalArn", True),
        ("aws:SourceVpce", True),
        ("aws:RequestedRegion", False),
        ("aws:ResourceTag/team", False),
        ("bedrock:InferenceProfileArn", False),
    ],
)
def test_the_caller_is_the_same_in_every_check_of_a_call(key: str, expected: bool) -> None:
    assert is_about_caller(condition("StringEquals", "x", key)) is expected
