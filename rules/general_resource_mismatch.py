"""An action of another service stands beside resources of which none is of a type that it works on.

## What it finds

In statements about services other than Bedrock: an entry of `Action` none of whose actions works on any resource beside
it. `s3:GetObject` on a bucket, `s3:ListBucket` on objects, `kms:Decrypt` on a role.

The check is parliament's, and the message gives the date of its data. Nothing is said of an ARN whose type that data
does not know, of placeholders that could stand for the right type, or where another statement of the policy has the
action on a fitting resource. An action without any resource type is shown with `--pedantic` where the resources are of
its own service: AWS asks for some of them on such ARNs.

## Why it matters

AWS asks for an action on a resource of the action's own type. No such resource is named, so the entry allows nothing.
For the role of a knowledge base this is the usual reason why its documents cannot be read.

## How to fix it

Name a resource of the right type: the objects of a bucket are `arn:aws:s3:::bucket/*`, the bucket itself is
`arn:aws:s3:::bucket`. Where both are needed, list both.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [«"s3:GetObject"», "s3:ListBucket"],
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"
  }
}
```

A wildcard is at fault where none of the actions that it stands for fits:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["s3:GetObject", «"s3:ListBucket*"»],
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/reports/*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", «"kms:Decrypt"»],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [«"s3:ListAllMyBuckets"», "s3:ListBucket"],
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket", "kms:Decrypt"],
    "Resource": [
      "arn:aws:s3:::amzn-s3-demo-bucket",
      "arn:aws:s3:::amzn-s3-demo-bucket/*",
      "arn:aws:kms:us-east-1:111122223333:key/*"
    ]
  }
}
```

Patterns and placeholders that could name a resource of the type are right, and so is an entry that another statement
serves:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": "arn:aws:s3:::amzn-s3-demo-*"
    },
    {
      "Effect": "Allow",
      "Action": ["s3:PutObject", "s3:GetBucketLocation"],
      "Resource": "arn:aws:s3:::${BucketAndKey}"
    },
    {
      "Effect": "Allow",
      "Action": ["sqs:SendMessage", "sns:Publish"],
      "Resource": "arn:aws:sqs:us-east-1:111122223333:orders"
    },
    {
      "Effect": "Allow",
      "Action": "sns:Publish",
      "Resource": "arn:aws:sns:us-east-1:111122223333:orders"
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import Action, Statement
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, Undecided, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from bedrock_policy_lint.general import Fault

_MOST_EACH = 3
"""From a list of actions thrown at a list of resources, more than these are one fault."""


@rule(Severity.WARNING, gate="permission")
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    found: dict[bool, list[Fault]] = {True: [], False: []}
    for fault in context.general.mismatches(statement):
        if isinstance(fault, Undecided):
            yield fault
        else:
            found[fault.certain].append(fault)
    for faults in found.values():
        if len(faults) > _MOST_EACH:
            yield _problem(faults[0], statement, others=faults[1:])
        else:
            yield from (_problem(fault, statement) for fault in faults)


def _problem(fault: Fault, statement: Statement, others: list[Fault] | None = None) -> Problem:
    assert isinstance(fault.at, Action)  # noqa: S101 - a mismatch is always found at one
    named, forms = f"`{fault.at.text}`", fault.right
    who = f"{named} and {len(others)} more work on none of the resources beside them" if others else ""
    return Problem(
        fault.at,
        f"{who or f'{named} works on none of the resources beside it'}, by {fault.source}",
        "AWS asks for an action on resources of its own types, so this allows nothing"
        if forms
        else "the action is documented without any resource type, so only `*` is certain to allow it",
        label="allows nothing here",
        fix=Fix(_advice(forms)),
        related=tuple(Note(other.at, "nor does this") for other in (others or ())[:2]),
        confidence=CERTAIN if fault.certain else POSSIBLE,
    )


def _advice(forms: tuple[str, ...]) -> str:
    if not forms:
        return 'move it to a statement of its own with `"Resource": "*"`'
    more = f", or one of {len(forms) - 2} other types" if len(forms) > 3 else ""
    return f"name a resource of the form {one_of(forms[: 2 if more else 3])}{more}"
