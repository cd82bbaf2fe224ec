"""A Region lock in a service control policy that stops a global profile.

## What it finds

A declared call through a `global.` inference profile, and a Deny in a service control policy that tests
`aws:RequestedRegion` and denies the model without a Region, for which that key is `unspecified`.

## Why it matters

For a global profile AWS asks about the model three times: for the profile, for the model in the caller's Region, and
for the model without a Region, whose ARN names none and for which `aws:RequestedRegion` is the word `unspecified`. A
lock that lists Regions does not list that word, and so denies every call through a global profile. An explicit Deny
cannot be outweighed by any Allow.

## How to fix it

If global profiles are wanted, exempt them in the Deny by `bedrock:InferenceProfileArn`, as the fix does, or add
`unspecified` to the Regions that stay open, which only Bedrock uses. If they are not, call a geographic profile.

A Deny where `aws:RequestedRegion` is `unspecified` is AWS's own form to switch global profiles off. Then the policy
does what it is for, and the finding points at the call.

## Examples

```json bad
{
  "region": "us-west-2",
  "account": "111122223333",
  "uses": ["converse global.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-west-2:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  },
  "scps": [
    {
      "Version": "2012-10-17",
      "Statement": {
        "Sid": "RegionLock",
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*"],
        "Resource": "*",
        "Condition": {
          "StringNotEquals": {
            «"aws:RequestedRegion"»: ["us-west-2", "eu-west-1"]
          }
        }
      }
    }
  ]
}
```

```json fixed
{
  "region": "us-west-2",
  "account": "111122223333",
  "uses": ["converse global.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-west-2:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  },
  "scps": [
    {
      "Version": "2012-10-17",
      "Statement": {
        "Sid": "RegionLock",
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*"],
        "Resource": "*",
        "Condition": {
          "StringNotEquals": {
            "aws:RequestedRegion": ["us-west-2", "eu-west-1"]
          },
          "ArnNotLike": {
            "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*"
          }
        }
      }
    }
  ]
}
```

Blocked by design, so that the call has to change:

```yaml bad
region: us-west-2
account: "111122223333"
uses:
  - api: converse
    model: «global.anthropic.claude-sonnet-4-6»
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-west-2:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      Action: bedrock:*
      Resource: "*"
      Condition:
        StringEquals: {"aws:RequestedRegion": unspecified}
        ArnLike: {"bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*"}
```

```yaml good
region: us-west-2
account: "111122223333"
uses:
  - converse global.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-west-2:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      NotAction: ["iam:*", "sts:*"]
      Resource: "*"
      Condition:
        StringNotEquals: {"aws:RequestedRegion": [us-west-2, unspecified]}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import either, exempt_profile, is_of_control_tower, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.cause import Cause

_UNSPECIFIED = "unspecified"


@rule(Severity.ERROR, gate="region")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    if isinstance(cause.place, Test) and _is_meant(cause.place):
        yield _by_design(cause, cause.place, context.catalog)
        return
    fix = exempt_profile(cause, context.catalog)
    others = _elsewhere(cause, context.catalog)
    if not is_of_control_tower(cause):
        others = f"add `{_UNSPECIFIED}` to the Regions that stay open, or {others}"
    yield problem(
        cause,
        f"{fails(cause)}: a {layer(cause)} denies {resources(cause.rulings)}",
        f"AWS checks a global profile's model without a Region too, where `aws:RequestedRegion` is `{_UNSPECIFIED}`",
        label="it lists Regions, and global profiles are in none",
        fix=Fix(f"{fix.text}; or {others}", fix.edits),
    )


def _is_meant(test: Test) -> bool:
    """Whether the Deny is there to switch global profiles off."""
    return not test.operator.negated and _UNSPECIFIED in test.texts()


def _by_design(cause: Cause, test: Test, catalog: Catalog) -> Problem:
    usage = cause.first.verdict.usage
    found = problem(
        cause,
        f"{fails(cause)}: a {layer(cause)} switches global profiles off by denying {resources(cause.rulings)}",
        "that is the form which AWS gives for it, and no Allow outweighs a Deny",
        label="global profiles are denied here",
        fix=Fix(_elsewhere(cause, catalog)),
    )
    at = usage.at("model")
    if at is None:
        return found
    return found._replace(at=at, label="a global profile", related=(Note(test, "they are switched off here"),))


def _elsewhere(cause: Cause, catalog: Catalog) -> str:
    """Call a profile that stays in a geography, where the catalogue has one for the Region."""
    usage = cause.first.verdict.usage
    split = catalog.split_profile_id(usage.target.id) if usage.target else None
    model = split[1] if split else ""
    found = [
        f"`{profile.id}`"
        for profile in catalog.profiles()
        if profile.model_id == model and usage.region in (profile.routes or ())
    ]
    return f"call a geographic profile such as {either(found)}" if found else "call a geographic profile"
