"""An action of Bedrock that is granted and that nothing which is called needs.

## What it finds

An entry of `Action` in an Allow, of `bedrock:`, `bedrock-agentcore:` or `bedrock-mantle:`, that names nothing which the
declared usage asks for; or a wildcard that names more than that. All usage of every principal that has the policy must
be declared: with `complete: false` a principal says that it is not. Actions that only look things up (`Get…`,
`List…`) are left alone, since clients use them unasked, and so is `*`, which other rules speak of.

The same is told of a role in a template, where all that runs with it is Lambda functions, ECS tasks and the like whose
code was read in full and nobody else can take the role; else nothing is said.

## Why it matters

What is granted and never used is of use only to somebody else: whoever takes the role over may call it too.

## How to fix it

Delete the entry, or write the actions that are used in place of the wildcard; or declare the usage that needs it.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": [
        "bedrock:InvokeModel",
        «"bedrock:InvokeModelWithResponseStream"»
      ],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": [
        "bedrock:InvokeModel"
      ],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  }
}
```

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse-stream amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": «"bedrock:InvokeModel*"»,
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse-stream amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModelWithResponseStream",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
  - converse-stream amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel*
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: bedrock:ListFoundationModels
      Resource: "*"
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Remove, Replace, Severity, rule
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.grants import Grants
    from bedrock_policy_lint.model.policy import Action

_MOST = 3


@rule(Severity.WARNING, gate="hygiene")
def check(grants: Grants, context: Context) -> Iterator[Problem]:
    for statement in grants.statements():
        for entry in statement.actions:
            used, idle = grants.needed(entry, context.catalog)
            if idle and (used or id(entry.node) not in grants.blamed):
                yield _too_wide(entry, used, idle, grants) if used else _unused(entry, grants)


def _unused(entry: Action, grants: Grants) -> Problem:
    alone = len(entry.statement.actions) == 1
    return Problem(
        entry,
        f"{grants.nobody} needs `{entry.text}`",
        "what nobody uses is a way in for whoever takes over the role",
        label="granted, never used",
        fix=Fix("delete the statement" if alone else "delete it", () if alone else (Remove(entry.node),)),
        related=grants.called,
    )


def _too_wide(entry: Action, used: frozenset[str], idle: frozenset[str], grants: Grants) -> Problem:
    shown = sorted(idle)[:_MOST]
    more = f" and {len(idle) - _MOST} more" if len(idle) > _MOST else ""
    first, *rest = sorted(used)
    return Problem(
        entry,
        f"`{entry.text}` also grants {all_of(shown)}{more}, which {grants.nobody} needs",
        "what nobody uses is a way in for whoever takes over the role",
        label=grants.wider,
        fix=Fix(f"write {all_of(sorted(used))}", (Replace(entry.node, first, tuple(rest)),)),
        related=grants.called,
        severity=Severity.INFO,
    )
