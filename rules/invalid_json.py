"""A document that is not JSON.

## What it finds

The place where a document stops being JSON, and what is wrong there: a missing comma, quotes of another kind, a
bracket that is never closed, a second document behind the first, template text outside a string, a character that
cannot be seen.

## Why it matters

AWS takes a policy only as JSON. Nothing in a document that cannot be read is checked, so no other finding about it is
shown.

## How to fix it

Mend what the message names. Where a bracket or a string is still open, the finding also shows where it begins: the
fault is often there. For a template, check the file that comes out of it instead. Two policies belong into two files,
or their statements into one `Statement` list.

Comments and trailing commas are survived here and reported on their own.

## Examples

```json bad
{
  "Version": "2012-10-17«"»
  "Statement": []
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream",
    "Resource"«:» "*"
  }]
}
```

```json bad
{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "bedrock:*", "Resource": "*"}}
«{»"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "bedrock-agentcore:*", "Resource": "*"}}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": «$»{jsonencode(statements)}
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A template inside a string is still JSON:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "arn:aws:bedrock:{{ region }}:111122223333:guardrail/${guardrail}"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document, Failure


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    for failure in document.failures:
        if failure.kind == "invalid-json":
            yield Problem(
                failure.span,
                f"this is not JSON: {failure.message}",
                "AWS takes a policy only as JSON, and nothing in this document could be checked",
                label="reading stopped here",
                fix=Fix(failure.hint) if failure.hint else None,
                related=_opened(failure),
            )


def _opened(failure: Failure) -> tuple[Note, ...]:
    if failure.opened is None:
        return ()
    source = failure.span.source
    return (Note(Span(source, failure.opened, failure.opened + 1), "what begins here is still open"),)
