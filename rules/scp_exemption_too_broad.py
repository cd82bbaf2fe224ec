"""A Region limit that exempts all of Bedrock, or its invocation without any other limit.

## What it finds

In a service control policy, a Deny outside certain Regions whose `NotAction` exempts `bedrock:*` (or another whole
prefix of Bedrock) while no other Deny of the policy limits those actions: a warning. An exemption of
`bedrock:InvokeModel*` alone, again without another limit, is shown as information.

## Why it matters

The exemption is there so that inference profiles can reach their destination Regions. Written as `bedrock:*` it opens
much more: guardrails, agents, logging settings, custom models and provisioned throughput can then be created in any
Region. Even without the control plane, models can be called directly in every Region.

Another policy of the organisation may close the gap. This one does not.

## How to fix it

Exempt `bedrock:Invoke*` only. Deny it in a second statement outside the same Regions, unless
`bedrock:InferenceProfileArn` is one of the profiles you allow. For global profiles add `unspecified` to the list.

## Examples

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", «"bedrock:*"»],
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        "aws:RequestedRegion": ["eu-central-1", "eu-west-1"]
      }
    }
  }
}
```

A second Deny that limits the invocation leaves the rest open:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "NotAction": ["iam:*", "organizations:*", «"bedrock:*"»],
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": ["eu-central-1", "eu-west-1"]
        }
      }
    },
    {
      "Effect": "Deny",
      "Action": "bedrock:Invoke*",
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": ["eu-central-1", "eu-west-1"]
        },
        "ArnNotLike": {
          "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*"
        }
      }
    }
  ]
}
```

The invocation alone is information:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", «"bedrock:InvokeModel*"»],
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        "aws:RequestedRegion": ["eu-central-1", "eu-west-1"]
      }
    }
  }
}
```

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "NotAction": ["iam:*", "organizations:*", "bedrock:Invoke*"],
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": ["eu-central-1", "eu-west-1"]
        }
      }
    },
    {
      "Effect": "Deny",
      "Action": "bedrock:Invoke*",
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": ["eu-central-1", "eu-west-1"]
        },
        "ArnNotLike": {
          "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*"
        }
      }
    }
  ]
}
```

AWS's form for Bedrock alone exempts the whole prefix and takes it back in a second statement:

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "NotAction": ["iam:*", "organizations:*", "bedrock:*"],
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": ["us-east-1", "us-west-2"]
        }
      }
    },
    {
      "Effect": "Deny",
      "Action": "bedrock:*",
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": ["us-east-1", "us-west-2", "unspecified"]
        }
      }
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
- https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.invocable import PROFILE_KEY
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Statement, Test

_REGION_KEY = "aws:requestedregion"
_MOST_STATEMENTS = 500
_ADVICE = (
    "exempt `bedrock:Invoke*` instead, and deny it in a second statement outside the same Regions "
    "unless `bedrock:InferenceProfileArn` is a profile that you allow"
)


@rule(Severity.WARNING, gate="region")
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    policy = statement.policy
    if policy.kind != "scp" or not statement.denies or not statement.not_action_nodes:
        return
    limit = next((test for test in statement.tests_of(_REGION_KEY) if test.operator.negated), None)
    exempt = [action for action in statement.actions if action.service.startswith("bedrock")]
    if limit is None or not exempt:
        return
    if len(policy.statements) > _MOST_STATEMENTS:
        yield Undecided(exempt[0], "whether another statement of this long policy limits what is exempt here")
        return
    limited = _limited(statement, context)
    for action in exempt:
        if is_wild(action.service):
            continue
        left_open = set(context.catalog.expand(action.pattern)) - limited
        if action.name == "*" and any(_matters(name, context) for name in left_open):
            yield _whole(action, limit)
        elif action.name != "*" and left_open & INVOKE:
            yield _invocation(action, limit)


def _limited(statement: Statement, context: Context) -> frozenset[str]:
    """What the policy's other Deny statements limit by Region or profile, or stop outright."""
    limited: frozenset[str] = frozenset()
    for other in statement.policy.statements:
        if other is not statement and other.denies:
            keys = {test.key.lower() for test in other.tests}
            if not keys or keys & {_REGION_KEY, PROFILE_KEY}:
                limited |= context.actions_of(other)
    return limited


def _matters(name: str, context: Context) -> bool:
    """Whether an action that stays open does more than read what is there."""
    action = context.catalog.action(name)
    return name in INVOKE or (action is not None and action.access_level not in ("Read", "List"))


def _whole(action: Action, limit: Test) -> Problem:
    return Problem(
        action,
        f"`{action.text}` is exempt from this Region limit, with everything that it creates and changes",
        "profiles need an exemption for invocations only; nothing else in this policy limits the rest",
        label="open in every Region",
        fix=Fix(_ADVICE) if action.service == "bedrock" else Fix(f"take `{action.text}` out of `NotAction`"),
        related=(Note(limit, "the limit"),),
    )


def _invocation(action: Action, limit: Test) -> Problem:
    return Problem(
        action,
        f"`{action.text}` is exempt from this Region limit, also for calls that go through no profile",
        "nothing else in this policy limits the Regions in which a model may be called directly",
        label="open in every Region",
        fix=Fix(
            "deny it in a second statement outside the same Regions unless `bedrock:InferenceProfileArn` is allowed"
        ),
        related=(Note(limit, "the limit"),),
        severity=Severity.INFO,
    )
