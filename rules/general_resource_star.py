"""`*` as the resource of actions that could be limited to named resources.

## What it finds

Shown with `--pedantic` only. An Allow in an identity policy about services other than Bedrock, without a condition,
whose `Resource` is `*` although some of its actions work on resources that can be named. The check is parliament's, and
the message gives the date of its data.

## Why it matters

The actions are allowed on every resource of the account, today's and tomorrow's.

## How to fix it

Name the resources. Leave the actions that work on `*` only in a statement of their own.

## Examples

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListAllMyBuckets"],
    "Resource": «"*"»
  }
}
```

```json good pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"
    },
    {
      "Effect": "Allow",
      "Action": ["s3:ListAllMyBuckets", "ecr:GetAuthorizationToken"],
      "Resource": "*"
    }
  ]
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "*"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import Statement
from bedrock_policy_lint.rule import POSSIBLE, Context, Fix, Problem, Severity, Undecided, rule

if TYPE_CHECKING:
    from bedrock_policy_lint.general import Fault


@rule(Severity.INFO, gate="hygiene", confidence=POSSIBLE)
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    for found in context.general.stars(statement) if context.pedantic else ():
        yield found if isinstance(found, Undecided) else _problem(found)


def _problem(fault: Fault) -> Problem:
    first, *rest = fault.names
    named = f"`{first}`" + (f" and {len(rest)} more" if rest else "")
    return Problem(
        fault.at,
        f"`*` allows {named} on every resource, by {fault.source}",
        "these actions work on resources that can be named",
        label="every resource",
        fix=Fix("name the resources"),
    )
