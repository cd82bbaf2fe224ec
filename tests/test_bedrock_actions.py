"""What actions of Bedrock do, and what patterns, statements and policies take in of them."""

from __future__ import annotations

import json

import pytest

from bedrock_policy_lint.bedrock import actions
from bedrock_policy_lint.bedrock.dead_names import effect_of, rewrite
from bedrock_policy_lint.bedrock.pairing import STREAMED, WHOLE, unpaired
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.policy import Policy
from bedrock_policy_lint.rule import Context, Remove, Replace
from bedrock_policy_lint.sources.source import Source

CATALOG = default()
CONTEXT = Context(CATALOG, "", "2026-11-20")
MODEL = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"


def policy_of(*statements: dict[str, object]) -> Policy:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return policy_json.read(Source("p.json", text), None, claimed=True).policies[0]


def allow(action: str | list[str], resource: str | list[str] = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("name", "writes"),
    [
        ("bedrock:DeleteGuardrail", True),
        ("bedrock:InvokeModel", False),
        ("bedrock:GetGuardrail", False),
        # Part of a conversation with an agent.
        ("bedrock:CreateSession", False),
    ],
)
def test_a_control_write_changes_something_and_is_no_part_of_a_call(name: str, writes: bool) -> None:
    assert actions.is_control_write(name, CATALOG) is writes


def test_only_what_returns_a_credential_is_secret() -> None:
    assert actions.is_secret("bedrock-agentcore:GetResourceApiKey")
    assert not actions.is_secret("bedrock-agentcore:GetAgentRuntime")


@pytest.mark.parametrize(
    ("pattern", "broad"),
    [("*", True), ("bedrock:*", True), ("bedrock:Invoke*", False), ("bedrock:Delete*", False), ("s3:*", False)],
)
def test_a_wildcard_is_broad_when_it_takes_in_calls_and_writes(pattern: str, broad: bool) -> None:
    action = policy_of(allow(pattern)).statements[0].actions[0]

    assert bool(actions.broad_writes(action, CATALOG)) is broad


@pytest.mark.parametrize(
    ("resource", "taken"),
    [
        ("*", True),
        (MODEL, True),
        ("arn:aws:bedrock:us-east-1:111122223333:guardrail/abc", False),
        ("arn:aws:s3:::bucket", False),
        ("${resource}", False),
    ],
)
def test_a_statement_takes_in_what_its_resources_certainly_match(resource: str, taken: bool) -> None:
    record = CATALOG.action("bedrock:InvokeModel")
    assert record is not None

    assert actions.takes_in(policy_of(allow("bedrock:*", resource)).statements[0], record, CATALOG) is taken


def test_an_action_is_granted_on_the_resources_of_every_allow_that_names_it() -> None:
    policy = policy_of(
        allow(WHOLE, MODEL), allow("bedrock:*", "*"), allow(STREAMED, "x"), allow(WHOLE, "y", Effect="Deny")
    )

    found = actions.granted_on(policy, WHOLE, CONTEXT)

    assert [resource.text for resource in found or []] == [MODEL, "*"]


def test_what_an_action_is_granted_on_is_open_without_a_list() -> None:
    policy = policy_of({"Effect": "Allow", "Action": WHOLE, "NotResource": MODEL})

    assert actions.granted_on(policy, WHOLE, CONTEXT) is None


def test_only_a_deny_of_everything_without_condition_is_outright() -> None:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    policy = policy_of(
        allow("bedrock:DeleteGuardrail", Effect="Deny"),
        allow("bedrock:DeleteAgent", MODEL, Effect="Deny"),
        allow("bedrock:DeleteFlow", Effect="Deny", Condition=condition),
        {"Effect": "Deny", "Action": "bedrock:DeletePrompt", "NotResource": "*"},
    )

    assert actions.denied_outright(policy, CONTEXT) == {"bedrock:DeleteGuardrail"}


def test_one_way_of_invoking_is_paired_where_any_statement_allows_the_other_on_the_same_model() -> None:
    alone = allow(WHOLE, MODEL)
    other = allow(STREAMED, "arn:aws:bedrock:*::foundation-model/amazon.*")

    assert [action.text for action, _ in unpaired(policy_of(alone), WHOLE, STREAMED, CONTEXT)] == [WHOLE]
    assert not list(unpaired(policy_of(alone, other), WHOLE, STREAMED, CONTEXT))


def test_a_dead_name_is_replaced_by_what_is_missing_and_deleted_where_nothing_is() -> None:
    alone, doubled = policy_of(allow("bedrock:Converse"), allow(["bedrock:Converse", WHOLE])).statements

    replaced = rewrite(alone.actions[0], (WHOLE,), CONTEXT)
    deleted = rewrite(doubled.actions[0], (WHOLE,), CONTEXT)

    assert replaced is not None
    assert replaced.edits == (Replace(alone.actions[0].node, WHOLE),)
    assert deleted is not None
    assert deleted.edits == (Remove(doubled.actions[0].node),)


def test_a_dead_name_grants_nothing_only_where_it_would_have_granted() -> None:
    granting, denying = policy_of(allow("bedrock:Converse"), allow("bedrock:Converse", Effect="Deny")).statements

    assert effect_of(granting.actions[0]) == "grants nothing"
    assert effect_of(denying.actions[0]) == "matches nothing"
