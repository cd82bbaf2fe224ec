"""A level of service control policies that allows some things, and not what a call needs.

## What it finds

A declared call, and a level of the organisation whose service control policies hold Allow statements, none of which
allows a request of that call. A level with Deny statements alone is taken to keep AWS's own `FullAWSAccess`.

## Why it matters

Every level from the root to the account must allow a request. Where `FullAWSAccess` was taken away to allow by list,
what is not on the list is denied to everybody below, whatever their own policies say.

## How to fix it

Add the named actions to the list of that level, or attach `FullAWSAccess` again and deny what must not be. An Allow of
a service control policy gives nothing by itself.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse-stream amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModelWithResponseStream",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  },
  "scps": [
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Action": ["s3:*", «"bedrock:InvokeModel"»],
        "Resource": "*"
      }
    }
  ]
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse-stream amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModelWithResponseStream",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  },
  "scps": [
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Action": ["s3:*", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
        "Resource": "*"
      }
    }
  ]
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse-stream amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModelWithResponseStream
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
scps:
  - Version: "2012-10-17"
    Statement: {Effect: Allow, Action: "*", Resource: "*"}
  - Version: "2012-10-17"
    Statement: {Effect: Allow, Action: ["s3:*", "bedrock:*"], Resource: "*"}
```

## References

- https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import denied
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield denied(cause, "every level of service control policies must allow a request, and this one allows by list")
