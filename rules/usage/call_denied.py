"""A Deny that stops a call.

## What it finds

A call, and a Deny that certainly applies to one of its requests: in an identity policy, a permissions
boundary, a session policy, a service control policy, the policy of a VPC endpoint or of the resource. The finding
points at the test that decides, else at the entry of `Resource` or `Action` that takes the call in.

Denies by the Region of a profile, by a guardrail and by the network path have rules of their own.

Calls in code and in templates count like declared ones.

## Why it matters

An explicit Deny outweighs every Allow, in whatever policy. It may be meant: then the call has to change.

## How to fix it

If the Deny is meant, call something that it leaves open. If it is not, take the action or the ARN out of it, or exempt
the caller.

## Examples

```yaml bad
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
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      Action: bedrock:InvokeModel*
      Resource: «arn:aws:bedrock:*::foundation-model/amazon.*»
```

The caller's own Region is closed:

```yaml bad
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
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      NotAction: ["iam:*", "sts:*"]
      Resource: "*"
      Condition:
        StringNotEquals: {«"aws:RequestedRegion"»: [eu-west-1, eu-central-1]}
```

```yaml good
region: us-east-1
account: "111122223333"
role: arn:aws:iam::111122223333:role/search
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      Action: ["bedrock:InvokeModel*", "bedrock-mantle:CreateInference"]
      Resource: "*"
      Condition:
        ArnNotLike: {"aws:PrincipalArn": "arn:aws:iam::*:role/search"}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import carried, is_of_control_tower, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import actions, fails, layer, resources
from bedrock_policy_lint.model.policy import Resource, Test
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.diagnosis.verdict import Ruling


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    asked, on = actions(cause.rulings), resources(cause.rulings)
    test = cause.place if isinstance(cause.place, Test) else None
    verb, why = "denies", "an explicit Deny outweighs every Allow, in whatever policy"
    if not cause.is_by_deny:
        verb, why = "does not allow", f"every {layer(cause)} must allow a request as well as the caller's own policies"
    yield problem(
        cause,
        f"{fails(cause)}: the {layer(cause)} {verb} {asked} on {on}{_because(cause, test)}",
        why,
        label=_label(cause),
        fix=Fix(_cure(cause, test, context.catalog)),
    )


def _label(cause: Cause) -> str:
    if not cause.is_by_deny:
        return nearest_label(cause)
    return "this test applies to the call" if isinstance(cause.place, Test) else "the call is denied here"


def _because(cause: Cause, test: Test | None) -> str:
    carries = carried(cause.first.ruling, test.key) if test else ""
    return f", for {carries}" if carries else ""


def _cure(cause: Cause, test: Test | None, catalog: Catalog) -> str:
    asked = actions(cause.rulings)
    if not cause.is_by_deny:
        return f"allow {asked} on {resources(cause.rulings)}"
    if test is None:
        return _narrow(cause.place, asked)
    if not test.operator.negated:
        return f"call in a way that this test of `{test.key}` leaves open, or narrow the Deny if it is not meant so"
    key = test.key.lower()
    if key == "aws:requestedregion":
        cure = "have Control Tower govern this one" if is_of_control_tower(cause) else "add this one here"
        return f"call from a Region that this Deny leaves open, or {cure} if it is meant to be open"
    if key.startswith("bedrock:") and not any(_can_carry(ruling, key, catalog) for ruling in cause.rulings):
        return f"take {asked} out of the Deny: such requests never carry this key"
    return f"make the call pass this test of `{test.key}`, or narrow the Deny if it is not meant for the call"


def _narrow(place: object, asked: str) -> str:
    """What to do about a Deny without conditions."""
    if isinstance(place, Resource):
        return f"call something that `{place.text}` does not match, or narrow that pattern if it is not meant so"
    return f"take {asked} out of this Deny, or exempt the caller, if it is not meant for the call"


def _can_carry(ruling: Ruling, key: str, catalog: Catalog) -> bool:
    known = catalog.action(ruling.row.request.action)
    return known is None or key in known.condition_keys
