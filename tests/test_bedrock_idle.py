"""Which entries of `Action` match none of the resources beside them."""

from __future__ import annotations

import json

import pytest

from bedrock_policy_lint.bedrock.idle import idle_entries
from bedrock_policy_lint.catalog import Action, default
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context
from bedrock_policy_lint.sources.source import Source

CONTEXT = Context(default(), "", "2026-11-20")


def idle_in(*statements: tuple[str, str, str]) -> list[str]:
    """The idle entries of statements given as effect, action and resource; a resource fits that names the action."""
    written = [{"Effect": effect, "Action": action, "Resource": resource} for effect, action, resource in statements]
    text = json.dumps({"Version": "2012-10-17", "Statement": written})
    policy = policy_json.read(Source("p.json", text), None, claimed=True).policies[0]

    def fits(resource: Resource, record: Action, _: Context) -> bool:
        return record.name in str(resource.text)

    return [entry.record.name for _, idle in idle_entries(policy, CONTEXT, lambda _: True, fits) for entry in idle]


def test_an_entry_is_idle_where_no_statement_of_its_effect_has_a_fitting_resource() -> None:
    lone = ("Allow", "bedrock:GetAgent", "x")

    assert idle_in(lone) == ["GetAgent"]
    assert idle_in(lone, ("Allow", "bedrock:Get*", "GetAgent")) == []
    assert idle_in(lone, ("Deny", "bedrock:Get*", "GetAgent")) == ["GetAgent"]


@pytest.mark.parametrize("action", ["bedrock:Get*", "bedrock:Converse", "s3:GetObject", "${action}"])
def test_only_an_action_written_in_full_is_called_idle(action: str) -> None:
    assert idle_in(("Allow", action, "x")) == []
