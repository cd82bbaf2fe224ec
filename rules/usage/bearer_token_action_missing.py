"""A caller that uses an API key of Bedrock may not call with a bearer token.

## What it finds

A declared call with `credentials: short-term-key` or `long-term-key`, whose identity policies do not allow
`bedrock:CallWithBearerToken` on `*`, or `bedrock-mantle:CallWithBearerToken` for the bedrock-mantle endpoint.

## Why it matters

With an API key AWS checks this action in addition to the action of the call, at each endpoint under the endpoint's own
prefix. A library that mints its own short-term keys needs it too, though one may think of it as signing. The error text
may speak of the format of the key and not of a permission.

## How to fix it

Allow the action on `*`: it takes no resource.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "credentials": "short-term-key",
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": «"bedrock:ListFoundationModels"»,
        "Resource": "*"
      },
      {
        "Effect": "Allow",
        "Action": "bedrock:InvokeModel",
        "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      }
    ]
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "credentials": "short-term-key",
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": ["bedrock:ListFoundationModels", "bedrock:CallWithBearerToken"],
        "Resource": "*"
      },
      {
        "Effect": "Allow",
        "Action": "bedrock:InvokeModel",
        "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      }
    ]
  }
}
```

The bedrock-mantle endpoint has an action of its own:

```yaml bad
region: us-east-1
account: "111122223333"
credentials: «short-term-key»
uses:
  - mantle openai.gpt-oss-120b
complete: false
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock-mantle:CreateInference
      Resource: arn:aws:bedrock-mantle:us-east-1:111122223333:project/default
```

```yaml good
region: us-east-1
account: "111122223333"
credentials: short-term-key
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: bedrock:CallWithBearerToken
      Resource: "*"
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_grant, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import actions, fails, layer
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause

_KEYS = {"short-term-key": "short-term API key", "long-term-key": "long-term API key"}


@rule(Severity.ERROR, gate="credentials")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    usage = cause.first.verdict.usage
    is_declared = cause.place is not None and cause.place is usage.nodes.get("credentials")
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {actions(cause.rulings)} on `*`",
        f"with a {_KEYS.get(usage.credentials, 'bearer token')} AWS checks this action beside that of the call",
        label="a key asks for an action of its own" if is_declared else nearest_label(cause),
        fix=add_grant(cause),
    )
