"""The policy of a VPC endpoint that does not allow what a call through it needs.

## What it finds

A call that takes a VPC endpoint, and a policy of that endpoint without a statement that allows a request of
the call: typically one that allows `bedrock:InvokeModel*` and drops `bedrock:ApplyGuardrail`,
`bedrock:CallWithBearerToken` or `bedrock:CountTokens`.

In a template, what runs in subnets without any way out but VPC endpoints calls through the endpoint for the service,
where the VPC has just one: its `PolicyDocument` counts.

AWS does not say whether the policy is asked about requests for other Regions or for other services, as a profile or a
model of the Marketplace causes them: a finding about those alone is only possible, and shown with `--pedantic`.

Calls in code and in templates count like declared ones.

## Why it matters

The default policy of an endpoint allows everything. One of your own must allow every request that a call causes, in
addition to the policies of the caller.

## How to fix it

Allow the named actions and ARNs in the policy of the endpoint; its statements need a `Principal`.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "converse",
      "model": "amazon.nova-lite-v1:0",
      "guardrail": {"id": "abc123def456", "version": "1"}
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:ApplyGuardrail"],
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456"
      ]
    }
  },
  "endpoint": {
    "id": "vpce-0123456789abcdef0",
    "policies": {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Principal": "*",
        "Action": [
          «"bedrock:InvokeModel"»,
          "bedrock:InvokeModelWithResponseStream"
        ],
        "Resource": "*"
      }
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "converse",
      "model": "amazon.nova-lite-v1:0",
      "guardrail": {"id": "abc123def456", "version": "1"}
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:ApplyGuardrail"],
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456"
      ]
    }
  },
  "endpoint": {
    "id": "vpce-0123456789abcdef0",
    "policies": {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Principal": "*",
        "Action": [
          "bedrock:InvokeModel",
          "bedrock:ApplyGuardrail",
          "bedrock:InvokeModelWithResponseStream"
        ],
        "Resource": "*"
      }
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
endpoint:
  id: vpce-0123456789abcdef0
  policies:
    Version: "2012-10-17"
    Statement:
      Effect: Allow
      Principal: "*"
      Action: bedrock:InvokeModel*
      Resource: "*"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/vpc-interface-endpoints.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_grant, grants, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    taken = cause.first.verdict.usage.network
    through = f" through the VPC endpoint `{taken}`" if taken else ""
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}",
        f"a call{through} needs the endpoint's policy to allow every request that it causes",
        label=nearest_label(cause),
        fix=add_grant(cause),
    )
