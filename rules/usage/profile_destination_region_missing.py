"""A profile whose model is granted in some of the Regions to which it sends calls, and not in all.

## What it finds

A call through an inference profile, where the identity policies allow the profile and the model in some
Regions, and nothing allows the model in another Region to which the profile may send the call. The Regions are those
that AWS listed for the caller's Region on the catalogue's date, or the `destinations` of the declaration.

Calls in code and in templates count like declared ones.

## Why it matters

AWS checks the call in the Region that it picks for it, too. Reports show that such calls fail now and then, when that
Region is picked; AWS does not say whether they may fail at once. A test that passes proves nothing.

## How to fix it

Allow the model in every Region of the profile, or in any Region (`*`) where `bedrock:InferenceProfileArn` is the
profile.

## Examples

The `jp.` profile sends calls to Osaka as well:

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
        «"arn:aws:bedrock:ap-northeast-1::foundation-model/anthropic.claude-sonnet-4-6"»
      ]
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
        "arn:aws:bedrock:ap-northeast-1::foundation-model/anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:ap-northeast-3::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
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
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
      Condition:
        ArnEquals:
          bedrock:InferenceProfileArn: >-
            arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_resources, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, regions, resources
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="region")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    near = cause.place if isinstance(cause.place, Resource) else None
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {resources(cause.rulings)}",
        f"the profile may send the call to {regions(cause.rulings)} (as listed on {context.catalog.models_date}),"
        " and AWS checks the model there too",
        label="not in every Region of the profile",
        fix=add_resources(cause, near),
    )
