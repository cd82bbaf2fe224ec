"""A model in use that has reached its end of life, or will.

## What it finds

A call of a model that had reached its end of life, in the caller's Region, before today; a model or an inference
profile that the service no longer lists (a warning); a model in its legacy phase: a warning where AWS has published
when its life ends in that Region, else a note. End of life is set per Region: a model that still runs in this one is
not reported as ended.

Calls in code and in templates count like declared ones.

## Why it matters

Calls to a model after its end of life fail, whatever the policy says.

## How to fix it

Move the code, and then the declaration and the policy, to a current model.

## Examples

```yaml bad
region: us-east-1
uses:
  - «invoke-model amazon.nova-canvas-v1:0»
```

```yaml bad
region: [us-east-1, ap-south-1]
uses:
  - api: converse
    model: «anthropic.claude-3-haiku-20240307-v1:0»
```

This model's life ends on 2026-11-26, and this example is one of November:

```yaml bad
region: us-east-1
uses:
  - «converse ai21.jamba-1-5-mini-v1:0»
```

```yaml good
region: us-east-1
uses:
  - converse amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL
from bedrock_policy_lint.diagnosis.named import has_ended, listed_model, named, profiles_for
from bedrock_policy_lint.diagnosis.wording import some_regions
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Model
    from bedrock_policy_lint.diagnosis.named import Named
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.usage.usage import Target


_MOVE = "move to a current model"


@rule(Severity.ERROR, gate="model access")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    for entry in named(declaration):
        ended = [region for region in entry.places() if has_ended(entry.target, region, context)]
        model = listed_model(entry.target, context)
        dropped = _dropped(entry.target, context)
        if ended:
            yield _ended(entry, ended, context)
        elif dropped:
            yield _problem(entry, *dropped, "withdrawn", Severity.WARNING)._replace(fix=_successor(entry, context))
        elif model is not None and model.status == "legacy":
            yield _legacy(entry, model, context)


def _ended(entry: Named, regions: list[str], context: Context) -> Problem:
    catalog, target = context.catalog, entry.target
    model_id = _model_id(target, context)
    model = catalog.model(model_id) or catalog.other_model(model_id)
    date = model.eol_date if model else None
    what = f"`{target.id}`" if target.kind == MODEL else f"the model behind `{target.id}`"
    message = f"{what} reached its end of life in {some_regions(regions)} on {date}"
    fails = _problem(entry, message, "calls of it fail since then, whatever the policy allows", "withdrawn")
    return fails._replace(related=entry.called_from(call for region in regions for call in entry.places()[region]))


def _model_id(target: Target, context: Context) -> str:
    profile = None if target.kind == MODEL else context.catalog.profile(target.id)
    return profile.model_id if profile else target.id


def _dropped(target: Target, context: Context) -> tuple[str, str] | None:
    """What the service no longer lists, though no date of its end is known."""
    catalog = context.catalog
    last_seen: str | None
    if target.kind == MODEL:
        other = catalog.other_model(target.id)
        if other is None or other.category != "gone":
            return None
        last_seen = other.last_seen
    else:
        profile = catalog.profile(target.id)
        if profile is None or profile.status != "gone":
            return None
        last_seen = profile.last_seen
    return (
        f"`{target.id}` was no longer listed on {catalog.models_date}",
        (f"it was listed last on {last_seen}, and " if last_seen else "") + "a call by an id that is not listed fails",
    )


def _successor(entry: Named, context: Context) -> Fix:
    """What to call in place of what is not listed: another profile, where the model lives on."""
    model, region = listed_model(entry.target, context), next(iter(entry.places()))
    near = profiles_for(model, region, entry.usages, context.catalog) if model else ()
    return Fix(f"call {one_of(near)} from `{region}`") if near else Fix(_MOVE)


def _legacy(entry: Named, model: Model, context: Context) -> Problem:
    dated = model.eol_date is not None and (model.eol_regions is None or _is_dated(entry, model.eol_regions))
    ends = str(model.eol_date) if dated else ""
    if ends >= context.today:
        why = f"its life ends on {ends}; calls fail from then on"
    elif model.eol_date and model.eol_regions:
        verb = "ends" if model.eol_date >= context.today else "ended"
        why = f"its life {verb} in {some_regions(model.eol_regions)} on {model.eol_date}; elsewhere no date was found"
    else:
        why = "it will be withdrawn; no date was found in what AWS publishes"
    message = f"`{model.id}` was a legacy model on {context.catalog.models_date}"
    return _problem(entry, message, why, "legacy", Severity.WARNING if ends >= context.today else Severity.INFO)


def _is_dated(entry: Named, regions: tuple[str, ...]) -> bool:
    return not set(entry.places()).isdisjoint(regions)


def _problem(entry: Named, message: str, why: str, label: str, severity: Severity | None = None) -> Problem:
    sites = entry.called_from()
    return Problem(entry.node, message, why, label=label, fix=Fix(_MOVE), related=sites, severity=severity)
