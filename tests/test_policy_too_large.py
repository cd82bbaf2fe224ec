"""The size that counts is the size without white space, and each kind of policy has its own quota."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bedrock_policy_lint.engine import Settings, lint
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.sources.source import Source

RULE = frozenset({"policy-too-large"})
TRUST = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
DENY = {"Effect": "Deny", "Action": "bedrock:*", "Resource": "*"}


def policy(characters: int, statement: dict[str, Any]) -> dict[str, Any]:
    """A policy of exactly so many characters that are no white space."""
    document = {"Version": "2012-10-17", "Statement": {**statement, "Sid": ""}}
    document["Statement"]["Sid"] = "x" * (characters - len(json.dumps(document, separators=(",", ":"))))  # type: ignore[index]
    return document


def findings(value: Any, kind: str = "", *, indent: int | None = 8) -> list[Finding]:
    return lint(Source("x.json", json.dumps(value, indent=indent)), Settings(select=RULE, kind=kind)).findings


@pytest.mark.parametrize(
    ("kind", "quota", "below", "above"),
    [
        ("boundary", 6_144, [], ["error"]),
        ("session", 2_048, [], ["error"]),
        ("scp", 5_120, [], ["info"]),
        ("scp", 10_240, ["info"], ["error"]),
        ("rcp", 5_120, [], ["error"]),
        ("vpc-endpoint", 20_480, [], ["error"]),
        ("identity", 6_144, [], ["info"]),
        ("identity", 10_240, ["info"], ["warning"]),
        ("identity", 32_768, ["warning"], ["error"]),
        ("", 32_768, ["warning"], ["error"]),
    ],
)
def test_what_is_said_changes_with_the_first_character_over_a_quota(
    kind: str, quota: int, below: list[str], above: list[str]
) -> None:
    assert [found.severity.word for found in findings(policy(quota, DENY), kind)] == below
    assert [found.severity.word for found in findings(policy(quota + 1, DENY), kind)] == above


@pytest.mark.parametrize(("name", "quota"), [("UserName", 2_048), ("GroupName", 5_120), ("RoleName", 10_240)])
def test_an_inline_policy_has_the_quota_of_its_holder(name: str, quota: int) -> None:
    assert not findings({name: "x", "PolicyDocument": policy(quota, DENY)})
    assert len(findings({name: "x", "PolicyDocument": policy(quota + 1, DENY)})) == 1


def test_a_trust_policy_over_the_default_is_a_warning_because_the_quota_can_be_raised() -> None:
    assert not findings(policy(2_048, TRUST))
    assert [found.severity.word for found in findings(policy(2_049, TRUST))] == ["warning"]
    assert [found.severity.word for found in findings(policy(8_193, TRUST))] == ["error"]


def test_a_policy_of_a_resource_has_no_quota_that_is_known_here() -> None:
    assert not findings(policy(90_000, {**DENY, "Principal": "*"}))


def test_what_aws_printed_of_a_managed_policy_is_not_measured() -> None:
    assert not findings({"PolicyVersion": {"Document": policy(50_000, DENY), "IsDefaultVersion": True}})


def test_comments_and_what_a_template_fills_in_do_not_count() -> None:
    text = (
        json.dumps(policy(2_048, DENY))
        .replace('"Effect"', '/* the effect */ "Effect"')
        .replace("xxxxxx", "${name}x", 1)
    )

    assert not lint(Source("x.json", text), Settings(select=RULE, kind="session")).findings


def test_policy_variables_count_as_they_are_written() -> None:
    document = policy(2_048, DENY)
    document["Statement"]["Resource"] = "${aws:username}"

    assert len(findings(document, "session")) == 1
