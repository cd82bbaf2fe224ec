"""An Allow that another Allow of the same policy covers.

## What it finds

An Allow whose every action and resource is allowed by one other statement of the policy, for the same principals and
without conditions that it does not have itself. Two statements that say the same are left to `duplicate-statement`.

## Why it matters

The narrower statement reads like a limit and is none: the wider one allows all of it and more. Conditions on the
narrower one restrict nobody.

## How to fix it

Delete the narrower statement, or narrow the wider one if the narrower one says what is meant.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-*"
    },
    {
      "Effect": «"Allow"»,
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
```

The condition looks like a limit, but the other statement does not have it:

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": «"Allow"»,
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
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
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
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-*",
      "Condition": {
        "StringEquals": {
          "aws:PrincipalTag/team": "search"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.overlap import Reach, covers, reaches
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy, Statement
    from bedrock_policy_lint.model.text import Text


@rule(Severity.INFO, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem | Undecided]:
    if not _share_actions([statement for statement in policy.statements if statement.allows]):
        return
    read, left_out = reaches(policy)
    if left_out:
        yield Undecided(left_out, "whether one Allow covers another: too much to compare")
    allows: dict[Reach, Statement] = {}
    for statement, said in read:
        if statement.allows:
            allows.setdefault(said, statement)
    for at, (said, statement) in enumerate(allows.items()):
        for other, (wide, wider) in enumerate(allows.items()):
            if other != at and _shadows(wide, said, other < at, context):
                yield _problem(statement, wider, len(said.tests) > len(wide.tests))
                break


def _share_actions(allows: list[Statement]) -> bool:
    """Whether two of the statements may name the same action: a cheap look before they are compared."""
    seen: set[Text] = set()
    for statement in allows if len(allows) > 1 else ():
        mine = {action.text for action in statement.actions}
        if statement.not_action_nodes or any(is_wild(text) or isinstance(text, Template) for text in mine):
            return True
        lowered = {str(text).lower() for text in mine}
        if not seen.isdisjoint(lowered):
            return True
        seen |= lowered
    return False


def _shadows(wide: Reach, narrow: Reach, comes_first: bool, context: Context) -> bool:
    expand = context.catalog.expand
    if wide.principals != narrow.principals or not covers(wide, narrow, expand):
        return False
    # Of two that cover each other the first one stays.
    return comes_first or not covers(narrow, wide, expand)


def _problem(statement: Statement, wider: Statement, conditioned: bool) -> Problem:
    return Problem(
        statement.effect_node or statement.node,
        "another statement allows all that this one allows" + (", without its conditions" if conditioned else ""),
        "an Allow does not limit another: what the wider one allows stays allowed",
        label="allowed already",
        fix=Fix("delete this statement, or narrow the other one"),
        related=(Note(wider.effect_node or wider.node, "covers it"),),
    )
