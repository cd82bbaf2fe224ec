"""An element whose value the policy language does not have.

## What it finds

An `Effect` other than `Allow` and `Deny`, a `Version` other than `2012-10-17` and `2008-10-17`, or a type of
principal other than `AWS`, `Service`, `Federated` and `CanonicalUser`.

## Why it matters

The values are case-sensitive and there are no others: IAM refuses the document. `Version` is the version of the
policy language, not the date of the policy; no later one exists.

## How to fix it

Write one of the values above.

## Examples

```json bad
{
  "Version": «"2024-06-01"»,
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": «"deny"»,
    "Principal": {«"service"»: "bedrock.amazonaws.com"},
    "Action": "sts:AssumeRole"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    "Action": "sts:AssumeRoleWithWebIdentity"
  }
}
```

What a template fills in is not known yet:

```json good
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "${effect}", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Defect, Document


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for defect in document.defects:
        if defect.kind == "invalid-value":
            what = f"a type of `{defect.element}`" if "AWS" in defect.expected else f"a value of `{defect.element}`"
            yield Problem(
                defect.node,
                f"`{defect.detail}` is not {what}",
                "the values are case-sensitive and the list of them is closed: IAM refuses the document",
                label=f"one of {', '.join(defect.expected)}",
                fix=_cure(document, defect),
            )


def _cure(document: Document, defect: Defect) -> Fix:
    same = [value for value in defect.expected if value.lower() == defect.detail.strip().lower()]
    meant = same[0] if same else "2012-10-17" if defect.element == "Version" else ""
    if not meant:
        return Fix(f"write one of `{'`, `'.join(defect.expected)}`")
    return Fix(f"write `{meant}`", (Replace(defect.node, meant),) if _is_alone(document, defect, meant) else ())


def _is_alone(document: Document, defect: Defect, meant: str) -> bool:
    """Whether no other key of the object means the same type of principal."""
    if "AWS" not in defect.expected:
        return True
    parent = document.object_of(defect.node)
    return [key for key in parent.value[::2] if key.value.strip().lower() == meant.lower()] == [defect.node]
