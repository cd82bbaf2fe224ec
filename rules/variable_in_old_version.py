"""A policy variable in a document of the old version.

## What it finds

`${aws:username}` or another policy variable in a document without `Version` or with `"Version": "2008-10-17"`. A
document is reported once, at its first variable.

## Why it matters

Policy variables came with version 2012-10-17. In an older document `${aws:username}` is not the caller's name but
these fifteen characters, so a resource that holds it matches nothing, and a condition compares with the text itself.
IAM takes the policy without complaint.

## How to fix it

Write `"Version": "2012-10-17"`. The statement then means what its author meant, which is more than it grants today:
read it once more before you apply the fix.

## Examples

```json bad
{
  "Version": "2008-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "«${aws:PrincipalTag/team}»"}}
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
    "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
  }
}
```

```json bad
{
  "Statement": {
    "Effect": "Deny",
    "Action": "s3:GetObject",
    "Resource": ["arn:aws:s3:::prompts/home/«${aws:username}»/*", "arn:aws:s3:::prompts/${aws:PrincipalTag/team}/*"]
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::prompts/home/${aws:username}/*"
  }
}
```

A placeholder that some other program fills in is no policy variable; only the version itself is reported:

```json good also=policy-version
{
  "Version": "2008-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::${bucket}/*"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.text import variables_in
from bedrock_policy_lint.rule import AddMember, Context, Fix, Note, Problem, Replace, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy

_CURRENT = "2012-10-17"


@rule(Severity.ERROR, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.version != "2008-10-17" or policy.written != "document":
        return
    node = policy.node
    text = node.source.text[node.start : node.end]
    found = variables_in(text)
    if not found or _says_otherwise(policy):
        return
    first, *others = (Span(node.source, node.start + start, node.start + end) for start, end in found)
    more = f" (the first of {len(found)})" if others else ""
    yield Problem(
        first,
        f"`{text[slice(*found[0])]}`{more} is plain text in this version of the policy language",
        "policy variables have a meaning only in a document of version 2012-10-17",
        label="no variable here",
        fix=_cure(policy),
        related=(Note(policy.version_node, "because of this"),) if policy.version_node is not None else (),
    )


def _says_otherwise(policy: Policy) -> bool:
    """Whether a version stands there that could not be read: misspelt, or of another type."""
    names = [key.value for key, _ in policy.node.value.pairs()]
    return policy.version_node is None and any(not isinstance(name, str) or name.lower() == "version" for name in names)


def _cure(policy: Policy) -> Fix:
    if policy.version_node is not None:
        return Fix(f"write version `{_CURRENT}`", (Replace(policy.version_node, _CURRENT),))
    return Fix(f'add `"Version": "{_CURRENT}"`', (AddMember(policy.node, "Version", _CURRENT),))
