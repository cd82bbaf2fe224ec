"""An ARN with a partition that does not exist.

## What it finds

A second field of a Bedrock ARN that is no AWS partition (`aws-gov`, `AWS`, empty), or a pattern that matches none.

## Why it matters

IAM refuses the policy, or the ARN matches nothing.

## How to fix it

Write `aws`, or `aws-us-gov`, `aws-cn`, `aws-eusc` … as the Region demands. In a template, `${AWS::Partition}` or
`data.aws_partition` fill in the right one.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:«aws-gov»:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0"
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
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:«amazon»:bedrock:*::foundation-model/amazon.titan-embed-text-v2:0"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": [
      "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0",
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
    ]
  }
}
```

Wildcards and placeholders are fine:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": [
      "arn:aws*:bedrock:*::foundation-model/amazon.titan-embed-text-v2:0",
      "arn:${AWS::Partition}:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import SERVICES
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.policy import Place, Resource
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_WELL_FORMED = r"aws-[a-z]+(-[a-z]+)*"


@rule(Severity.ERROR, gate="permission")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    arn = resource.arn
    if arn is None or arn.service not in SERVICES or arn.partition == "aws":
        return
    written = arn.partition
    catalog = context.catalog
    if not isinstance(written, str) or any(glob(written, known) for known in catalog.partitions()):
        return
    place = resource.place("partition")
    right = catalog.partition_of(arn.region) if isinstance(arn.region, str) else None
    near = catalog.nearest(written, catalog.partitions())
    newer = not right and re.fullmatch(_WELL_FORMED, written) is not None
    if right:
        fix = Fix(f"write `{right}`", (Replace(place, right),))
    else:
        fix = Fix(f"did you mean {one_of(near or ('aws',))}?")
    yield Problem(
        place if written else Place(place.node, place.start - 1, place.end + 1),
        f"`{written}` is no AWS partition" + (f" that was known on {catalog.regions_date}" if newer else ""),
        "no ARN begins like this, so the pattern matches nothing",
        label="unknown to the catalogue" if newer else "no such partition",
        fix=fix,
        severity=Severity.WARNING if newer else None,
    )
