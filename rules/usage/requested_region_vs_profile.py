"""A test of the Region in the caller's own policies that stops a profile where it sends calls.

## What it finds

A call through an inference profile, and a statement in an identity policy, a permissions boundary or a session
policy that tests `aws:RequestedRegion`: an Allow that does not apply in some Region to which the profile may send the
call, or a Deny that does. For a `global.` profile the Region is the word `unspecified`.

Calls in code and in templates count like declared ones.

## Why it matters

AWS evaluates the model in each Region of the profile with that Region in `aws:RequestedRegion`. A test that names only
the caller's Region lets the profile itself pass, and not what it sends elsewhere.

## How to fix it

In an Allow, list the Regions of the profile. In a Deny, exempt the profile by `bedrock:InferenceProfileArn`: the
Regions then stay closed for calls without it.

## Examples

```json bad
{
  "region": "ap-northeast-1",
  "account": "111122223333",
  "uses": ["converse jp.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ],
      "Condition": {
        "StringEquals": {
          «"aws:RequestedRegion"»: "ap-northeast-1"
        }
      }
    }
  }
}
```

```json fixed
{
  "region": "ap-northeast-1",
  "account": "111122223333",
  "uses": ["converse jp.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ],
      "Condition": {
        "StringEquals": {
          "aws:RequestedRegion": ["ap-northeast-1", "ap-northeast-3"]
        }
      }
    }
  }
}
```

```json bad
{
  "region": "ap-northeast-1",
  "account": "111122223333",
  "uses": ["converse jp.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  },
  "boundary": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*"
      },
      {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
          "StringNotEquals": {
            «"aws:RequestedRegion"»: "ap-northeast-1"
          }
        }
      }
    ]
  }
}
```

```json fixed
{
  "region": "ap-northeast-1",
  "account": "111122223333",
  "uses": ["converse jp.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  },
  "boundary": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*"
      },
      {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
          "StringNotEquals": {
            "aws:RequestedRegion": "ap-northeast-1"
          },
          "ArnNotLike": {
            "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/jp.*"
          }
        }
      }
    ]
  }
}
```

```yaml good
region: ap-northeast-1
account: "111122223333"
uses:
  - converse jp.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
    Condition:
      StringLike: {"aws:RequestedRegion": ap-northeast-*}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import exempt_profile, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, regions, resources
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import Add, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause

_KEY = "aws:RequestedRegion"


@rule(Severity.ERROR, gate="region")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    if not isinstance(cause.place, Test):
        return
    if cause.place.statement.denies:
        message = f"{fails(cause)}: the {layer(cause)} denies {resources(cause.rulings)} by its test of `{_KEY}`"
        fix = exempt_profile(cause, context.catalog)
    else:
        denied = f"no {layer(cause)} allows {resources(cause.rulings)}"
        message = f"{fails(cause)}: {denied}, as the test of `{_KEY}` does not hold"
        fix = _extend(cause, cause.place)
    yield problem(cause, message, _why(cause, context), label="not all Regions of the profile pass", fix=fix)


def _why(cause: Cause, context: Context) -> str:
    if all(ruling.row.part == "global-model" for ruling in cause.rulings):
        return "AWS checks a global profile's model without a Region too, where `aws:RequestedRegion` is `unspecified`"
    listed = f"as listed on {context.catalog.models_date}"
    return f"the profile may send the call there ({listed}), where `aws:RequestedRegion` is {regions(cause.rulings)}"


def _extend(cause: Cause, test: Test) -> Fix:
    """List the Regions where the test has a list of those that pass."""
    missing = list(dict.fromkeys(ruling.row.region for ruling in cause.rulings))
    text = f"let {regions(cause.rulings)} pass this test"
    operator = test.operator
    is_list = operator.family == "String" and not operator.negated and not operator.quantifier
    if not cause.fits or not is_list or not test.values or any(str(place).startswith("<") for place in missing):
        return Fix(text)
    return Fix(f"add {regions(cause.rulings)}", (Add(test.values[-1], missing[0], tuple(missing[1:])),))
