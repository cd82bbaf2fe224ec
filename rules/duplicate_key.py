"""A name that stands twice in one object.

## What it finds

Two `Action`, two `Effect`, two `Statement`, or any other name twice in one JSON object; and a condition key that
stands twice under one operator with different capitals, which IAM takes for one key.

## Why it matters

AWS documents that an element must not hold one key twice and that IAM refuses such a policy when it is saved; in
policies older than that check the last `Effect` counts, while `Action` and `Resource` are added up. Before IAM sees
the document, JSON readers such as Terraform's `jsondecode` or Python's `json` keep the last value and drop the others
without a word. What the author meant is lost either way.

## How to fix it

Keep one of them, or write both values into one list. Two statements go into one `Statement` list. There is no
automatic fix: only the author knows which one was meant.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    «"Action"»: "bedrock:DeletePrompt",
    "Resource": "*"
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
    "Condition": {
      "StringNotEquals": {
        "aws:PrincipalOrgID": "o-abcde12345",
        «"aws:principalorgid"»: "o-fghij67890"
      }
    }
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:DeleteGuardrail", "bedrock:DeletePrompt"],
    "Resource": "*"
  }
}
```

The same name in two objects is no duplicate:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"},
    {"Effect": "Deny", "Action": "bedrock:DeletePrompt", "Resource": "*"}
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.sources.node import Node


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    if not document.policies:
        return
    firsts: dict[int, dict[str, Node]] = {}
    for source, slip in document.slips_in_policies("duplicate-key"):
        *_, parent, key = document.path_to(source, slip.start, slip.end)
        yield _twice(key, _first(parent, key.value, firsts) or key, is_in_policy=_is_in_policy(document, key))
    for defect in document.defects:
        if defect.kind == "duplicate-key":
            key = defect.node
            yield _other_case(key, defect.detail, _first(document.object_of(key), defect.detail, firsts))


def _first(parent: Node, name: str, firsts: dict[int, dict[str, Node]]) -> Node | None:
    """The first key of that name in an object; each object is searched once. None for what an anchor brings in."""
    if id(parent) not in firsts:
        firsts[id(parent)] = {key.value: key for key in reversed(parent.value[::2])}
    return firsts[id(parent)].get(name)


def _is_in_policy(document: Document, key: Node) -> bool:
    """Whether it stands in a policy, and not elsewhere in a template that has some."""
    nodes = (policy.node for policy in document.policies)
    return any(node.source is key.source and node.start <= key.start and key.end <= node.end for node in nodes)


def _twice(key: Node, first: Node, *, is_in_policy: bool) -> Problem:
    return Problem(
        key,
        f"`{key.value}` stands twice in this object",
        f"{'IAM refuses a policy in which an object holds a name twice, and ' * is_in_policy}most readers silently keep"
        " the last value",
        label="once more",
        fix=Fix(_cure(key.value)),
        related=(Note(first, "the first one, which most readers drop"),),
    )


def _other_case(key: Node, other: str, first: Node | None) -> Problem:
    return Problem(
        key,
        f"`{key.value}` and `{other}` are the same condition key",
        "IAM ignores the case of condition keys, and a key may stand once under an operator",
        label="once more",
        fix=Fix("keep one, or write both values into one list"),
        related=(Note(first, "the first one"),) if first else (),
    )


def _cure(name: str) -> str:
    if name == "Statement":
        return "write all statements into one `Statement` list"
    if name in ("Action", "NotAction", "Resource", "NotResource"):
        return f"write all values into one `{name}` list"
    return "keep the one that you mean"
