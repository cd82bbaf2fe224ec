"""A condition operator that does not exist.

## What it finds

A key directly under `Condition` that is no operator of IAM: a misspelt one (`StringEqual`), a misspelt set operator
(`ForAnyValues:StringLike`), `IfExists` behind `Null`, or a condition key where the operator belongs.

## Why it matters

IAM refuses the document. The letter case of an operator does not matter; its name does.

## How to fix it

Write an operator of the list in AWS's reference, if need be with `ForAllValues:` or `ForAnyValue:` before it and
`IfExists` behind it. `Null` takes no `IfExists`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*",
    "Condition": {«"StringNotEqual"»: {"aws:PrincipalOrgID": "o-abcde12345"}}
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}
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
      «"ForAnyValues:StringLike"»: {"aws:PrincipalOrgPaths": "o-abcde12345/*"},
      «"NullIfExists"»: {"aws:PrincipalOrgID": "true"}
    }
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*",
    "Condition": {
      "stringnotequalsifexists": {"aws:PrincipalOrgID": "o-abcde12345"},
      "ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-abcde12345/*"},
      "Null": {"aws:PrincipalOrgPaths": "false"}
    }
  }
}
```

An operator that a template fills in is not known yet:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*",
    "Condition": {"${operator}": {"aws:PrincipalOrgID": "o-abcde12345"}}
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import OPERATORS, parse_operator
from bedrock_policy_lint.model.text import Template, from_policy
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Statement
    from bedrock_policy_lint.sources.node import Node

_SETS = ("ForAllValues", "ForAnyValue")
_NAMES = (*OPERATORS, *(f"{name}IfExists" for name in OPERATORS if name != "Null"))


@rule(Severity.ERROR, gate="permission")
def check(statement: Statement, context: Context) -> Iterator[Problem]:
    if statement.condition_node is None:
        return
    for node, _ in statement.condition_node.value.pairs():
        if not parse_operator(node.value).known and not isinstance(from_policy(node.value), Template):
            yield Problem(
                node,
                f"`{node.value}` is not a condition operator",
                "IAM refuses a condition whose operator it does not know",
                label="no such operator",
                fix=_cure(node, context),
            )


def _cure(node: Node, context: Context) -> Fix:
    prefix, _, name = node.value.rpartition(":")
    if name.lower() == "nullifexists":
        return Fix("write `Null`, which takes no `IfExists`")
    sets = context.catalog.nearest(prefix, _SETS, 1) if prefix else ("",)
    if not sets:
        return Fix("write an operator here, and the condition key under it")
    names = [f"{sets[0]}:{near}".lstrip(":") for near in context.catalog.nearest(name, _NAMES)]
    if not names:
        return Fix("write one of IAM's operators, such as `StringEquals` or `ArnLike`")
    if _is_slip(node.value, names):
        return Fix(f"write `{names[0]}`", (Replace(node, names[0]),))
    return Fix(f"did you mean {one_of(names)}?")


def _is_slip(written: str, names: list[str]) -> bool:
    """Whether the first name differs so little that nothing else can be meant; a `Not` more or less is no slip."""
    from difflib import SequenceMatcher

    def likeness(name: str) -> float:
        return SequenceMatcher(None, written.lower(), name.lower()).ratio()

    negated = ["not" in text.lower() for text in (written, names[0])]
    clear = len(names) == 1 or likeness(names[0]) > likeness(names[1])
    return clear and negated[0] == negated[1] and likeness(names[0]) > 0.9
