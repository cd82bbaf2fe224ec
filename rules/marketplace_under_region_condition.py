"""The Marketplace subscription is allowed in Regions where it is not made.

## What it finds

`aws-marketplace:Subscribe` or `aws-marketplace:ViewSubscriptions`, in a policy that also allows actions of Bedrock,
under a test of `aws:RequestedRegion` that leaves out `us-east-1`, while no other statement allows it without.

## Why it matters

AWS Marketplace is a global service, and its requests are made in `us-east-1` wherever the model is called. AWS does
not document the Region of the request that Bedrock makes, so take this for a warning: the first call of a third-party
model is likely to fail with "Model access is denied".

## How to fix it

Move the Marketplace actions to a statement of their own without the test of the Region.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:eu-central-1::foundation-model/cohere.embed-english-v3"
    },
    {
      "Effect": "Allow",
      "Action": [«"aws-marketplace:Subscribe"», "aws-marketplace:ViewSubscriptions"],
      "Resource": "*",
      "Condition": {
        "StringEquals": {"aws:RequestedRegion": "eu-central-1", "aws:CalledViaLast": "bedrock.amazonaws.com"}
      }
    }
  ]
}
```

Patterns and exclusions can leave it out as well:

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:eu-central-1::foundation-model/cohere.embed-english-v3"
    },
    {
      "Effect": "Allow",
      "Action": [«"aws-marketplace:Subscribe"», "aws-marketplace:ViewSubscriptions"],
      "Resource": "*",
      "Condition": {
        "StringNotLike": {"aws:RequestedRegion": "us-*"},
        "StringEquals": {"aws:CalledViaLast": "bedrock.amazonaws.com"}
      }
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
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
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

With `us-east-1` in the list there is nothing to say:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": ["aws-marketplace:Subscribe", "aws-marketplace:ViewSubscriptions"],
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "aws:RequestedRegion": ["eu-central-1", "us-east-1"],
          "aws:CalledViaLast": "bedrock.amazonaws.com"
        }
      }
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import MARKETPLACE, granted_services
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Policy, Statement, Test

_NEEDED = frozenset({"aws-marketplace:Subscribe", "aws-marketplace:ViewSubscriptions"})
_HOME = "us-east-1"
"""Where the Marketplace answers; seen in practice, not promised by AWS."""


@rule(Severity.WARNING, gate="provider terms")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind not in ("identity", "session"):
        return
    shut: list[tuple[Statement, Test]] = []
    free: set[str] = set()
    for statement in policy.statements:
        if not statement.grants or not (names := context.actions_of(statement) & _NEEDED):
            continue
        test = next((test for test in statement.tests_of("aws:requestedregion") if _leaves_out_home(test)), None)
        if test is None:
            free |= names
        elif statement.action_nodes:
            shut.append((statement, test))
    if shut and not granted_services(policy):
        return
    for statement, test in shut:
        action = next((one for one in statement.actions if _brings(one, context) - free), None)
        if action is not None:
            yield _problem(action, test)


def _leaves_out_home(test: Test) -> bool:
    """Whether the test certainly fails for a request in the Marketplace's Region."""
    if test.operator.family != "String" or not test.operator.known:
        return False
    answers = [matches(text, _HOME) if test.operator.wild else _equals(test, text) for text in test.texts()]
    if test.operator.negated:
        return True in answers
    return all(answer is False for answer in answers)


def _equals(test: Test, text: object) -> bool | None:
    """Without `Like` a star is a star; case matters unless the operator says otherwise."""
    if not isinstance(text, str):
        return None
    return text.lower() == _HOME if "IgnoreCase" in test.operator.base else text == _HOME


def _brings(action: Action, context: Context) -> frozenset[str]:
    if action.service != MARKETPLACE:
        return frozenset()
    return _NEEDED.intersection(context.catalog.expand(f"{MARKETPLACE}:{action.name}"))


def _problem(action: Action, test: Test) -> Problem:
    return Problem(
        action,
        f"`{action.text}` is allowed in Regions other than `{_HOME}` only",
        f"AWS Marketplace is a global service whose requests are made in `{_HOME}`, wherever the model is called",
        label="tied to other Regions",
        fix=Fix("move the Marketplace actions to a statement of their own without `aws:RequestedRegion`"),
        related=(Note(test, f"leaves out `{_HOME}`"),),
    )
