"""A guardrail that runs across Regions, whose profile is not allowed.

## What it finds

A declared call with a guardrail that has a cross-Region profile (`profile: us`), where the identity policies allow
`bedrock:ApplyGuardrail` on the guardrail and not on the profile in every Region to which it may send the guardrail's
work. The Regions are those that AWS documented for the caller's Region when this program was made.

## Why it matters

Such a guardrail is evaluated in any Region of its profile. With the guardrail's ARN alone, calls fail, or fail now and
then, when another Region is picked.

## How to fix it

Allow `bedrock:ApplyGuardrail` on the named ARNs, which are those of one profile in each of its Regions.

## Examples

```json bad
{
  "region": "ca-central-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "apply-guardrail",
      "guardrail": {"id": "abc123def456", "profile": "ca"}
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:ApplyGuardrail",
      "Resource": [
        «"arn:aws:bedrock:ca-central-1:111122223333:guardrail/abc123def456"»
      ]
    }
  }
}
```

```json fixed
{
  "region": "ca-central-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "apply-guardrail",
      "guardrail": {"id": "abc123def456", "profile": "ca"}
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:ApplyGuardrail",
      "Resource": [
        "arn:aws:bedrock:ca-central-1:111122223333:guardrail/abc123def456",
        "arn:aws:bedrock:ca-central-1:111122223333:guardrail-profile/ca.guardrail.v1:0",
        "arn:aws:bedrock:ca-west-1:111122223333:guardrail-profile/ca.guardrail.v1:0"
      ]
    }
  }
}
```

```yaml good
region: ca-central-1
account: "111122223333"
uses:
  - api: apply-guardrail
    guardrail: {id: abc123def456, profile: ca}
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:ApplyGuardrail
    Resource:
      - arn:aws:bedrock:ca-central-1:111122223333:guardrail/abc123def456
      - arn:aws:bedrock:*:111122223333:guardrail-profile/ca.guardrail.v1:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrail-profiles-permissions.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-cross-region-support.html
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


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}",
        "a guardrail with a cross-Region profile is checked on the profile in each of its Regions too",
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
