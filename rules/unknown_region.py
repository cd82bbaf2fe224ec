"""A Region that does not exist.

## What it finds

A Region in an ARN of Bedrock, or in a value of `aws:RequestedRegion` of a statement about Bedrock, that is no AWS
Region: `us-east1`, `us-esat-1`, `us-east-1a`; also a pattern that matches none.

An empty Region is right in `arn:aws:bedrock:::foundation-model/…`, which global profiles need. In
`aws:RequestedRegion` the value of such a request is `unspecified`; `global` is no Region there.

## Why it matters

The ARN or the test matches no request. In an Allow the call is denied, in a Region deny the wrong Regions are closed.

## How to fix it

Write the Region's name as AWS does. One that is well formed but not known is a warning with the date of the list.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:«us-east1»::foundation-model/amazon.titan-embed-text-v2:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:«usa-*»::foundation-model/amazon.titan-embed-text-v2:0"
  }
}
```

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "NoGlobalProfiles",
    "Effect": "Deny",
    "Action": "bedrock:*",
    "Resource": "*",
    "Condition": {
      "StringEquals": {"aws:RequestedRegion": «"global"»},
      "ArnLike": {"bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*"}
    }
  }
}
```

```json fixed kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "NoGlobalProfiles",
    "Effect": "Deny",
    "Action": "bedrock:*",
    "Resource": "*",
    "Condition": {
      "StringEquals": {"aws:RequestedRegion": "unspecified"},
      "ArnLike": {"bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*"}
    }
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6"
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
    "Resource": "arn:aws:bedrock:*::foundation-model/amazon.titan-embed-text-v2:0",
    "Condition": {"StringLike": {"aws:RequestedRegion": ["eu-west-*", "unspecified"]}}
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import SERVICES, regions_like
from bedrock_policy_lint.model.pattern import glob, is_wild
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Place, Statement, Test
    from bedrock_policy_lint.sources.node import Node

_KEY = "aws:requestedregion"
_GLOBAL, _UNSPECIFIED = "global", "unspecified"
_ZONE = r"(?<=\d)[a-z]$"
_WELL_FORMED = r"[a-z]{2,4}(-(gov|iso[a-z]?))?-(north|south|central)?(east|west|north|south|central)-\d"


@rule(Severity.ERROR, gate="region")
def check(statement: Statement, context: Context) -> Iterator[Problem]:
    for resource in statement.resources:
        arn = resource.arn
        if arn is None or arn.service not in SERVICES:
            continue
        region = arn.region
        if not isinstance(region, str) or not region or "/" in region or regions_like(region, context.catalog):
            continue
        if region in (_GLOBAL, _UNSPECIFIED):
            yield _no_region_in_arn(resource.place("region"), region)
        else:
            yield _unknown(resource.place("region"), region, "the ARN", context)
    tests = statement.tests_of(_KEY) if statement.condition_node is not None else []
    if tests and any(name.startswith("bedrock") for name in context.actions_of(statement)):
        for test in tests:
            yield from _values(test, context)


def _no_region_in_arn(place: Place, region: str) -> Problem:
    return Problem(
        place,
        f"`{region}` is no Region",
        "a call through a global profile is checked on the model's ARN with an empty Region, which this pattern misses",
        label="must be empty",
        fix=Fix("empty the Region field", (Replace(place, ""),)),
    )


def _values(test: Test, context: Context) -> Iterator[Problem]:
    operator = test.operator
    if operator.family != "String":
        return
    texts = test.texts()
    for node, text in zip(test.values, texts, strict=True):
        if not isinstance(text, str) or not text:
            continue
        value = text.lower() if operator.base.endswith("IgnoreCase") else text
        if is_wild(value) and not operator.wild:
            continue
        if value == _GLOBAL:
            if _UNSPECIFIED not in texts:
                yield _global(node, context)
        elif not glob(value, _UNSPECIFIED) and not regions_like(value, context.catalog):
            yield _unknown(node, value, "the test", context)


def _global(node: Node, context: Context) -> Problem:
    return Problem(
        node,
        "`global` is no value of `aws:RequestedRegion`",
        f"as documented on {context.catalog.models_date}, a call through a global profile carries `unspecified`",
        label="matches no request",
        fix=Fix(f"write `{_UNSPECIFIED}`", (Replace(node, _UNSPECIFIED),)),
        severity=Severity.WARNING,
    )


def _unknown(at: Node | Place, written: str, what: str, context: Context) -> Problem:
    catalog = context.catalog
    names = [region.name for region in catalog.regions()]
    plain = _squeezed(re.sub(_ZONE, "", written))
    meant = [name for name in names if _squeezed(name) == plain]
    newer = re.fullmatch(_WELL_FORMED, written) is not None
    fix: Fix | None
    if len(meant) == 1 and not is_wild(written):
        fix = Fix(f"write `{meant[0]}`", (Replace(at, meant[0]),))
    else:
        near = catalog.nearest(written.replace("*", ""), names)
        fix = Fix(f"did you mean {one_of(near)}?") if near else None
    return Problem(
        at,
        f"`{written}` "
        + ("matches no AWS Region" if is_wild(written) else "is no AWS Region")
        + (f" that was known on {catalog.regions_date}" if newer else ""),
        f"{what} matches no request",
        label="unknown to the catalogue" if newer else "no such Region",
        fix=fix,
        severity=Severity.WARNING if newer else None,
    )


def _squeezed(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
