"""A Sid with characters that IAM does not take.

## What it finds

A `Sid` in an identity policy, permissions boundary, session policy or trust policy that holds anything but the
letters A to Z and a to z and the digits: blanks, hyphens, underscores, full stops, letters with accents.

## Why it matters

IAM refuses to save the policy. Policies of resources, such as bucket policies, may hold blanks in a `Sid`; they and
policies of organizations are left alone. Where only the content tells that it is an identity policy, this is a
warning.

## How to fix it

Write the words together with capitals. A `Sid` has no effect on access.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": «"Call models with-streaming"»,
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "CallModelsWithStreaming",
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json bad kind=boundary
{
  "Version": "2012-10-17",
  "Statement": {"Sid": «"deny-${environment}"», "Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "CallModels2WithStreaming",
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A policy of a resource, and a name that a template fills in:

```json good kind=resource
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Share with the other account",
    "Effect": "Deny",
    "Principal": {"AWS": "111122223333"},
    "Action": "bedrock:ApplyGuardrail",
    "Resource": "*"
  }
}
```

```json good kind=boundary
{
  "Version": "2012-10-17",
  "Statement": {"Sid": "Deny${environment}", "Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import IAM_KINDS
from bedrock_policy_lint.model.text import Template, Text
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy, Statement
    from bedrock_policy_lint.sources.node import Node


@rule(Severity.ERROR, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind not in IAM_KINDS:
        return
    for statement in policy.statements:
        node = statement.sid_node
        if node is None or (statement.sid.isascii() and statement.sid.isalnum()):
            continue
        wrong = _first_wrong(statement.text(node))
        if wrong:
            yield Problem(
                node,
                f"the Sid `{statement.sid}` holds {wrong}",
                "in a policy of IAM a Sid takes only the letters A to Z and a to z and digits",
                label="letters and digits only",
                fix=_cure(statement, node),
                severity=Severity.ERROR if policy.attachment.certain else Severity.WARNING,
            )


def _first_wrong(sid: Text) -> str:
    """The first character that no Sid may hold, in words; holes are not known and do not count."""
    parts = sid.parts if isinstance(sid, Template) else (sid,)
    found = next(
        (match for part in parts if isinstance(part, str) and (match := re.search("[^A-Za-z0-9]", part))), None
    )
    if found is None:
        return ""
    return "a blank" if found[0] == " " else f"`{found[0]}`" if found[0].isprintable() else f"U+{ord(found[0]):04X}"


def _cure(statement: Statement, node: Node) -> Fix:
    """Write the words together; only advice where that gives no name, or one that another statement bears."""
    words = re.findall("[A-Za-z0-9]+", statement.sid)
    name = "".join((words[0], *(word[0].upper() + word[1:] for word in words[1:]))) if words else ""
    taken = any(other.sid == name for other in statement.policy.statements)
    if isinstance(statement.text(node), Template) or not statement.sid.isascii() or not name or taken:
        return Fix("write it with letters and digits only")
    return Fix(f"write `{name}`", (Replace(node, name),))
