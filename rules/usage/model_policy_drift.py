"""A policy that allows another model of the family than the one that is called.

## What it finds

A call of a model, or of a profile, that nothing allows, while an identity policy allows another one of the
same family: another version (`claude-sonnet-4-5` for `claude-sonnet-4-6`) or another size (`nova-pro` for
`nova-lite`).

Calls in code and in templates count like declared ones.

## Why it matters

The id of a model stands in the code and in the policy. When only one of them is changed, every call is denied from
the moment of the release. It is among the most frequent causes of denials.

## How to fix it

Add the ARNs of what is called. The old ones are kept, for a version that is still running may call them; delete them
when it is gone. Where a tool writes both, let them take the id from one variable.

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
        «"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"»
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
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      ]
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
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

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_resources, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    entry = cause.place if isinstance(cause.place, Resource) else None
    granted = entry.arn.id if entry and entry.arn else ""
    yield problem(
        cause,
        f"{fails(cause)}: `{granted}` is granted, and no {layer(cause)} allows {resources(cause.rulings)}",
        "the policy names another model of the family, and a grant covers only the ids that it matches",
        label="another model of the family",
        fix=add_resources(cause, entry),
    )
