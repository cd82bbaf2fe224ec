"""Two elements that exclude each other in one statement.

## What it finds

`Action` beside `NotAction`, `Resource` beside `NotResource`, or `Principal` beside `NotPrincipal`.

## Why it matters

IAM refuses the document: of such a pair a statement may have one.

## How to fix it

Keep the element that you mean. To allow some actions and to deny others, write two statements, one with `Allow` and
one with `Deny`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:*",
    «"NotAction"»: "bedrock:DeleteGuardrail",
    "Resource": "*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "NotResource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "Action": "bedrock:DeleteGuardrail",
    «"Resource"»: "*"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Deny", "Action": "bedrock:Retrieve", "NotResource": "arn:aws:bedrock:*:*:knowledge-base/ABCDE12345"},
    {"Effect": "Deny", "NotAction": "bedrock:*", "Resource": "*"}
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for defect in document.defects:
        if defect.kind == "conflicting-elements":
            names = (defect.element, defect.detail)
            parent = document.object_of(defect.node)
            written = [key for key, _ in parent.value.pairs() if key.value in names]
            yield Problem(
                written[-1] if written else defect.node,
                f"`{names[0]}` and `{names[1]}` stand in one statement",
                "they exclude each other: IAM refuses the document",
                label="this one",
                fix=Fix("keep the one that you mean, or write two statements"),
                # What an anchor brings in does not stand in the object itself.
                related=(Note(written[0], "and this one"),) if len(written) > 1 else (),
            )
