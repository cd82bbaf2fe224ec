"""An ARN whose partition is not the partition of its Region.

## What it finds

`arn:aws:bedrock:us-gov-west-1:…`: a Region of one partition (`aws`, `aws-us-gov`, `aws-cn`, `aws-eusc` …) in an ARN
that names another. Region patterns count where they match Regions of other partitions only. So does a system-defined
profile of another partition, such as `us-gov.…` under `arn:aws:`.

## Why it matters

Partitions are separate worlds. IAM refuses a policy with a foreign partition, or the ARN matches nothing.

## How to fix it

Write the partition of the Region, or let the template do it: `${AWS::Partition}`, `data.aws_partition`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:«aws»:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:«aws»:bedrock:*:111122223333:inference-profile/us-gov.anthropic.claude-opus-5",
      "arn:*:bedrock:*::foundation-model/anthropic.claude-opus-5"
    ]
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws-us-gov:bedrock:us-gov-*::foundation-model/amazon.titan-embed-text-v2:0"
  }
}
```

A pattern that covers several partitions is no mismatch:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": [
      "arn:aws*:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0",
      "arn:aws:bedrock:us-*::foundation-model/amazon.titan-embed-text-v2:0"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import PROFILE, geography_of, regions_like, target
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Replace, Severity, also, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.model.policy import Resource

_COMMON = "aws"


@rule(Severity.ERROR, gate="permission")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    arn = resource.arn
    if arn is None or not isinstance(arn.service, str) or not arn.service.startswith("bedrock"):
        return
    written = arn.partition
    if not isinstance(written, str) or not any(glob(written, known) for known in context.catalog.partitions()):
        return
    found = regions_like(arn.region, context.catalog) if isinstance(arn.region, str) else ()
    real = {region.partition for region in found}
    if real and not any(glob(written, partition) for partition in real):
        yield _foreign_region(resource, str(arn.region), real, context)
        return
    named = target(arn)
    geography = geography_of(named.id, context.catalog) if named and named.kind == PROFILE else None
    reach = context.catalog.geography(geography) if geography else None
    if reach and not glob(written, reach.partition):
        yield Problem(
            resource.place("partition"),
            f"`{geography}.` profiles belong to the partition `{reach.partition}`, not `{written}`",
            "a profile exists in one partition only, so the ARN matches nothing",
            label="another partition",
            fix=Fix(f"write `{reach.partition}`, or a profile of `{written}`"),
            related=(Note(resource.place("id"), f"a profile of `{reach.partition}`"),),
        )


def _foreign_region(resource: Resource, region: str, real: set[str], context: Context) -> Problem:
    place = resource.place("partition")
    assert resource.arn is not None  # noqa: S101 - the caller has looked at it
    written = resource.arn.partition
    right = real.pop() if len(real) == 1 else ""
    # `aws` is what people leave standing; any other partition was written on purpose, and the Region may be the slip.
    edits = (Replace(place, right),) if right and written == _COMMON else ()
    return Problem(
        place,
        f"`{region}` is not in the partition `{written}`",
        "each Region belongs to one partition, so no ARN looks like this and the pattern matches nothing",
        label="another partition",
        fix=Fix(f"write `{right}`" + ("" if edits else f", or a Region of `{written}`"), edits) if right else None,
        related=(Note(resource.place("region"), f"in `{right}`"),) if right else (),
    )


@also
def check_cause(cause: Cause, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.problem import as_denial

    entry, asked = cause.place, parse(cause.first.ruling.row.request.resource)
    if not isinstance(entry, Resource) or entry.arn is None or asked is None:
        return
    place = entry.place("partition")
    foreign = Problem(
        place,
        f"this ARN is of the partition `{entry.arn.partition}`, not of the call's `{asked.partition}`",
        "each partition has resources and ARNs of its own, so the pattern matches nothing there",
        label="another partition",
        fix=Fix(f"write `{asked.partition}`", (Replace(place, str(asked.partition)),)),
    )
    yield from as_denial(cause, list(check(entry, context)) or [foreign])
