"""A comment in a JSON policy.

## What it finds

`// …` or `/* … */` in a policy file. A file with many comments is reported once, at the first.

## Why it matters

JSON has no comments. IAM answers with a syntax error and does not save the policy.

## How to fix it

Move the remark out of the document: into a README beside it, the commit that made it, or the description of the
managed policy. A short one fits into a `Sid`, as letters and digits. There is no automatic fix, for it would delete
what somebody wrote.

A `.jsonc` file holds comments by design and is left alone; whatever turns it into JSON must drop them.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    «// guardrails are for good»
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*"
  }
}
```

```json bad
«/* Owned by the platform team. */»
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail", // not prompts
    "Resource": "*"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "GuardrailsAreForGood",
    "Effect": "Deny",
    "Action": "bedrock:DeleteGuardrail",
    "Resource": "*",
    "Condition": {"StringNotLike": {"aws:UserAgent": ["// no comment", "/* nor this */"]}}
  }
}
```

```json good path=policy.jsonc
{
  "Version": "2012-10-17",
  // guardrails are for good
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
- https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    if not document.policies or document.source.path.endswith(".jsonc"):
        return
    comments = [Span(source, slip.start, slip.end) for source, slip in document.slips_in_policies("json-comment")]
    if comments:
        more = f" (the first of {len(comments)})" if len(comments) > 1 else ""
        yield Problem(
            comments[0],
            f"a comment stands in this policy{more}",
            "JSON has no comments, so IAM refuses the policy",
            label="no part of JSON",
            fix=Fix("move the remark out of the document"),
        )
