"""A profile that cannot be called from the caller's Region.

## What it finds

A call through a system-defined inference profile from a Region from which, on the catalogue's date, the profile could
not be called: `eu.` from `us-east-1`, or a `us.` profile that some Regions of its geography do not have. Regions that
were not scanned, routes that are not confirmed and calls that declare `destinations` are left alone.

Calls in code and in templates count like declared ones.

## Why it matters

A profile belongs to its source Regions. Elsewhere the service answers "The provided model identifier is invalid",
whatever the policy says.

## How to fix it

Name a profile that the Region has; `aws bedrock list-inference-profiles` prints them. Code that runs in several
Regions needs an id for each, or a `global.` profile.

## Examples

```yaml bad
region: us-east-1
uses:
  - «converse eu.anthropic.claude-sonnet-4-6»
```

```yaml bad
region: [eu-west-1, us-east-1]
uses:
  - api: converse-stream
    model: «eu.anthropic.claude-sonnet-4-6»
```

```yaml bad
region: us-gov-west-1
uses:
  - «converse us.amazon.nova-pro-v1:0»
```

```yaml good
region: eu-west-1
uses:
  - converse eu.anthropic.claude-sonnet-4-6
```

Canada is a source of `us.` profiles, Israel of some `eu.` ones:

```yaml good
uses:
  - {api: converse, model: us.anthropic.claude-sonnet-4-6, region: ca-central-1}
  - {api: converse, model: eu.amazon.nova-pro-v1:0, region: il-central-1}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import PROFILE
from bedrock_policy_lint.diagnosis.named import has_ended, named, profiles_for
from bedrock_policy_lint.diagnosis.wording import some_regions
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog, Profile
    from bedrock_policy_lint.diagnosis.named import Named
    from bedrock_policy_lint.frontends.declaration import Declaration


@rule(Severity.ERROR, gate="region")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    catalog = context.catalog
    for entry in named(declaration):
        profile = catalog.profile(entry.target.id) if entry.target.kind == PROFILE else None
        if profile is None:
            continue
        regions = [
            region
            for region, calls in entry.places().items()
            if any(call.destinations is None for call in calls)
            and not has_ended(entry.target, region, context)
            and _is_closed(profile, region, catalog)
        ]
        if regions:
            yield _problem(entry, profile, regions, catalog)


def _is_closed(profile: Profile, region: str, catalog: Catalog) -> bool:
    """Whether it is known that a profile cannot be called from a Region."""
    place = catalog.region(region)
    if place is None or not place.bedrock or profile.status not in ("listed", "documented"):
        return False
    if place.partition != profile.partition:
        # Of a partition without known profiles nobody knows how theirs are called.
        known = (catalog.geography(prefix) for prefix in catalog.geographies())
        return any(geography.partition == place.partition for geography in known if geography)
    open_to = {*profile.source_regions, *profile.documented_unscanned_sources, *(profile.unconfirmed_routes or {})}
    return place.scanned and profile.status == "listed" and region not in open_to


def _problem(entry: Named, profile: Profile, regions: list[str], catalog: Catalog) -> Problem:
    withdrawn = [profile.withdrawn_sources[region] for region in regions if region in profile.withdrawn_sources]
    geography = catalog.geography(profile.prefix)
    foreign = geography is not None and set(regions).isdisjoint(geography.source_regions)
    sources = some_regions(profile.source_regions)
    why = f"it can be called from {sources}; elsewhere the service answers that the id is invalid"
    if withdrawn and len(regions) == 1:
        why = f"calls from there were listed last on {withdrawn[0].last_seen}"
    return Problem(
        entry.node,
        f"`{profile.id}` could not be called from {some_regions(regions)} on {catalog.models_date}",
        why,
        label="not offered there",
        fix=_instead(entry, profile, regions[0], catalog),
        related=entry.called_from(call for region in regions for call in entry.places()[region]),
        severity=Severity.ERROR if foreign and not withdrawn else Severity.WARNING,
    )


def _instead(entry: Named, profile: Profile, region: str, catalog: Catalog) -> Fix | None:
    """The model's profiles of one of these Regions."""
    model = catalog.model(profile.model_id)
    near = profiles_for(model, region, entry.usages, catalog) if model else ()
    return Fix(f"call {one_of(near)} from `{region}`") if near else None
