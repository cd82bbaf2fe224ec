"""A call of a model in a Region that does not have it.

## What it finds

A call by a foundation model's own id in a Region where, on the catalogue's date, the model could be called neither so
nor through an inference profile. A Region to which a profile merely sends calls does not count. Regions that were not
scanned (GovCloud, `me-central-1`, `me-south-1`), offers that are not confirmed, and batch calls are left alone.

Calls in code and in templates count like declared ones.

## Why it matters

The call fails with "The provided model identifier is invalid": the model is not there, whatever the policy says.

## How to fix it

Call a Region that has the model, or a model that the Region has. If the model came to the Region after the date in the
message, all is well: refresh the catalogue.

## Examples

```yaml bad
region: us-west-1
uses:
  - «invoke-model cohere.embed-english-v3»
```

```yaml bad
region: [us-east-1, af-south-1]
uses:
  - api: converse
    model: «amazon.nova-lite-v1:0»
```

```yaml good
region: us-east-1
uses:
  - invoke-model cohere.embed-english-v3
  - converse amazon.nova-lite-v1:0
```

A Region that was not scanned may have it:

```yaml good
region: me-central-1
uses:
  - invoke-model cohere.embed-english-v3
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/models-region-compatibility.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL, offered
from bedrock_policy_lint.diagnosis.named import has_ended, is_by_id, named
from bedrock_policy_lint.diagnosis.wording import apis_of, some_regions
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog, Model
    from bedrock_policy_lint.diagnosis.named import Named
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.usage.usage import Usage

_RUNTIME = "bedrock-runtime"
_ASYNC = "async-invoke"


@rule(Severity.ERROR, gate="region")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    for entry in named(declaration):
        model = context.catalog.model(entry.target.id) if entry.target.kind == MODEL else None
        # Of what only the other endpoint serves, `api-unsupported-model` tells.
        if model is None or entry.is_source or _RUNTIME not in model.endpoints:
            continue
        failing = {
            region: calls
            for region, declared in entry.places().items()
            if (calls := [call for call in declared if _is_missing(model, call, region, context.catalog)])
            and not has_ended(entry.target, region, context)
        }
        if failing:
            yield _problem(entry, model, failing, context.catalog)


def _is_missing(model: Model, call: Usage, region: str, catalog: Catalog) -> bool:
    """Whether it is known that a Region has no such model for a call."""
    place = catalog.region(region)
    if place is None or not place.scanned:
        return False
    if call.api == _ASYNC:
        return region not in offered(model.id, catalog)
    return is_by_id(call) and region not in _callable(model)


def _callable(model: Model) -> set[str]:
    """Where it can be called, or may be, by its own id or through a profile."""
    return {
        *model.on_demand_regions,
        *model.on_demand_unconfirmed_regions,
        *model.profile_only_regions,
        # The lists of the two endpoints cannot be told apart everywhere.
        *model.mantle_regions,
    }


def _problem(entry: Named, model: Model, failing: dict[str, list[Usage]], catalog: Catalog) -> Problem:
    calls = [call for declared in failing.values() for call in declared]
    near = catalog.nearest(next(iter(failing)), model.on_demand_regions) or model.on_demand_regions[:3]
    return Problem(
        entry.node,
        f"{apis_of(calls)} of `{model.id}` fails in {some_regions(failing)}: the model was not offered there on"
        f" {catalog.models_date}",
        "neither its own id nor a profile of it could be called from there",
        label="not offered there",
        fix=Fix(f"call it in {one_of(near)}, or a model that the Region has") if near else None,
        related=entry.called_from(calls),
    )
