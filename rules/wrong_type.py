"""An element whose value has the wrong type.

## What it finds

A value of another JSON type than the policy language asks for: a number among the actions, an `Effect` in a list, a
`Condition` that is a list, a `null`, or a `Principal` that is a plain text other than `*`.

## Why it matters

IAM refuses the document. The element is treated here as if it were absent, so findings that would depend on it are
not shown.

## How to fix it

Write the type that the message names. A principal is an object whose key says what it is: `{"Service":
"bedrock.amazonaws.com"}` or `{"AWS": "arn:aws:iam::111122223333:role/app"}`.

Numbers and booleans as values of a condition are right as they are; IAM's grammar allows them.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": «["Deny"]»,
    "Action": ["bedrock:DeleteGuardrail", «null»],
    "Resource": "*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Principal": «"bedrock.amazonaws.com"»,
    "Action": "sts:AssumeRole"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Principal": {"Service": "bedrock.amazonaws.com"},
    "Action": "sts:AssumeRole"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*",
    "Condition": {"StringNotEquals": «"aws:PrincipalOrgID"»}
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:DeleteGuardrail", "bedrock:DeletePrompt"],
    "Resource": "*",
    "Condition": {
      "Bool": {"aws:ViaAWSService": false},
      "NumericGreaterThan": {"aws:MultiFactorAuthAge": 3600}
    }
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Cut, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Defect, Document


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for defect in document.defects:
        if defect.kind == "wrong-type":
            expected = " or ".join(defect.expected)
            yield Problem(
                defect.node,
                f"`{defect.element}` takes {expected}, not {defect.detail}",
                "IAM refuses a document whose elements have other types than its grammar says",
                label=f"must be {expected}",
                fix=_cure(defect, expected),
            )


def _cure(defect: Defect, expected: str) -> Fix:
    value = defect.node.value
    if defect.element not in ("Principal", "NotPrincipal") or not isinstance(value, str):
        return Fix(_advice(defect, expected))
    kind = _principal_type(value)
    if not kind:
        return Fix('say what it is: `{"AWS": …}`, `{"Service": …}` or `{"Federated": …}`')
    text = json.dumps({kind: value}, ensure_ascii=False)
    return Fix(f"write `{text}`", (Cut(Span(defect.node.source, defect.node.start, defect.node.end), text),))


def _advice(defect: Defect, expected: str) -> str:
    if expected == "a string" and defect.detail in ("a number", "a boolean"):
        return "put it in double quotes"
    if expected == "a string" and defect.detail == "an array" and len(defect.node.value) == 1:
        return "drop the brackets: this element takes one value"
    return f"write {expected}"


def _principal_type(value: str) -> str:
    """The key that a principal's text belongs under, where its form tells."""
    if value == "cognito-identity.amazonaws.com":
        return "Federated"
    if value.endswith(".amazonaws.com"):
        return "Service"
    account = value.isdecimal() and len(value) == 12
    identity = value.startswith("arn:") and any(f":{part}" in value for part in ("role/", "user/", "root"))
    return "AWS" if account or identity else ""
