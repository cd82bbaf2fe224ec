"""A condition key of another service that the actions of the statement do not have.

## What it finds

In statements about services other than Bedrock: a key with the prefix of a service, such as `s3:prefix`, that is in the
requests of no action of the statement. The check is parliament's, and the message gives the date of its data.

With `--pedantic` also a key that parliament does not know at all (it may be newer than its data, or misspelt), and a
key that only some of the actions have, where the statement can then not allow the others.

Keys that begin with `aws:`, the keys of Bedrock, IAM, STS and Marketplace, and statements with an action that
parliament does not know are not looked at here.

## Why it matters

IAM accepts the key and never finds it in a request. A plain operator is then never true: an Allow allows nothing, a
Deny stops nothing. A negated operator is always true.

## How to fix it

Put the test into a statement with the actions that have the key, or test what these actions do have.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
    "Condition": {
      "StringLike": {
        «"s3:prefix"»: "reports/*"
      }
    }
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"],
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        «"kms:ViaService"»: "sqs.us-east-1.amazonaws.com"
      }
    }
  }
}
```

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": [
      "arn:aws:s3:::amzn-s3-demo-bucket",
      "arn:aws:s3:::amzn-s3-demo-bucket/*"
    ],
    "Condition": {
      "StringLike": {
        «"s3:prefix"»: "reports/*"
      }
    }
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket",
    "Condition": {
      "StringLike": {
        "s3:prefix": "reports/*"
      }
    }
  }
}
```

Keys of identity providers, tags, and keys that are tested for their absence are left alone:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
    "Condition": {
      "StringEquals": {
        "s3:ExistingObjectTag/team": "search",
        "aws:ResourceAccount": "111122223333",
        "oidc.example.com:sub": "search"
      },
      "Null": {
        "s3:prefix": "true"
      }
    }
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.condition import outcome, when_absent
from bedrock_policy_lint.model.policy import Statement, Test
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Problem, Severity, Undecided, rule

if TYPE_CHECKING:
    from bedrock_policy_lint.general import Fault


@rule(Severity.WARNING, gate="permission")
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    for found in context.general.keys(statement):
        yield found if isinstance(found, Undecided) else _problem(found, statement)


def _problem(fault: Fault, statement: Statement) -> Problem:
    test = fault.at
    assert isinstance(test, Test)  # noqa: S101 - a key is always found at one
    carriers, lacking = fault.right, fault.names
    if not carriers:
        message = f"`{test.key}` is not known as a condition key of any action"
    elif lacking:
        message = f"`{test.key}` does not exist for {_some(lacking)}"
    else:
        message = f"no action of this statement has the key `{test.key}`"
    return Problem(
        test,
        f"{message}, by {fault.source}",
        _why(test, carriers, lacking, statement),
        label="not for every action here" if lacking else "not in these requests",
        fix=_advice(carriers, lacking),
        confidence=CERTAIN if fault.certain else POSSIBLE,
    )


def _why(test: Test, carriers: tuple[str, ...], lacking: tuple[str, ...], statement: Statement) -> str:
    known = f"the key exists for {_some(carriers)}" if carriers else "no request is known to carry it"
    holds = when_absent(test)
    if lacking:
        return f"{known}; elsewhere the test is never true, so the statement does not allow the rest"
    if holds is None or not (statement.allows or statement.denies):
        return f"{known}; the test decides nothing"
    return f"{known}; the test is {'always' if holds else 'never'} true, so {outcome(statement, holds)}"


def _advice(carriers: tuple[str, ...], lacking: tuple[str, ...]) -> Fix | None:
    if lacking:
        return Fix(f"move {_some(lacking)} to a statement without this test")
    return Fix(f"test the key in a statement with {_some(carriers)}, or delete the test") if carriers else None


def _some(names: tuple[str, ...]) -> str:
    """The first two names, and how many more there are."""
    shown = " and ".join(f"`{name}`" for name in names[:2])
    return shown if len(names) <= 2 else f"{', '.join(f'`{name}`' for name in names[:2])} and {len(names) - 2} more"
