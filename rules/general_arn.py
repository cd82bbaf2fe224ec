"""A partition, Region or account in an ARN of another service that cannot be one.

## What it finds

In ARNs of services other than Bedrock: a partition that AWS does not have, a Region that is none (`us-east1`,
`us-east-1a`), an account of digits that are not twelve, or of digits with dashes as the console shows them. Both
parliament and the list of Regions of this program must take exception.

Wildcards, empty fields, placeholders and the words that AWS itself puts in place of an account (`aws`) are right.

## Why it matters

No resource has such an ARN, so the pattern matches nothing: an Allow allows nothing, a Deny stops nothing.

## How to fix it

Write the Region as AWS does, and the account as twelve digits.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "sqs:SendMessage",
    "Resource": [
      "arn:aws:sqs:«us-east1»:111122223333:orders",
      "arn:aws:sqs:us-east-1:«1111-2222-3333»:orders",
      "arn:«amazon»:sqs:us-east-1:111122223333:orders"
    ]
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["sqs:SendMessage", "iam:GetPolicy", "s3:GetObject"],
    "Resource": [
      "arn:aws:sqs:us-*:*:orders",
      "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:orders",
      "arn:aws:sqs:${Region}:<ACCOUNT_ID>:orders",
      "arn:aws:iam::aws:policy/ReadOnlyAccess",
      "arn:aws:s3:::amzn-s3-demo-bucket/*"
    ]
  }
}
```

A Region that is newer than the list is left alone, if it looks like one:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:zz-north-9:111122223333:orders"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import Place, Resource
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, Undecided, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from bedrock_policy_lint.general import Fault


@rule(Severity.WARNING, gate="permission")
def check(resource: Resource, context: Context) -> Iterator[Problem | Undecided]:
    for found in context.general.arn(resource):
        yield found if isinstance(found, Undecided) else _problem(found, context)


def _problem(fault: Fault, context: Context) -> Problem:
    place, field = fault.at, fault.names[0]
    assert isinstance(place, Place)  # noqa: S101 - a field is always found at one
    written = str(place.node.value)[place.start : place.end]
    catalog = context.catalog
    if field == "account":
        what, advice = "an AWS account", "write the twelve digits of the account"
    elif field == "region":
        near = catalog.nearest(written, [region.name for region in catalog.regions()])
        what, advice = "a Region", f"did you mean {one_of(near)}?" if near else "write the Region's name as AWS does"
    else:
        what, advice = "an AWS partition", f"write {one_of(catalog.partitions()[:3])}"
    return Problem(
        place,
        f"`{written}` is not {what}",
        f"by {fault.source} and the Regions of {catalog.regions_date} no ARN looks like this, so it matches nothing",
        label=f"not {what}",
        fix=Fix(advice),
    )
