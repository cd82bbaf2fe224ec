"""A policy may subscribe to anything in AWS Marketplace, not only to models through Bedrock.

## What it finds

`aws-marketplace:Subscribe` or `aws-marketplace:Unsubscribe`, by name or wildcard, in a policy that also allows
actions of Bedrock, without a condition that ties it to calls made by Bedrock or to certain products. In a policy that
invokes no models, which may be that of the person who enables them, it is shown with `--pedantic` only.

## Why it matters

The first call of a third-party model subscribes the account to it, with the permissions of the caller. Without a
condition the same permission buys any product of the Marketplace, at any price; with `Unsubscribe` it takes a model
away from the whole account. Once one principal has subscribed, nobody else needs these actions.

## How to fix it

Let an administrator enable the model once and drop the actions here, or add the condition that the call comes from
Bedrock: `aws:CalledViaLast` = `bedrock.amazonaws.com` (for the mantle endpoint `bedrock-mantle.amazonaws.com`). An
application has no use for `Unsubscribe`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": [«"aws-marketplace:Subscribe"», "aws-marketplace:ViewSubscriptions"],
      "Resource": "*"
    }
  ]
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": ["aws-marketplace:Subscribe", "aws-marketplace:ViewSubscriptions"],
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "aws:CalledViaLast": "bedrock.amazonaws.com"
        }
      }
    }
  ]
}
```

A wildcard takes them in too, and an `IfExists` test lets direct calls pass:

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock-mantle:CreateInference",
      "Resource": "arn:aws:bedrock-mantle:us-east-1:111122223333:project/default"
    },
    {
      "Effect": "Allow",
      "Action": «"aws-marketplace:*"»,
      "Resource": "*",
      "Condition": {"StringEqualsIfExists": {"aws:CalledViaLast": "bedrock-mantle.amazonaws.com"}}
    }
  ]
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": ["aws-marketplace:Subscribe", "aws-marketplace:ViewSubscriptions"],
      "Resource": "*",
      "Condition": {"StringEquals": {"aws:CalledViaLast": "bedrock.amazonaws.com"}}
    }
  ]
}
```

A buyer's policy that has nothing to do with Bedrock is none of this rule's business:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["aws-marketplace:Subscribe", "aws-marketplace:Unsubscribe", "aws-marketplace:ViewSubscriptions"],
    "Resource": "*"
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import CALLS, MARKETPLACE, granted_services
from bedrock_policy_lint.model.condition import when_absent
from bedrock_policy_lint.model.scope import is_on_all
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, AddMember, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Policy, Statement

_BUYS = ("aws-marketplace:Subscribe", "aws-marketplace:Unsubscribe")
_TIES = (
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:viaawsservice",
    "aws-marketplace:productid",
)


@rule(Severity.WARNING, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind != "identity":
        return
    found = [(one, action) for one in policy.statements if one.grants and (action := _buying(one, context))]
    if not found:
        return
    granted = granted_services(policy)
    if not granted:
        return
    calls = any(one.grants and not CALLS.isdisjoint(context.actions_of(one)) for one in policy.statements)
    for statement, action in found:
        yield _problem(statement, action, granted, calls)


def _buying(statement: Statement, context: Context) -> Action | None:
    """The first entry that lets the caller subscribe, where no condition ties it to Bedrock or to products."""
    if (
        # The Marketplace is asked on `*`, which no ARN matches.
        not statement.action_nodes
        or not (statement.not_resource_nodes or is_on_all(statement))
        or any(test.key.lower() in _TIES and when_absent(test) is not True for test in statement.tests)
    ):
        return None
    expand = context.catalog.expand
    return next(
        (
            action
            for action in statement.actions
            if action.service == MARKETPLACE and not set(_BUYS).isdisjoint(expand(f"{MARKETPLACE}:{action.name}"))
        ),
        None,
    )


def _problem(statement: Statement, action: Action, granted: list[str], calls: bool) -> Problem:
    clients = [f"{service}.amazonaws.com" for service in granted if service != "bedrock-agentcore"]
    value = clients[0] if len(clients) == 1 else clients or "bedrock.amazonaws.com"
    alone = statement.condition_node is None and all(one.service == MARKETPLACE for one in statement.actions)
    condition = {"StringEquals": {"aws:CalledViaLast": value}}
    return Problem(
        action,
        f"`{action.text}` is allowed for every product",
        "it is meant for the subscription that Bedrock makes at the first call of a model, and buys anything else too",
        label="not tied to Bedrock",
        fix=Fix(
            "have an administrator enable the model once and delete it, or tie it to Bedrock by `aws:CalledViaLast`",
            (AddMember(statement.node, "Condition", condition),) if alone else (),
        ),
        confidence=CERTAIN if calls and statement.condition_node is None else _with_condition(statement, calls),
    )


def _with_condition(statement: Statement, calls: bool) -> str:
    """Other conditions may be narrow enough; one that holds without its key is not."""
    return CERTAIN if calls and all(when_absent(test) is True for test in statement.tests) else POSSIBLE
