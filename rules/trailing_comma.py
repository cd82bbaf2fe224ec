"""A comma behind the last value.

## What it finds

A comma before a closing bracket or brace in a policy.

## Why it matters

JSON does not allow it. IAM's grammar says so in words: "For only one value, the trailing comma must be omitted." IAM
answers with a syntax error and does not save the policy.

## How to fix it

Delete the comma. Access stays the same.

A `.jsonc` file may hold such commas by design and is left alone.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:DeleteGuardrail", "bedrock:DeletePrompt"«,»],
    "Resource": "*"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:DeleteGuardrail", "bedrock:DeletePrompt"],
    "Resource": "*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"«,»}«,»
  ]«,»
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"}
  ]
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Deny,]",
    "Effect": "Deny",
    "Action": ["bedrock:DeleteGuardrail", "bedrock:DeletePrompt"],
    "Resource": "*"
  }
}
```

```json good path=policy.jsonc
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": "bedrock:DeleteGuardrail", "Resource": "*"},
}
```

In Terraform:

```hcl bad
resource "aws_iam_policy" "chat" {
  name   = "chat"
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
        "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"«,»
      }
    }
  EOF
}
```

```hcl fixed
resource "aws_iam_policy" "chat" {
  name   = "chat"
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
        "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      }
    }
  EOF
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Cut, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document


@rule(Severity.ERROR, gate="permission")
def check(document: Document, context: Context) -> Iterator[Problem]:
    if not document.policies or document.source.path.endswith(".jsonc"):
        return
    for source, slip in document.slips_in_policies("trailing-comma"):
        comma = Span(source, slip.start, slip.end)
        yield Problem(
            comma,
            "a comma stands behind the last value",
            "JSON does not allow it, so IAM refuses the policy",
            label="nothing follows",
            fix=Fix("delete the comma", (Cut(comma),)),
        )
