"""A Sid that two statements of one policy bear.

## What it finds

The same non-empty `Sid` on two statements of one identity policy, permissions boundary, session policy or trust
policy. The case of letters counts.

## Why it matters

In IAM a `Sid` must be unique within its policy, and IAM refuses to save one where it is not. Policies of resources
and of organizations follow their services' own rules and are left alone.

## How to fix it

Give the later statement a `Sid` of its own, or none: the element is optional.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "CallModels",
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Sid": «"CallModels"»,
      "Effect": "Deny",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-*"
    }
  ]
}
```

```json bad kind=boundary
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "1", "Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"},
    {"Sid": "2", "Effect": "Deny", "Action": "bedrock:InvokeAgent", "Resource": "*"},
    {"Sid": «"1"», "Effect": "Deny", "Action": "bedrock:InvokeFlow", "Resource": "*"}
  ]
}
```

```json good kind=boundary
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Deny", "Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"},
    {"Sid": "deny", "Effect": "Deny", "Action": "bedrock:InvokeAgent", "Resource": "*"},
    {"Sid": "", "Effect": "Deny", "Action": "bedrock:InvokeFlow", "Resource": "*"},
    {"Sid": "", "Effect": "Deny", "Action": "bedrock:Retrieve", "Resource": "*"}
  ]
}
```

Two documents of one file may use the same `Sid`:

```json good
[
  {
    "Version": "2012-10-17",
    "Statement": {"Sid": "KeepGuardrails", "Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
  },
  {
    "Version": "2012-10-17",
    "Statement": {"Sid": "KeepGuardrails", "Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
  }
]
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import IAM_KINDS
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.sources.node import Node


@rule(Severity.ERROR, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind not in IAM_KINDS:
        return
    firsts: dict[str, Node] = {}
    for statement in policy.statements:
        node = statement.sid_node
        if node is None or not statement.sid:
            continue
        first = firsts.setdefault(statement.sid, node)
        if first is not node:
            yield Problem(
                node,
                f"the Sid `{statement.sid}` stands in this policy already",
                "in IAM a Sid must be unique within its policy",
                label="once more",
                fix=Fix("write another Sid, or delete it: the element is optional"),
                related=(Note(first, "the first one"),),
            )
