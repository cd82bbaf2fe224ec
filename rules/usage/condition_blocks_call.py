"""An Allow that a call needs and that a condition keeps from applying.

## What it finds

A call that a statement would allow by its actions and resources, and whose condition does not hold for it.
The finding stands at the test that fails, with what the request carries under its key.

Tests of `aws:RequestedRegion`, of guardrails and of the network path have rules of their own.

Calls in code and in templates count like declared ones.

## Why it matters

A statement applies only when all of its tests hold. Some keys are not part of each request: the request for an
inference profile carries no `bedrock:InferenceProfileArn`, only those for its models do. One statement for both, with
a condition on that key, never allows the profile.

## How to fix it

Give the requests that do not carry the key a statement of their own, or change the test or the call so that they
agree.

## Examples

```yaml bad also=condition-never-holds
region: us-east-1
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
    Condition:
      ArnLike:
        «bedrock:InferenceProfileArn»: arn:aws:bedrock:*:111122223333:inference-profile/us.*
```

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - {api: converse, model: "amazon.nova-lite-v1:0", tier: priority}
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    Condition:
      StringEquals:
        «bedrock:ServiceTier»: flex
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
      Condition:
        ArnLike:
          bedrock:InferenceProfileArn: arn:aws:bedrock:*:111122223333:inference-profile/us.*
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import PROFILE_KEY, carried, problem, wanted
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    test = cause.place
    if not isinstance(test, Test):
        return
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {resources(cause.rulings)},"
        f" as `{test.operator_node.value}` of `{test.key}` does not hold",
        _why(cause, test),
        label="does not hold for the call",
        fix=_fix(cause, test),
    )


def _is_for_profile(cause: Cause, test: Test) -> bool:
    """Whether the test asks for a profile's ARN, and the request is for the profile itself."""
    return test.key.lower() == PROFILE_KEY.lower() and all(ruling.row.part == "profile" for ruling in cause.rulings)


def _why(cause: Cause, test: Test) -> str:
    if _is_for_profile(cause, test):
        return f"the request for the profile itself carries no `{test.key}`: only those for its models do"
    found = carried(cause.first.ruling, test.key)
    against = f", and the test is against {wanted(test)}" if test.values else ""
    return f"in the request {found}{against}" if found else "a statement applies only when all of its tests hold"


def _fix(cause: Cause, test: Test) -> Fix:
    if _is_for_profile(cause, test):
        return Fix(f"allow {resources(cause.rulings)} in a statement of its own, without this test")
    return Fix("change the test or the call so that it holds, or allow the call in a statement without this test")
