"""What no file can tell about access to a model.

## What it finds

A call of a model that is sold through AWS Marketplace, or that wants Anthropic's form on first-time use.
Whether this account may call it depends on the account's state. It is told once for each principal and model, only
with `--pedantic`, and not where `subscribed: true` is declared.

Calls in code and in templates count like declared ones.

## Why it matters

Models are open by default, but the first call of a model that is sold through the Marketplace starts a subscription,
which needs a valid payment method and takes up to 15 minutes. Anthropic asks for a description of the use case once
for an account or its organisation, and again for each Region that must be opted into.

## How to fix it

Ask the account: `aws bedrock get-foundation-model-availability --model-id …` tells agreement, authorisation,
entitlement and Region one by one. When they are settled, declare `subscribed: true`.

## Examples

```yaml bad pedantic=yes
region: us-east-1
uses:
  - «converse us.anthropic.claude-sonnet-4-6»
  - converse-stream us.anthropic.claude-sonnet-4-6
  - «invoke-model cohere.embed-english-v3»
```

```yaml good pedantic=yes
region: us-east-1
subscribed: true
uses:
  - converse us.anthropic.claude-sonnet-4-6
```

Amazon's own models want neither:

```yaml good pedantic=yes
region: us-east-1
uses:
  - converse amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.named import leaves, listed_model
from bedrock_policy_lint.diagnosis.sites import called_from
from bedrock_policy_lint.diagnosis.wording import is_declared
from bedrock_policy_lint.rule import POSSIBLE, Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.usage.apis import MANTLE, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Model
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Caller, Usage

_LISTING = "list"


@rule(Severity.INFO, gate="provider terms", confidence=POSSIBLE)
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    if not context.pedantic:
        return
    for caller in declaration.callers:
        yield from _of_caller(caller, context)


def _of_caller(caller: Caller, context: Context) -> Iterator[Problem]:
    told = set()
    for usage in caller.usages:
        if usage.subscribed or usage.api == _LISTING:
            continue
        for target in leaves(usage.target):
            model = listed_model(target, context)
            node = usage.at("model" if target is usage.target else "source")
            if model is None or node is None or model.id in told:
                continue
            open_points = _open_points(model, usage)
            if open_points:
                told.add(model.id)
                yield _problem(usage, node, model, open_points)


def _open_points(model: Model, usage: Usage) -> list[str]:
    """What the account must have settled."""
    api = find(usage.api)
    found = []
    if model.marketplace_required:
        found.append("a subscription through AWS Marketplace")
    if model.first_time_use_form and api is not None and api.service != MANTLE:
        found.append("Anthropic's form on first-time use (again in each Region that must be opted into)")
    return found


def _problem(usage: Usage, node: Node, model: Model, open_points: list[str]) -> Problem:
    command = f"aws bedrock get-foundation-model-availability --model-id {model.id}"
    settled = ", then declare `subscribed: true`" if is_declared(usage) else ""
    return Problem(
        node,
        f"no file tells whether the account may call `{model.id}`: it needs {' and '.join(open_points)}",
        "that is state of the account, and without it calls fail although every policy allows them",
        label="depends on the account",
        fix=Fix(f"ask `{command}`{settled}"),
        related=called_from([usage], node),
    )
