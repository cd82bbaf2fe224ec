"""A file that cannot be read as text.

## What it finds

A file that cannot be opened, is too large, or is not text in UTF-8: most often UTF-16, which Windows PowerShell
writes by default, or a byte that UTF-8 does not have.

## Why it matters

What is not read is not checked. A check that passes in silence over such a file would say that all is well.

## How to fix it

Save the file as UTF-8. In Windows PowerShell: `… | Out-File -Encoding ascii policy.json`. For a file that cannot be
opened, look at its path and permissions.

## Examples

A NUL character stands between the letters of this file, as it does when UTF-16 is read as UTF-8.

```json bad
{«\0»}\0
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Früh",
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*"
  }
}
```

## References

- https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document


@rule(Severity.ERROR, gate="hygiene")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for failure in document.failures:
        if failure.kind == "unreadable-file":
            yield Problem(
                failure.span,
                f"this file cannot be read: {failure.message}",
                "what is not read is not checked",
                fix=Fix(failure.hint) if failure.hint else None,
            )
