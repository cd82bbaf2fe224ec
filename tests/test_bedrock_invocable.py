"""Which models and profiles a policy lets be invoked."""

from __future__ import annotations

import json

import pytest

from bedrock_policy_lint.bedrock.invocable import Invocable, invocable
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.policy import Policy
from bedrock_policy_lint.rule import Context
from bedrock_policy_lint.sources.source import Source

CONTEXT = Context(default(), "", "2026-11-20")
INVOKE = ["bedrock:InvokeModel"]


def policy_of(*statements: dict[str, object]) -> Policy:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return policy_json.read(Source("p.json", text), None, claimed=True).policies[0]


def allow(*resources: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": INVOKE, "Resource": list(resources), **more}


def weigh(*statements: dict[str, object]) -> Invocable:
    found = invocable(policy_of(*statements), CONTEXT)
    assert found is not None
    return found


def test_resources_are_sorted_by_what_they_name() -> None:
    tied = {"ArnLike": {"bedrock:inferenceProfileArn": "*"}}
    found = weigh(
        allow("arn:aws:bedrock:*::foundation-model/a", "arn:aws:bedrock:*:1:inference-profile/b"),
        allow("arn:aws:bedrock:*::foundation-model/c", Condition=tied),
        allow("arn:aws:bedrock:*:1:application-inference-profile/d", "arn:aws:bedrock:*:1:guardrail/e"),
    )

    named = [[resource.node.value.rpartition("/")[2] for resource in group] for group in found[:4]]
    assert named == [["a"], ["c"], ["b"], ["d"]]
    assert not found.any_model
    assert not found.any_profile


@pytest.mark.parametrize(
    ("resource", "any_model", "any_profile"),
    [
        ("*", True, True),
        ("${ModelArn}", True, True),
        ("arn:aws:bedrock:us-east-1::*", True, False),
        ("arn:aws:bedrock:us-east-1:111122223333:*", False, True),
        ("arn:aws:bedrock:*:*:*", True, True),
        ("arn:aws:bedrock:*::${resource}", True, False),
        ("arn:aws:*:*:*:*", True, True),
        ("arn:aws:s3:::*", False, False),
        ("arn:aws:bedrock:*:111122223333:guard*", False, False),
    ],
)
def test_a_wide_or_unknown_resource_may_be_more_than_it_says(resource: str, any_model: bool, any_profile: bool) -> None:
    found = weigh(allow(resource))

    assert (found.any_model, found.any_profile) == (any_model, any_profile)


@pytest.mark.parametrize(
    "statement",
    [
        allow("arn:aws:bedrock:*::foundation-model/a", Effect="Deny"),
        allow("arn:aws:bedrock:*::foundation-model/a", Action="bedrock:GetFoundationModel"),
    ],
)
def test_what_grants_no_invocation_is_left_out(statement: dict[str, object]) -> None:
    assert weigh(statement) == ([], [], [], [], False, False)


def test_not_resource_and_unknown_actions_leave_everything_open() -> None:
    for statement in (
        {"Effect": "Allow", "Action": INVOKE, "NotResource": "arn:aws:bedrock:*::foundation-model/a"},
        allow("arn:aws:bedrock:*::foundation-model/a", Action="${actions}"),
    ):
        found = weigh(statement)
        assert found.any_model
        assert found.any_profile


def test_a_policy_beyond_any_quota_is_not_weighed() -> None:
    long = policy_of(allow(*(f"arn:aws:bedrock:*::foundation-model/m{number}" for number in range(6000))))

    assert invocable(long, CONTEXT) is None
