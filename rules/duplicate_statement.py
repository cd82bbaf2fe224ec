"""Two statements of a policy say the same.

## What it finds

A statement with the same effect, actions, resources, principals and conditions as one before it. The order of entries,
the letter case of actions and the `Sid` do not matter.

## Why it matters

Nothing happens when one of the two is changed or deleted, which is how a permission survives its removal. Policies are
also limited in size.

## How to fix it

Delete one of the two.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Chat",
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Sid": "Search",
      "Effect": «"Allow"»,
      "Resource": ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"],
      "Action": ["bedrock:InvokeModelWithResponseStream", "bedrock:InvokeModel"]
    }
  ]
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Chat",
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
```

A condition makes the difference:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "Condition": {
        "StringEquals": {
          "aws:PrincipalTag/team": "search"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "Condition": {
        "StringEquals": {
          "aws:PrincipalTag/team": "chat"
        }
      }
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.overlap import Reach, is_long, reach
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Remove, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy, Statement

_MOST_FIXES = 50
"""Each edit is judged by reading the policy again, so a flood of them would take forever."""


@rule(Severity.INFO, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if len(policy.statements) < 2:
        return
    first: dict[Reach, Statement] = {}
    found = 0
    for group in _alike(policy):
        for statement in group:
            said = reach(statement)
            before = first.setdefault(said, statement) if said else statement
            if before is not statement:
                found += 1
                yield _problem(statement, before, found <= _MOST_FIXES)


def _alike(policy: Policy) -> list[list[Statement]]:
    """Groups of statements that could be equal, by a test so cheap that it suits any number of them."""
    groups: dict[tuple[str, int], list[Statement]] = {}
    for statement in policy.statements:
        if not is_long(statement) and speaks_of_bedrock(statement):
            nodes = statement.resource_nodes or statement.not_resource_nodes
            named = hash(frozenset([str(node.value) for node in nodes]))
            groups.setdefault((statement.effect, named), []).append(statement)
    return [group for group in groups.values() if len(group) > 1]


def _problem(statement: Statement, before: Statement, with_edit: bool) -> Problem:
    return Problem(
        statement.effect_node or statement.node,
        "this statement says the same as one before it",
        "whoever changes one of the two will find that the other still holds",
        label="said before",
        fix=Fix("delete this statement", (Remove(statement.node),) if with_edit else ()),
        related=(Note(before.effect_node or before.node, "the same statement"),),
    )
