"""Rules on what a principal may do beside its declared calls: what ends a chain, and what settles nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bedrock_policy_lint.bedrock.arns import offered
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.engine import Settings, lint_declaration
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.source import Source

PRIVESC, KEYS, WIDER = "privesc-through-agents", "long-term-api-key-allowed", "wider-than-usage"
ACCOUNT = "111122223333"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
CORE = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:"
BEDROCK = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:"
MODELS = "arn:aws:bedrock:us-east-1::foundation-model/"
FULL_ACCESS = {"Effect": "Allow", "Action": "*", "Resource": "*"}
Statement = dict[str, Any]


def allow(action: str | list[str], resource: str | list[str], **condition: dict[str, str]) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **_conditions(condition)}


def deny(action: str | list[str], resource: str | list[str] = "*", **condition: dict[str, str]) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **_conditions(condition)}


def _conditions(condition: dict[str, dict[str, str]]) -> Statement:
    return {"Condition": condition} if condition else {}


def policy(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def lint(
    rule: str, *statements: Statement, pedantic: bool = False, today: str = "2026-11-20", **declared: Any
) -> list[Finding]:
    """The findings of one rule on a principal with these statements."""
    declaration = {
        "account": ACCOUNT,
        "region": "us-east-1",
        "uses": ["converse amazon.nova-lite-v1:0"],
        "policies": policy(*statements),
        **declared,
    }
    settings = Settings(select=frozenset({rule}), pedantic=pedantic, today=today)
    return lint_declaration(Source("bedrock-usage.json", json.dumps(declaration)), no_file, settings).findings


# Roles


INTERPRETER = (
    allow("bedrock-agentcore:CreateCodeInterpreter", "*"),
    allow(
        ["bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"],
        f"{CORE}code-interpreter-custom/*",
    ),
)
RUNTIME = (
    allow("bedrock-agentcore:UpdateAgentRuntime", f"{CORE}runtime/*"),
    allow("bedrock-agentcore:InvokeAgentRuntime", f"{CORE}runtime/*"),
)
HARNESS = (
    allow(["bedrock-agentcore:CreateHarness", "bedrock-agentcore:CreateAgentRuntime"], "*"),
    allow(["bedrock-agentcore:InvokeHarness", "bedrock-agentcore:InvokeAgentRuntime"], f"{CORE}harness/*"),
)
BROWSER = (
    allow(["bedrock-agentcore:CreateBrowser", "bedrock-agentcore:ConnectBrowserAutomationStream"], "*"),
    allow("bedrock-agentcore:StartBrowserSession", f"{CORE}browser-custom/*"),
)
AGENT = (
    allow("bedrock:CreateAgent", "*"),
    allow(["bedrock:PrepareAgent", "bedrock:InvokeAgent"], [f"{BEDROCK}agent/*", f"{BEDROCK}agent-alias/*"]),
)
PASS_ANY = allow("iam:PassRole", "*")


@pytest.mark.parametrize(
    ("chain", "word", "severity"),
    [
        (INTERPRETER, "CreateCodeInterpreter", "error"),
        (RUNTIME, "UpdateAgentRuntime", "error"),
        (HARNESS, "CreateHarness", "error"),
        (BROWSER, "CreateBrowser", "error"),
        (AGENT, "CreateAgent", "warning"),
    ],
)
def test_every_chain_is_told_with_its_links(chain: tuple[Statement, ...], word: str, severity: str) -> None:
    found = lint(PRIVESC, *chain, PASS_ANY)

    assert [finding.severity.word for finding in found] == [severity]
    assert word in found[0].message
    assert len(found[0].related) >= 2


@pytest.mark.parametrize("chain", [INTERPRETER, RUNTIME, HARNESS, BROWSER, AGENT])
def test_a_chain_that_lacks_a_link_is_none(chain: tuple[Statement, ...]) -> None:
    assert lint(PRIVESC, *chain) == []
    for missing in range(len(chain)):
        assert lint(PRIVESC, *chain[:missing], *chain[missing + 1 :], PASS_ANY) == []


def test_a_pattern_of_roles_weighs_less_than_every_role() -> None:
    assert [one.severity.word for one in lint(PRIVESC, *INTERPRETER, allow("iam:PassRole", f"{ROLES}app-*"))] == [
        "warning"
    ]
    assert [one.severity.word for one in lint(PRIVESC, *AGENT, allow("iam:PassRole", f"{ROLES}app-*"))] == ["info"]


@pytest.mark.parametrize(
    "passing",
    [
        allow("iam:PassRole", [f"{ROLES}one", f"{ROLES}two"]),
        allow("iam:PassRole", "*", StringEquals={"iam:PassedToService": "lambda.amazonaws.com"}),
        allow("iam:PassRole", "*", StringLike={"iam:AssociatedResourceArn": f"{CORE}runtime/mine*"}),
        allow("iam:PassRole", "*", StringNotLike={"iam:AssociatedResourceArn": f"{CORE}runtime/mine*"}),
        allow("iam:PassRole", "*", StringEquals={"iam:ResourceTag/team": "search"}),
        allow("iam:PassRole", "*", StringNotEquals={"iam:ResourceTag/secret": "yes"}),
        allow("iam:PassRole", "arn:aws:iam::999988887777:role/*"),
    ],
)
def test_a_role_that_may_not_be_passed_for_certain_is_not_told(passing: Statement) -> None:
    assert lint(PRIVESC, *INTERPRETER, passing) == []


@pytest.mark.parametrize(
    "limits",
    [
        {"boundary": policy(allow(["bedrock:*", "bedrock-agentcore:*"], "*"))},
        {"boundary": policy(FULL_ACCESS, deny("bedrock-agentcore:CreateCodeInterpreter"))},
        {"session": policy(allow("bedrock:*", "*"))},
        {"scps": [policy(FULL_ACCESS), policy(deny("bedrock-agentcore:InvokeCodeInterpreter"))]},
        {"scps": [policy(deny("iam:PassRole", f"{ROLES}admin"))]},
        {"scps": [policy(deny("*", StringNotEquals={"aws:PrincipalTag/team": "platform"}))]},
    ],
)
def test_a_layer_that_cuts_a_link_or_may_do_so_ends_the_chain(limits: dict[str, Any]) -> None:
    assert len(lint(PRIVESC, *INTERPRETER, PASS_ANY)) == 1
    assert lint(PRIVESC, *INTERPRETER, PASS_ANY, **limits) == []


def test_a_narrower_pattern_is_told_where_the_wider_one_is_fenced() -> None:
    passing = allow("iam:PassRole", [f"{ROLES}*", f"{ROLES}app-*"])

    found = lint(PRIVESC, *INTERPRETER, passing, deny("iam:PassRole", f"{ROLES}admin*"))

    assert [one.severity.word for one in found] == ["warning"]
    assert "role/app-*" in found[0].message


def test_of_several_patterns_the_widest_is_told() -> None:
    found = lint(PRIVESC, *INTERPRETER, allow("iam:PassRole", [f"{ROLES}app-*", f"{ROLES}*"]))

    assert [one.severity.word for one in found] == ["error"]


def test_the_roles_are_those_of_the_callers_own_account() -> None:
    uses = [{"api": "invoke-agent", "resource": "AGENT12345/ALIAS12345", "account": "999988887777"}]

    assert len(lint(PRIVESC, *INTERPRETER, PASS_ANY, uses=uses)) == 1


def test_an_administrator_gains_nothing_unless_a_boundary_makes_it_none() -> None:
    boundary = policy(allow(["iam:PassRole", "bedrock-agentcore:*", "bedrock:*"], "*"))

    assert lint(PRIVESC, FULL_ACCESS) == []
    assert lint(PRIVESC, FULL_ACCESS, PASS_ANY) == []
    assert len(lint(PRIVESC, FULL_ACCESS, boundary=boundary)) == 1


def test_what_could_not_be_read_or_was_not_given_ends_every_chain() -> None:
    assert lint(PRIVESC, *INTERPRETER, PASS_ANY, boundary="missing.json") == []
    assert lint(PRIVESC, policies=None) == []


# API keys


CREATE = "iam:CreateServiceSpecificCredential"
SERVICE = "bedrock.amazonaws.com"
USERS = f"arn:aws:iam::{ACCOUNT}:user/"
OTHER_SCP = policy(deny("organizations:LeaveOrganization"))


def told(*statements: Statement, **declared: Any) -> list[str]:
    return [finding.confidence for finding in lint(KEYS, *statements, pedantic=True, **declared)]


@pytest.mark.parametrize("users", ["*", f"{USERS}*", f"{USERS}BedrockAPIKey-*", f"{USERS}ci", "arn:aws:iam::*:user/ci"])
@pytest.mark.parametrize("action", [CREATE, "iam:Create*", "iam:*", "*"])
def test_creating_keys_is_certain_only_where_service_control_policies_are_declared(action: str, users: str) -> None:
    assert told(allow(action, users)) == ["possible"]
    assert told(allow(action, users), scps=[OTHER_SCP]) == ["certain"]


@pytest.mark.parametrize(
    "limits",
    [
        {"scps": [policy(deny(CREATE))]},
        {"scps": [policy(deny(CREATE, StringEquals={"iam:ServiceSpecificCredentialServiceName": SERVICE}))]},
        {"scps": [policy(deny(CREATE, NumericGreaterThan={"iam:ServiceSpecificCredentialAgeDays": "90"}))]},
        {"scps": [policy(deny("bedrock:CallWithBearerToken"))]},
        {"scps": [policy(deny("bedrock:*", StringEquals={"bedrock:BearerTokenType": "LONG_TERM"}))]},
        {"scps": [policy(deny("bedrock:CallWithBearerToken", ArnNotLike={"aws:PrincipalArn": f"{USERS}ci"}))]},
        {"boundary": policy(allow("bedrock:*", "*"))},
    ],
)
def test_what_denies_or_limits_such_keys_silences(limits: dict[str, Any]) -> None:
    assert told(allow(CREATE, f"{USERS}*"), **limits) == []


def test_iam_is_called_in_its_own_region() -> None:
    def outside(region: str) -> dict[str, Any]:
        return policy(deny("iam:*", StringNotEquals={"aws:RequestedRegion": region}))

    assert told(allow(CREATE, "*"), region="eu-west-1", scps=[outside("eu-west-1")]) == []
    assert told(allow(CREATE, "*"), region="eu-west-1", scps=[outside("us-east-1")]) == ["certain"]


def test_a_deny_of_short_term_keys_limits_no_long_term_one() -> None:
    scp = policy(deny("bedrock:CallWithBearerToken", StringEquals={"bedrock:BearerTokenType": "SHORT_TERM"}))

    assert told(allow(CREATE, f"{USERS}*"), scps=[scp]) == ["certain"]


def test_what_a_role_may_not_use_itself_another_user_may() -> None:
    refused = deny("bedrock:CallWithBearerToken")

    assert told(allow(CREATE, f"{USERS}*"), refused, scps=[OTHER_SCP], role=f"{ROLES}dev") == ["certain"]


def test_a_user_may_create_a_key_for_itself_that_it_can_use() -> None:
    own = allow(CREATE, "arn:aws:iam::*:user/${aws:username}")
    use = allow("bedrock:CallWithBearerToken", "*")
    user = {"user": f"{USERS}ana", "context": {"aws:username": "ana"}, "scps": [OTHER_SCP]}

    assert told(own, use, **user) == ["certain"]
    assert told(own, **user) == []
    assert told(own, use, role=f"{ROLES}dev", scps=[OTHER_SCP]) == []


# What is granted beyond the usage


def test_what_else_a_wildcard_grants_is_counted_and_named() -> None:
    found = lint(WIDER, allow("bedrock:InvokeModel", f"{MODELS}amazon.*"))

    assert len(found) == 1
    assert 3 < count(found) < len([model for model in default().models() if model.id.startswith("amazon.")])
    assert f"and {count(found) - 3} more" in found[0].message
    assert "`amazon.nova-lite-v1:0`" not in found[0].message


def count(found: list[Finding]) -> int:
    """How many models or profiles a finding says are too much."""
    return int(found[0].message.split(" also grants ")[1].split()[0])


def test_only_what_is_offered_in_the_regions_of_the_entry_counts() -> None:
    here = [model for model in default().models() if "us-east-1" in offered(model.id, default())]

    found = lint(WIDER, allow("bedrock:InvokeModel", f"{MODELS}*.*"))

    assert 1 < count(found) < len(here) < len(default().models())


def test_what_has_ended_does_not_count() -> None:
    uses = ["converse anthropic.claude-opus-4-5-20251101-v1:0"]
    wide = allow("bedrock:InvokeModel", f"{MODELS}anthropic.claude-opus-4-?-*")

    before, after = (lint(WIDER, wide, uses=uses, today=today) for today in ("2026-11-20", "2028-01-01"))

    assert count(before) == count(after) + 1


@pytest.mark.parametrize(("pattern", "told"), [("*20250*", 0), ("*", 1)])
def test_a_profile_that_is_gone_does_not_count(pattern: str, told: int) -> None:
    profile = default().profile("us.anthropic.claude-opus-4-20250514-v1:0")
    assert profile is not None
    assert profile.status == "gone"
    grants = [f"{BEDROCK}inference-profile/us.anthropic.claude-opus-4-{pattern}"]

    found = lint(
        WIDER, allow("bedrock:InvokeModel", grants), uses=["converse us.anthropic.claude-opus-4-1-20250805-v1:0"]
    )

    assert len(found) == told


@pytest.mark.parametrize(
    "statements",
    [
        [allow("bedrock:InvokeModel", f"{MODELS}*")],
        [allow("bedrock:InvokeModel", "*")],
        [allow("bedrock:InvokeModel", f"{MODELS}anthropic.*")],
        [allow("bedrock:GetFoundationModel", f"{MODELS}amazon.*")],
        [allow("bedrock:InvokeModel", f"{MODELS}amazon.*", StringLike={"bedrock:InferenceProfileArn": "*"})],
        [allow("bedrock:InvokeModel", f"{MODELS}amazon.*", StringEquals={"aws:PrincipalTag/team": "a"})],
        [
            allow("bedrock:InvokeModel", f"{MODELS}amazon.*"),
            {"Effect": "Deny", "Action": "bedrock:*", "NotResource": f"{MODELS}amazon.nova-lite-v1:0"},
        ],
    ],
)
def test_what_other_rules_tell_or_a_condition_or_deny_confines_is_left_alone(statements: list[Statement]) -> None:
    assert lint(WIDER, *statements) == []


def test_a_condition_on_the_profile_confines_the_models() -> None:
    uses = ["converse us.amazon.nova-lite-v1:0"]
    profile = f"{BEDROCK}inference-profile/us.amazon.nova-lite-v1:0"
    models = "arn:aws:bedrock:us-*::foundation-model/amazon.*"
    tied = allow("bedrock:InvokeModel", models, ArnEquals={"bedrock:InferenceProfileArn": profile})

    assert lint(WIDER, allow("bedrock:InvokeModel", profile), tied, uses=uses) == []
    assert len(lint(WIDER, allow("bedrock:InvokeModel", [profile, models]), uses=uses)) == 1


def test_other_profiles_of_the_same_model_are_not_too_much() -> None:
    uses = ["converse us.amazon.nova-lite-v1:0"]
    profiles = f"{BEDROCK}inference-profile/*"

    assert lint(WIDER, allow("bedrock:InvokeModel", f"{profiles}.amazon.nova-lite-v1:0"), uses=uses) == []
    assert len(lint(WIDER, allow("bedrock:InvokeModel", f"{profiles}.amazon.nova-*"), uses=uses)) == 1


def test_looking_up_is_not_too_wide() -> None:
    uses = ["get-profile us.amazon.nova-lite-v1:0"]

    assert lint(WIDER, allow("bedrock:GetInferenceProfile", f"{BEDROCK}inference-profile/us.*"), uses=uses) == []


def test_nothing_is_too_wide_while_some_usage_is_not_declared() -> None:
    wide = allow("bedrock:InvokeModel", f"{MODELS}amazon.*")

    assert lint(WIDER, wide, complete=False) == []
    assert lint(WIDER, wide, uses=["converse amazon.nova-lite-v1:0", f"converse {BEDROCK}prompt-router/a"]) == []


def test_the_fix_names_what_is_needed_and_keeps_the_regions() -> None:
    uses = ["converse amazon.nova-lite-v1:0", "converse amazon.nova-micro-v1:0"]
    wide = "arn:aws:bedrock:us-*::foundation-model/amazon.nova-*"

    fix = lint(WIDER, allow("bedrock:InvokeModel", wide), uses=uses)[0].fix

    assert fix is not None
    assert fix.text == "write `amazon.nova-lite-v1:0` and `amazon.nova-micro-v1:0`"
    assert fix.access == "grants less"
    assert "us-*::foundation-model/amazon.nova-micro-v1:0" in "".join(edit.text for edit in fix.edits)


def test_a_wildcard_beside_what_is_needed_is_to_be_deleted() -> None:
    beside = [f"{MODELS}amazon.*", f"{MODELS}amazon.nova-lite-v1:0"]

    fix = lint(WIDER, allow("bedrock:InvokeModel", beside))[0].fix

    assert fix is not None
    assert fix.text.startswith("delete it")
    assert fix.access == "grants less"
