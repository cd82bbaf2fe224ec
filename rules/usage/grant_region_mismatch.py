"""A grant for another Region or account than the one that calls.

## What it finds

A call that nothing allows, while an identity policy allows the same model, profile or knowledge base in another Region,
or the same profile in another account; also an Allow whose test of `aws:RequestedRegion` leaves the caller's Region
out.

Calls in code and in templates count like declared ones.

## Why it matters

The ARNs of models and profiles hold the Region that calls, and those of profiles the account too. A policy that was
copied from another Region matches nothing of the calls that are made here.

## How to fix it

Add the ARNs of the Region that calls, or its name to the test. The grant for the other Region is kept: delete it
where nobody calls from there.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:«us-west-2»::foundation-model/amazon.nova-lite-v1:0"
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      ]
    }
  }
}
```

The profile of another account:

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse us.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:«999988887777»:inference-profile/us.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse us.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:999988887777:inference-profile/us.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  }
}
```

A test that leaves the Region out:

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      ],
      "Condition": {"StringEquals": {«"aws:RequestedRegion"»: "eu-west-1"}}
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
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      ],
      "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
    }
  }
}
```

```yaml good
account: "111122223333"
region: [us-east-1, us-west-2]
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      - arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_resources, problem, wanted
from bedrock_policy_lint.diagnosis.wording import fails, layer, regions, resources
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.model.policy import Resource, Test
from bedrock_policy_lint.rule import Add, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause

_NAMES = {"region": "Region", "account": "account"}
_POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike")


@rule(Severity.ERROR, gate="region")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    if isinstance(cause.place, Test):
        yield _by_test(cause, cause.place)
    elif isinstance(cause.place, Resource) and cause.place.arn is not None:
        yield _by_resource(cause, cause.place)


def _by_resource(cause: Cause, entry: Resource) -> Problem:
    field = _field(cause, entry)
    where = getattr(entry.arn, field)
    granted = f"`{where}`" if where else f"no {_NAMES[field]}"
    found = problem(
        cause,
        f"{fails(cause)}: the grant is for {'account ' * (field == 'account' and bool(where))}{granted},"
        f" and no {layer(cause)} allows {resources(cause.rulings)}",
        "AWS checks the ARN with the Region that is called, which this one does not match"
        if field == "region"
        else "the ARN of a profile, even of AWS's own, holds the account that calls it",
        label=f"another {_NAMES[field]}",
        fix=add_resources(cause, entry),
    )
    return found._replace(at=entry.place(field))


def _field(cause: Cause, entry: Resource) -> str:
    """The field of the entry's ARN that keeps it from matching."""
    for ruling in cause.rulings:
        asked = parse(ruling.row.request.resource)
        if asked and entry.arn and asked.type == entry.arn.type:
            return "region" if matches(entry.arn.region, asked.region) is False else "account"
    return "region"


def _by_test(cause: Cause, test: Test) -> Problem:
    return problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {resources(cause.rulings)} in {regions(cause.rulings)}",
        f"the statement that would allow it tests `{test.key}` by `{test.operator_node.value}` against {wanted(test)}",
        label="leaves the Region of the call out",
        fix=_widen(cause, test),
    )


def _widen(cause: Cause, test: Test) -> Fix:
    missing = list(dict.fromkeys(ruling.row.region for ruling in cause.rulings))
    if not test.values or test.operator.base not in _POSITIVE or not cause.fits:
        return Fix(f"let this test hold in {regions(cause.rulings)}, or allow the call in a statement of its own")
    first, *more = missing
    return Fix(f"add {regions(cause.rulings)}", (Add(test.values[-1], first, tuple(more)),))
