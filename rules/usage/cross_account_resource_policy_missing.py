"""A guardrail or another resource of a foreign account that no policy on it opens.

## What it finds

A call that uses a guardrail, a guardrail profile, a knowledge base or an agent of another account, for which
the declaration names no resource-based policy, or one that does not allow the request. A guardrail that an organisation
enforces belongs to the account that made it.

Calls in code and in templates count like declared ones.

## Why it matters

Between accounts both sides must allow: the caller's own policies, and a policy on the resource. With a guardrail
profile, the profile needs such a policy in each of its Regions beside the guardrail.

## How to fix it

Attach a resource-based policy to each named ARN, and name it in the declaration under `resource-policies`. A policy on
a guardrail names principals of its own account, or `*` with `aws:PrincipalOrgID` or `aws:PrincipalOrgPaths`, and the
actions `bedrock:ApplyGuardrail` and `bedrock:GetGuardrail`.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - api: converse
    model: amazon.nova-lite-v1:0
    guardrail: «{id: abc123def456, version: 1, account: "999988887777"}»
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: [bedrock:InvokeModel, bedrock:ApplyGuardrail]
    Resource:
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      - arn:aws:bedrock:us-east-1:999988887777:guardrail/abc123def456
```

```yaml good
region: us-east-1
account: "111122223333"
organization: o-a1b2c3d4e5
uses:
  - api: converse
    model: amazon.nova-lite-v1:0
    guardrail: {id: abc123def456, version: 1, account: "999988887777"}
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: [bedrock:InvokeModel, bedrock:ApplyGuardrail]
    Resource:
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      - arn:aws:bedrock:us-east-1:999988887777:guardrail/abc123def456
resource-policies:
  arn:aws:bedrock:us-east-1:999988887777:guardrail/abc123def456:
    Version: "2012-10-17"
    Statement:
      Effect: Allow
      Principal: "*"
      Action: bedrock:ApplyGuardrail
      Resource: arn:aws:bedrock:us-east-1:999988887777:guardrail/abc123def456
      Condition:
        StringEquals: {"aws:PrincipalOrgID": o-a1b2c3d4e5}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-resource-based-policies.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-enforcements.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import actions, fails, is_declared, layer, resources
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    asked, on = actions(cause.rulings), resources(cause.rulings)
    if cause.statement is None:
        is_named = is_declared(cause.first.verdict.usage)
        known = "declared" if is_named else "known"
        message = f"{fails(cause)}: no {layer(cause)} is {known} on {on}, which must allow {asked}"
        fix = f"allow {asked} to the caller in a policy on {on}"
        fix += ", and name that under `resource-policies`" if is_named else ""
    else:
        message = f"{fails(cause)}: the {layer(cause)} on {on} does not allow {asked}"
        fix = f"allow {asked} to the caller in that policy"
        if isinstance(cause.place, Test):
            fix = f"let the caller pass this test of `{cause.place.key}`, or allow {asked} to it in another statement"
    yield problem(
        cause,
        message,
        f"{_owners(cause)} has to open it to the caller's account, beside the caller's own policies",
        label=nearest_label(cause) if cause.statement else "another account's",
        fix=Fix(fix),
    )


def _owners(cause: Cause) -> str:
    arns = (parse(ruling.row.request.resource) for ruling in cause.rulings)
    accounts = dict.fromkeys(f"`{arn.account}`" for arn in arns if arn is not None)
    return f"the account {' and '.join(accounts)}"
