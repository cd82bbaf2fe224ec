"""A condition operator that compares another type than its key has, or a value that it cannot read.

## What it finds

In statements about services other than Bedrock: `Bool` on a key that holds a number, `ArnLike` with the name of a
service, `NumericLessThan` with a value that is no number. The check is parliament's, and the message gives the date of
its data.

A string operator is never a fault here, for it compares the text of any value. With `--pedantic` also operators for
numbers, dates, booleans or IP ranges on a key that is documented as a string; the documentation often says so of keys
that hold something else.

## Why it matters

The comparison is never true, and a negated one always: an Allow allows nothing or is not restricted, a Deny stops
nothing or everything.

## How to fix it

Use the operator that is made for the type of the key, and write a value of that type.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket",
    "Condition": {
      «"Bool"»: {
        "s3:max-keys": "true"
      }
    }
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
    "Condition": {
      "Bool": {
        "aws:SecureTransport": «"yes"»
      },
      "NumericLessThan": {
        "s3:signatureAge": [600000, «"ten minutes"»]
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
      "NumericLessThanEquals": {
        "s3:max-keys": "100"
      },
      "Bool": {
        "aws:SecureTransport": true
      }
    }
  }
}
```

Dates in any form that IAM reads, IPv6 ranges and string operators are right:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket",
    "Condition": {
      "StringEquals": {
        "s3:max-keys": "100"
      },
      "DateLessThan": {
        "aws:CurrentTime": "2027-01-01"
      },
      "IpAddress": {
        "aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]
      }
    }
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import Statement
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Problem, Severity, Undecided, rule
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.general import Fault

_HELD = {
    "ARN": "an ARN",
    "Arn": "an ARN",
    "Bool": "true or false",
    "Date": "a date",
    "IPAddress": "an IP address",
    "IpAddress": "an IP range",
    "Null": "true or false",
    "Numeric": "a number",
    "String": "a string",
}


@rule(Severity.WARNING, gate="permission")
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    for found in context.general.types(statement):
        yield found if isinstance(found, Undecided) else _problem(found, statement)


def _problem(fault: Fault, statement: Statement) -> Problem:
    assert isinstance(fault.at, Node)  # noqa: S101 - the operator, or a value
    held = _HELD.get(fault.right[0].removeprefix("ArrayOf"), fault.right[0])
    written, key = statement.text(fault.at), fault.names[0]
    is_operator = statement.condition_node is not None and fault.at in statement.condition_node.value
    if is_operator:
        message, why = f"`{written}` is not made for `{key}`", f"the key holds {held}, so the comparison is never true"
    else:
        message, why = (
            f"`{written}` is not {held}",
            f"the operator cannot read it, so no value of `{key}` ever equals it",
        )
    return Problem(
        fault.at,
        f"{message}, by {fault.source}",
        why,
        label=f"the key holds {held}" if is_operator else f"must be {held}",
        confidence=CERTAIN if fault.certain else POSSIBLE,
    )
