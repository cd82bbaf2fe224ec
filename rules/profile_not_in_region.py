"""An inference profile granted in a Region from which it cannot be called.

## What it finds

An inference-profile ARN with a Region that was none of the profile's source Regions on the catalogue's date: a `us.`
profile in `eu-west-1`. Patterns such as `inference-profile/us.*` are judged by the source Regions of all profiles of
the geography. A Region that was withdrawn is a warning; Regions that were not scanned are left alone.

## Why it matters

The Region in the ARN is the one that the client calls. There the service answers that the model identifier is
invalid, whatever the policy says.

## How to fix it

Write the profile of that Region's geography, or the Region that the client really uses. A `global.` profile can be
called from nearly everywhere, but may run the request anywhere.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:«eu-west-1»:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:«ap-northeast-1»:111122223333:inference-profile/eu.*",
      "arn:aws:bedrock:*::foundation-model/anthropic.*"
    ]
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

Canada is a source of `us.` profiles, Israel of some `eu.` ones:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:ca-central-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:il-central-1:111122223333:inference-profile/eu.amazon.nova-pro-v1:0",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import (
    PROFILE,
    Target,
    allowed_target,
    are_settled,
    ended,
    geography_of,
    profile_of,
    profiles_from,
    regions,
)
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Profile
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.policy import Resource


@rule(Severity.ERROR, gate="region")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    found = allowed_target(resource)
    if found is None or found[0].kind != PROFILE:
        return
    named, arn = found
    where = regions(arn, context.catalog)
    if not where or not are_settled(where):
        return
    names = [region.name for region in where]
    profile = profile_of(named, context.catalog)
    if profile is not None:
        if profile.status == "listed" and not ended(named, arn, context):
            yield from _profile(resource, arn, profile, names, context)
    elif not named.exact:
        yield from _pattern(resource, arn, named, names, context)


def _profile(resource: Resource, arn: Arn, profile: Profile, names: list[str], context: Context) -> Iterator[Problem]:
    sources = profile.source_regions
    reach = context.catalog.geography(profile.prefix)
    if not set(names).isdisjoint(sources) or reach is None:
        return
    withdrawn = next((profile.withdrawn_sources[name] for name in names if name in profile.withdrawn_sources), None)
    if withdrawn:
        why = f"calls from this Region were listed last on {withdrawn.last_seen}"
    else:
        why = f"the profile is called from {_some(sources)}; elsewhere the service answers that the id is invalid"
    foreign = withdrawn is None and set(names).isdisjoint(reach.source_regions)
    yield Problem(
        resource.place("region"),
        f"`{profile.id}` could not be called from `{arn.region}` on {context.catalog.models_date}",
        why,
        label="withdrawn here" if withdrawn else "not a source Region",
        fix=_instead(profile, names, context),
        severity=None if foreign else Severity.WARNING,
    )


def _instead(profile: Profile, names: list[str], context: Context) -> Fix | None:
    """The model's profiles of that Region."""
    catalog = context.catalog
    model = catalog.model(profile.model_id)
    found = [name for region in names for name in (profiles_from(model, region, catalog) if model else ())]
    near = list(dict.fromkeys(found))[:3]
    return Fix("name a profile of that Region: " + " or ".join(f"`{name}`" for name in near)) if near else None


def _pattern(resource: Resource, arn: Arn, named: Target, names: list[str], context: Context) -> Iterator[Problem]:
    catalog = context.catalog
    geography = geography_of(named.id, catalog)
    reach = catalog.geography(geography) if geography else None
    if reach is None or not set(names).isdisjoint(reach.source_regions) or not matches(arn.partition, reach.partition):
        return
    near = [
        prefix
        for prefix in catalog.geographies()
        if (known := catalog.geography(prefix)) and not set(names).isdisjoint(known.source_regions)
    ]
    yield Problem(
        resource.place("region"),
        f"`{geography}.` profiles could not be called from `{arn.region}` on {catalog.models_date}",
        f"they are called from {_some(reach.source_regions)}; elsewhere the service answers that the id is invalid",
        label="not a source Region",
        fix=Fix("profiles of that Region begin with " + " or ".join(f"`{name}.`" for name in near)) if near else None,
    )


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
