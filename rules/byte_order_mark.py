"""A byte order mark before the policy.

## What it finds

The three bytes EF BB BF at the beginning of a policy file: a byte order mark, which some Windows editors and
PowerShell commands write and no editor shows.

## Why it matters

IAM's quota page lists the characters a policy document may hold: tab, line feed, carriage return, and U+0020 to
U+00FF. The mark is U+FEFF, which is none of them, and an editor does not show why the policy is refused. Amazon S3
says in its answer that "the first byte must be '{'". JSON itself forbids to write the mark.

## How to fix it

Save the file as UTF-8 without a byte order mark. Editors call it "UTF-8" as opposed to "UTF-8 with BOM". On a command
line: `sed -i '1s/^\\xEF\\xBB\\xBF//' policy.json`.

## Examples

```json bad bom=yes
«{»
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

```json bad bom=yes
«{»"RoleName": "app", "PolicyName": "keep-guardrails", "PolicyDocument": {
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

The mark of a file that holds no policy is nobody's business here:

```json good bom=yes path=package.json
{"name": "app", "version": "1.0.0"}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
- https://www.rfc-editor.org/rfc/rfc8259#section-8.1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document


@rule(Severity.WARNING, gate="hygiene")
def check(document: Document, context: Context) -> Iterator[Problem]:
    if document.source.bom and document.policies and document.language == "json":
        yield Problem(
            Span(document.source, 0, min(1, len(document.source.text))),
            "a byte order mark stands before this policy",
            "a policy document may hold U+0020 to U+00FF, tabs and line ends, and the mark is U+FEFF",
            label="U+FEFF before this",
            fix=Fix("save the file as UTF-8 without a byte order mark"),
        )
