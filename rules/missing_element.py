"""An element that every policy of its kind must have is missing.

## What it finds

A policy without `Statement`, or a statement without `Effect`, without `Action` or `NotAction`, without `Resource` or
`NotResource` (policies of users, groups, roles and organizations), or without `Principal` (trust policies, and
policies that are known to belong to a resource or a VPC endpoint).

## Why it matters

IAM refuses the document. There is no default: a statement without `Effect` neither allows nor denies.

## How to fix it

Add the element. Which value it takes only the author knows.

A trust policy has no `Resource`; the role it belongs to is the resource. A policy of a resource that is shown on its
own may do without one, and is not reported.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    «{»
      "Sid": "CallModels",
      "Action": ["bedrock:DeleteGuardrail", "bedrock:DeletePrompt"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
```

```json bad
«{»
  "Version": "2012-10-17",
  "Effect": "Deny",
  "Action": "bedrock:DeleteGuardrail",
  "Resource": "*"
}
```

```json bad kind=vpc-endpoint
{
  "Version": "2012-10-17",
  "Statement": «{»"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "NotAction": ["bedrock:Get*", "bedrock:List*"],
    "NotResource": "arn:aws:bedrock:us-east-1:111122223333:knowledge-base/ABCDE12345"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Principal": {"AWS": "111122223333"},
    "Action": "sts:AssumeRole"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.policy_document import STATEMENT_ELEMENTS
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Defect, Document

_CURES = {
    "Statement": "add `Statement` with at least one statement",
    "Effect": "add `Effect` with `Allow` or `Deny`",
    "Action": "add `Action` with the actions it is about",
    "Principal": "add `Principal` with the account, role or service it is about",
    "Resource": "add `Resource` with the ARNs it is about, or `*` for all",
}
_ALTERNATIVES = {"Action": "`Action` nor `NotAction`", "Resource": "`Resource` nor `NotResource`"}


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for defect in document.defects:
        if defect.kind == "missing-element":
            element = defect.element
            whole = "policy" if element == "Statement" else "statement"
            lacks = f"neither {_ALTERNATIVES[element]}" if element in _ALTERNATIVES else f"no `{element}`"
            yield Problem(
                # The brace alone: the whole object would hide what is near.
                Span(defect.node.source, defect.node.start, defect.node.start + 1),
                f"this {whole} has {lacks}",
                _why(defect),
                label=f"no `{element}` in here",
                fix=Fix(_cure(defect)),
            )


def _why(defect: Defect) -> str:
    holders = {
        "trust": "a trust policy says whom the role trusts",
        "vpc-endpoint": "an endpoint policy says whose calls",
    }
    if defect.element == "Principal":
        return f"{holders.get(defect.detail, 'a policy of a resource says who may use it')}: IAM refuses it without one"
    return "the grammar has no default for it: IAM refuses the document"


def _cure(defect: Defect) -> str:
    loose = any(key.value in STATEMENT_ELEMENTS for key, _ in defect.node.value.pairs())
    if defect.element == "Statement" and loose:
        return 'put what stands here into a statement: `"Statement": [{…}]`'
    return _CURES[defect.element]
