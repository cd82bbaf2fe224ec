"""A data automation call whose project or profile is not allowed in every Region of the profile.

## What it finds

A `data-automation` call, whose identity policies do not allow `bedrock:InvokeDataAutomationAsync` on the
project, or not on the data automation profile in every Region to which it may send the work. The Regions are those that
AWS documented for the caller's Region when this program was made, or the `destinations` of the declaration.

Calls in code and in templates count like declared ones.

## Why it matters

Data automation always runs through a profile of its geography, such as `us.data-automation-v1`, and AWS checks that
profile in each of its Regions beside the project. The ids do not follow from the Region: Sydney's profile is
`apac.data-automation-v1`, and there is none that begins with `au`.

## How to fix it

Allow the action on the project and on the named ARNs of the profile.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [{"api": "data-automation", "resource": "abc123def456"}],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeDataAutomationAsync",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:data-automation-project/abc123def456",
        «"arn:aws:bedrock:us-east-1:111122223333:data-automation-profile/us.data-automation-v1"»,
        "arn:aws:bedrock:us-west-2:111122223333:data-automation-profile/us.data-automation-v1"
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [{"api": "data-automation", "resource": "abc123def456"}],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeDataAutomationAsync",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:data-automation-project/abc123def456",
        "arn:aws:bedrock:us-east-1:111122223333:data-automation-profile/us.data-automation-v1",
        "arn:aws:bedrock:us-west-2:111122223333:data-automation-profile/us.data-automation-v1",
        "arn:aws:bedrock:us-east-2:111122223333:data-automation-profile/us.data-automation-v1",
        "arn:aws:bedrock:us-west-1:111122223333:data-automation-profile/us.data-automation-v1"
      ]
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - {api: data-automation, resource: abc123def456}
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeDataAutomationAsync
    Resource:
      - arn:aws:bedrock:us-east-1:111122223333:data-automation-project/abc123def456
      - arn:aws:bedrock:us-*:111122223333:data-automation-profile/us.data-automation-v1
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/bda-cris.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_grant, grants, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="region")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}",
        "data automation runs through a profile, and AWS checks that in each of its Regions beside the project",
        label=_label(cause),
        fix=add_grant(cause),
    )


def _label(cause: Cause) -> str:
    entry = cause.place
    if not isinstance(entry, Resource):
        return nearest_label(cause)
    asked = (ruling.row.request.resource for ruling in cause.first.verdict.rulings)
    return (
        "not all of its Regions"
        if any(matches(entry.text, arn) for arn in asked)
        else "another profile is allowed here"
    )
