"""A model that is used beside the main one and that the policies leave out.

## What it finds

A declared call with a `part`: the small model for background tasks, the embedding, the judge, the reranker. No
identity policy allows it, or not everything that it asks for.

## Why it matters

Clients call more than the model that one picks: a second one writes titles, summarises or embeds. Policies are
written for the main model, and the second one fails out of sight, or only when its feature is used.

## How to fix it

Allow the ARNs that the message names, beside those of the main model.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
  - «{api: invoke-model, model: "amazon.titan-embed-text-v2:0", part: embedding}»
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
  - {api: invoke-model, model: "amazon.titan-embed-text-v2:0", part: embedding}
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.command import write_policy
from bedrock_policy_lint.diagnosis.problem import add_resources, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    parts = " and the ".join(dict.fromkeys(_called(denied.verdict.usage.part) for denied in cause.denied))
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows the {parts}, {resources(cause.rulings)}",
        "what is called beside the main model is checked like that one",
        fix=write_policy(cause, context.catalog) if len(cause.rulings) > 1 else add_resources(cause, None),
    )


def _called(part: str) -> str:
    return part if "model" in part.lower() else f"{part} model"
