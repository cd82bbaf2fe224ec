"""A call by a model's own id where only an inference profile can call the model.

## What it finds

A call that names a foundation model in a Region where, on the catalogue's date, the model could only be called through
an inference profile. Offers that are not confirmed, GovCloud, provisioned throughput, asynchronous and batch calls are
left alone.

Calls in code and in templates count like declared ones.

## Why it matters

The call fails with "Invocation of model ID … with on-demand throughput isn't supported", whatever the policy says.

## How to fix it

Call the profile by its id in place of the model's. The policy must then allow the profile and the model behind it.

## Examples

```yaml bad
region: us-east-1
uses:
  - «converse anthropic.claude-sonnet-4-6»
```

```yaml bad
region: eu-west-1
uses:
  - api: invoke-model-stream
    model: «arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-5»
```

London has this model on demand:

```yaml good
region: eu-west-2
uses:
  - converse anthropic.claude-sonnet-4-6
```

```yaml good
region: us-east-1
uses:
  - converse us.anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/models-region-compatibility.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL
from bedrock_policy_lint.diagnosis.named import has_ended, is_by_id, named, profiles_for
from bedrock_policy_lint.diagnosis.wording import apis_of, some_regions
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Model
    from bedrock_policy_lint.diagnosis.named import Named
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.usage.usage import Usage


@rule(Severity.ERROR, gate="region")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    for entry in named(declaration):
        model = context.catalog.model(entry.target.id) if entry.target.kind == MODEL else None
        if model is None or entry.is_source:
            continue
        failing = {
            region: calls
            for region, declared in entry.places().items()
            if _needs_profile(model, region)
            and not has_ended(entry.target, region, context)
            and (calls := [call for call in declared if is_by_id(call)])
        }
        if failing:
            yield _problem(entry, model, failing, context)


def _needs_profile(model: Model, region: str) -> bool:
    may_be = {*model.on_demand_regions, *model.on_demand_unconfirmed_regions, *model.govcloud_regions}
    return region in model.profile_only_regions and region not in may_be


def _problem(entry: Named, model: Model, failing: dict[str, list[Usage]], context: Context) -> Problem:
    catalog = context.catalog
    calls = [call for declared in failing.values() for call in declared]
    first = next(iter(failing))
    near = profiles_for(model, first, calls, catalog)
    return Problem(
        entry.node,
        f"{apis_of(calls)} of `{model.id}` fails in {some_regions(failing)}: on {catalog.models_date} it could be"
        " called there through an inference profile only",
        "a call by the model's own id is on demand, and the service refuses that",
        label="needs a profile",
        fix=Fix(f"call {one_of(near)}" + (f" from `{first}`" if len(failing) > 1 else "")) if near else None,
        related=entry.called_from(calls),
    )
