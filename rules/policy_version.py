"""A policy in the old version of the policy language.

## What it finds

A policy document without `Version`, or with `"Version": "2008-10-17"`. Without the element IAM takes the document for
one of 2008-10-17.

A document in which policy variables such as `${aws:username}` stand is reported by `variable-in-old-version` instead:
there the old version is an error.

## Why it matters

The version decides what the text means. In the old one policy variables are dead text: the first
`${aws:PrincipalTag/team}` that somebody adds to such a policy matches nothing. AWS says not to use the old version
for new policies or when you update one.

## How to fix it

Write `"Version": "2012-10-17"`. Where no `${` stands in the policy, access stays the same. `Version` is the version
of the language, not the date of the policy.

## Examples

```json bad
{
  "Version": «"2008-10-17"»,
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
«{»
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

```json fixed
{
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"},
  "Version": "2012-10-17"
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

A bare statement has no version of its own; the document that it is put into has:

```json good
{"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.text import Template, variables_in
from bedrock_policy_lint.rule import AddMember, Context, Fix, Problem, Replace, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy

_CURRENT = "2012-10-17"
_WHY = "it means the language of 2008-10-17, in which policy variables such as `${aws:username}` are dead text"


@rule(Severity.WARNING, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.version != "2008-10-17" or policy.written != "document":
        return
    node = policy.node
    if variables_in(node.source.text[node.start : node.end]):
        return
    if policy.version_node is not None:
        yield Problem(
            policy.version_node,
            "this policy is written in the old version of the policy language",
            _WHY,
            label="the old version",
            fix=Fix(f"write `{_CURRENT}`", (Replace(policy.version_node, _CURRENT),)),
        )
    elif not any(isinstance(key.value, Template) or key.value.lower() == "version" for key in node.value[::2]):
        yield Problem(
            Span(node.source, node.start, node.start + 1),
            "this policy has no `Version`",
            _WHY,
            label="no `Version` in here",
            fix=Fix(f'add `"Version": "{_CURRENT}"`', (AddMember(node, "Version", _CURRENT),)),
        )
