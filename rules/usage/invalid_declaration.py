"""A declaration of usage that is not understood in part.

## What it finds

In a `bedrock-usage.yaml` (or JSON, or the `usage` table of the configuration): an unknown key or API, a value of the
wrong type, a Region or geography that does not exist, a call without Region, model or resource, a policy file that
cannot be read, and what contradicts something else in the declaration.

## Why it matters

A call that is not understood is not checked, and nobody would notice: the run passes because it looked at less.

## How to fix it

Write what the message names. As long as something is not understood, nothing in the policies is told to be too much.

## Examples

```yaml bad
region: us-east-1
uses:
  - «converze amazon.nova-lite-v1:0»
```

```yaml bad
region: «us-east1»
uses:
  - converse amazon.nova-lite-v1:0
```

```yaml bad
region: us-east-1
uses:
  - api: converse
    model: amazon.nova-lite-v1:0
    «guardrails»: abc123
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
  - {api: converse, model: amazon.nova-lite-v1:0, guardrail: abc123}
```

An API may stand under the name of its SDK operation, and a model as an ARN:

```yaml good
region: us-east-1
uses:
  - Converse arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.declaration import Declaration


@rule(Severity.ERROR, gate="hygiene")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    for fault in declaration.faults:
        yield Problem(
            fault.node,
            fault.message,
            "what is not understood is not checked",
            label="not understood",
            fix=Fix(fault.hint) if fault.hint else None,
        )
