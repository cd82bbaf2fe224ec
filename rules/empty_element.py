"""An element that holds nothing.

## What it finds

An empty `Statement`, `Action`, `NotAction`, `Resource`, `NotResource` or `Principal`.

## Why it matters

A policy without a statement is refused. A statement without actions, resources or principals matches no request, so
what it was meant to allow is denied, and what it was meant to deny is not. An empty list is most often what a loop or
a filter left over.

## How to fix it

Fill the list, or delete the statement.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": «[]»
    }
  ]
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": «[]»
}
```

```json bad kind=trust
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Principal": «{}», "Action": "sts:AssumeRole"}
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"],
      "Condition": {}
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document


@rule(Severity.WARNING, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for defect in document.defects:
        if defect.kind != "empty-element":
            continue
        if defect.element == "Statement":
            yield Problem(
                defect.node,
                "this policy has no statement",
                "a policy must have at least one: IAM refuses the document",
                label="empty",
                fix=Fix("add a statement, or delete the policy"),
                severity=Severity.ERROR,
            )
        else:
            yield Problem(
                defect.node,
                f"`{defect.element}` is empty",
                "the statement matches no request, so it has no effect",
                label="nothing in here",
                fix=Fix(f"fill `{defect.element}`, or delete the statement"),
            )
