"""An Allow that a Deny of the same policy takes back entirely.

## What it finds

An Allow whose every action, on every resource and for every principal that it names, is denied by one statement of the
same policy that has no conditions. Actions are compared with their wildcards expanded. A Deny that takes back a part
only is normal and is not reported.

## Why it matters

An explicit Deny always wins, so the Allow has no effect. Either the Allow is left over, or the Deny is wider than it
was meant to be; in the second case calls fail that the policy seems to allow.

## How to fix it

Delete the Allow, or narrow the Deny.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": «"Allow"»,
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Deny",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:*::foundation-model/*"
    }
  ]
}
```

`NotAction` and `NotResource` count as well:

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": «"Allow"»,
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Deny",
      "NotAction": "bedrock:List*",
      "NotResource": "arn:aws:bedrock:us-east-1::foundation-model/anthropic.*"
    }
  ]
}
```

A Deny with a condition, or on some of the resources, leaves something of the Allow:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.*"
    },
    {
      "Effect": "Deny",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "*",
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "false"
        }
      }
    },
    {
      "Effect": "Deny",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.overlap import covers, reaches
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy, Statement


@rule(Severity.WARNING, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem | Undecided]:
    outright = [statement for statement in policy.statements if statement.denies and statement.condition_node is None]
    if not outright or len(outright) == len(policy.statements):
        return
    read, left_out = reaches(policy)
    if left_out:
        yield Undecided(left_out, "whether a Deny takes an Allow back entirely: too much to compare")
    denies = [(statement, said) for statement, said in read if statement.denies and not said.tests]
    for statement, said in read:
        if not statement.allows:
            continue
        found = next((deny for deny, denied in denies if covers(denied, said, context.catalog.expand)), None)
        if found:
            yield _problem(statement, found)


def _problem(statement: Statement, deny: Statement) -> Problem:
    return Problem(
        statement.effect_node or statement.node,
        "this Allow has no effect: another statement denies all of it",
        "an explicit Deny wins over every Allow, and this Deny has no condition that could leave something",
        label="denied entirely",
        fix=Fix("delete this statement, or narrow the Deny"),
        related=(Note(deny.effect_node or deny.node, "denied here"),),
    )
