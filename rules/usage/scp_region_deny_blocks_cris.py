"""A Region lock in a service control policy that stops a profile where it sends calls.

## What it finds

A declared call through an inference profile, and a Deny in a service control policy that tests
`aws:RequestedRegion`, lets the caller's Region pass, and denies a Region to which the profile may send the call.

## Why it matters

AWS evaluates the model in each Region of the profile with that Region in `aws:RequestedRegion`. An explicit Deny
cannot be outweighed by any Allow, in whatever policy. Whether one denied Region fails every call or only those that
are sent there is not documented; both are reported.

## How to fix it

Exempt the profiles of that geography in the Deny itself, by `bedrock:InferenceProfileArn`. The lock keeps its intent:
the request for the profile itself carries no such key and the caller's own Region, so that the exemption is of no use
from a Region that is not allowed, and models stay closed there without the profile.

Do not edit the Region denies that Control Tower makes (`GRREGIONDENY`, `CTMULTISERVICEPV1`): an update resets them. Use
its control for OUs, `CT.MULTISERVICE.PV.1`, with `bedrock:Invoke*` exempt, and put the Deny with the exemption of the
profiles into a policy of your own.

## Examples

```json bad
{
  "region": "us-west-2",
  "account": "111122223333",
  "uses": ["converse us.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
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
  "uses": ["converse us.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
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
            "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*"
          }
        }
      }
    }
  ]
}
```

```yaml good
region: us-west-2
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      NotAction: ["iam:*", "sts:*"]
      Resource: "*"
      Condition:
        StringNotEquals: {"aws:RequestedRegion": [us-east-1, us-east-2, us-west-2]}
```

## References

- https://docs.aws.amazon.com/controltower/latest/controlreference/ou-region-deny.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
- https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import exempt_profile, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="region")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield problem(
        cause,
        f"{fails(cause)}: a {layer(cause)} denies {resources(cause.rulings)}",
        f"the profile may send the call there (as listed on {context.catalog.models_date}),"
        " and AWS checks it there too",
        label="it denies Regions of the profile",
        fix=exempt_profile(cause, context.catalog),
    )
