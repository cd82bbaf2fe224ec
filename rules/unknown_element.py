"""A name that is no element of a policy.

## What it finds

A member of a policy or of a statement that the policy language does not have: `Actions`, `effect`, `Comment`, or an
element that stands on the wrong level, such as `Version` inside a statement.

## Why it matters

The names are case-sensitive and the list of them is closed. IAM refuses the document with "Unknown field". What the
author meant by the name, a list of actions or a condition, is not there for this program either.

## How to fix it

Write the element's name as the language has it: `Version`, `Id` and `Statement` in a policy; `Sid`, `Effect`,
`Principal`, `NotPrincipal`, `Action`, `NotAction`, `Resource`, `NotResource` and `Condition` in a statement. A remark
has no place in a policy; delete it.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    «"Actions"»: "bedrock:DeleteGuardrail",
    "Resource": "*"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  «"Description"»: "keeps the guardrails",
  "Statement": {
    «"Version"»: "2012-10-17",
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Id": "sandbox",
  "Statement": {
    "Sid": "KeepGuardrails",
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*"
  }
}
```

What surrounds a policy is not part of it, and names that a template fills in are not known yet:

```json good
{
  "RoleName": "app",
  "PolicyName": "keep-guardrails",
  "PolicyDocument": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Deny",
      "Action": "bedrock:DeleteGuardrail",
      "Resource": "*",
      "{{ optional_element }}": {}
    }
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.policy_document import POLICY_ELEMENTS, STATEMENT_ELEMENTS
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Defect, Document


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for defect in document.defects:
        if defect.kind == "unknown-element":
            whole = "a policy" if defect.expected == POLICY_ELEMENTS else "a statement"
            yield Problem(
                defect.node,
                f"`{defect.element}` is not an element of {whole}",
                "the names are case-sensitive and the list of them is closed: IAM refuses the document",
                label="no such element",
                fix=_cure(document, defect),
            )


def _cure(document: Document, defect: Defect) -> Fix:
    meant = defect.detail
    if defect.element in POLICY_ELEMENTS:
        return Fix("move it out of `Statement`, to the top of the policy")
    if defect.element in STATEMENT_ELEMENTS:
        return Fix("move it into a statement")
    if not meant:
        return Fix("delete it: a policy has no place for remarks")
    advice = f"write `{meant}`"
    return Fix(advice, (Replace(defect.node, meant),)) if _is_clear(document, defect) else Fix(advice)


def _is_clear(document: Document, defect: Defect) -> bool:
    """Whether only the case or a plural `s` is wrong, and no other name there means the same."""
    meant = defect.detail.lower()
    parent = document.object_of(defect.node)
    alike = [key for key in parent.value[::2] if key.value.lower().removesuffix("s") == meant]
    return alike == [defect.node]
