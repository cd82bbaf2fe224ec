"""A declared call whose data can leave the geography in which it must stay.

## What it finds

A call with `residency` that is made in a Region outside of that geography, or through a profile that may run it
outside: any `global.` profile, a profile whose routes (or the declared `destinations`) lead out, a guardrail whose
profile does. The Regions of a geography are those to which its inference profiles send calls. What is not known to
lead out is left alone.

## Why it matters

Prompts and answers are processed where the call runs. A `global.` profile may pick any commercial Region, and no
policy turns it into a regional one: IAM can only forbid it.

## How to fix it

Call a profile of the geography from one of its Regions, or a model on demand. To forbid the rest, deny
`aws:RequestedRegion` outside of the geography's Regions; that stops global profiles too.

## Examples

```yaml bad
region: eu-west-1
residency: eu
uses:
  - «converse global.anthropic.claude-sonnet-4-6»
  - converse eu.anthropic.claude-sonnet-4-6
```

Calls of this profile from Canada may run in the United States:

```yaml bad
region: ca-central-1
residency: ca
uses:
  - api: converse
    model: «us.anthropic.claude-sonnet-4-6»
```

```yaml bad
residency: eu
region: [eu-west-1, «us-east-1»]
uses:
  - invoke-model amazon.titan-embed-text-v2:0
```

```yaml good
region: eu-west-1
residency: eu
uses:
  - converse eu.anthropic.claude-sonnet-4-6
```

Routes that stay in Japan stay in Asia:

```yaml good
region: ap-northeast-1
residency: apac
uses:
  - converse jp.anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.arns import PROFILE, profiles_from
from bedrock_policy_lint.diagnosis.named import leaves, listed_model, usages
from bedrock_policy_lint.diagnosis.wording import some_regions
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Target, Usage

_MOST = 3
_LISTING = "list"
_AUTOMATION = "data-automation"


class _Way(NamedTuple):
    """Where a call may run because of one thing that it names."""

    field: str
    """The key of the declaration that names it."""
    name: str
    regions: tuple[str, ...] | None
    """None for any Region."""
    target: Target | None = None


@rule(Severity.ERROR, gate="hygiene")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    told = set()
    for usage in usages(declaration):
        here = context.catalog.region(usage.region)
        if not usage.residency or usage.api == _LISTING or here is None or not here.bedrock:
            continue
        for problem in _leaks(usage, context):
            key = (id(problem.at), problem.message)
            if key not in told:
                told.add(key)
                yield problem


def _leaks(usage: Usage, context: Context) -> Iterator[Problem]:
    catalog = context.catalog
    is_outside = _leaves(usage.region, usage.residency, catalog)
    region = usage.at("region")
    if is_outside and region is not None:
        message = f"calls in `{usage.region}` are processed outside of `{usage.residency}`"
        yield _problem(usage, region, message, _regions_of(usage.residency, catalog))
    for way in _ways(usage, catalog):
        node = usage.at(way.field)
        if node is None or (is_outside and way.regions is not None):
            continue
        if way.regions is None:
            reach = "in any commercial Region"
        else:
            out = [name for name in way.regions if _leaves(name, usage.residency, catalog)]
            if not out:
                continue
            reach = f"in {some_regions(out)}, outside of `{usage.residency}`"
        message = f"{way.name} may run calls from `{usage.region}` {reach}"
        yield _problem(usage, node, message, _profiles(usage, way.target, context))


def _ways(usage: Usage, catalog: Catalog) -> Iterator[_Way]:
    """Where else than in its own Region a call may run."""
    from bedrock_policy_lint.usage import routes  # only a declaration is worth its load
    from bedrock_policy_lint.usage.invocations import is_global

    for target in leaves(usage.target):
        if target.kind == PROFILE:
            field = "model" if target is usage.target else "source"
            name = f"`{target.id}`"
            if is_global(target):
                yield _Way(field, name, None, target)
            elif usage.destinations is None:
                yield _Way(field, name, _reach(usage, target, catalog), target)
        elif target.region and target.region != usage.region:
            yield _Way("model" if target is usage.target else "source", f"`{target.written}`", (target.region,))
    if usage.destinations:
        yield _Way("destinations", "the call, as declared,", usage.destinations)
    guardrail = usage.guardrail
    if guardrail is not None and guardrail.profile:
        profile = guardrail.profile if "." in guardrail.profile else f"{guardrail.profile}.guardrail.v1:0"
        known = routes.destinations(routes.GUARDRAIL, profile, usage.region)
        yield _Way("guardrail", f"the guardrail's profile `{profile}`", known or ())
    if usage.api == _AUTOMATION:
        for route in routes.routes(routes.DATA_AUTOMATION, usage.region):
            yield _Way("api", f"the profile `{route.profile}`", route.destinations or None)


def _reach(usage: Usage, target: Target, catalog: Catalog) -> tuple[str, ...]:
    """The Regions of a profile as far as they are known to be in play."""
    from bedrock_policy_lint.usage.invocations import destinations

    known = destinations(usage, target, catalog)
    profile = catalog.profile(target.id)
    if known is not None or (profile is not None and profile.routes is not None):
        return known or ()  # where it cannot be called from, `geo-prefix-region-mismatch` tells
    geography = catalog.geography(target.id.partition(".")[0])
    everywhere = (geography.destination_regions or ()) if geography else ()
    # Of unknown routes no more can be said than that they stay in their geography.
    return everywhere if all(_leaves(name, usage.residency, catalog) for name in everywhere) else ()


@lru_cache(maxsize=1024)
def _leaves(region: str, residency: str, catalog: Catalog) -> bool:
    """Whether a Region is certainly outside of a geography."""
    geography = catalog.geography(residency)
    inside = set(geography.destination_regions or ()) if geography else set()
    if geography is None or not inside or region in inside or region in geography.source_regions:
        return False
    if catalog.partition_of(region) != geography.partition:
        return False  # a partition of its own may lie in the same part of the world
    # A smaller geography that is partly within shows that the Region may be meant as well: New Zealand and `apac`.
    others = (catalog.geography(prefix) for prefix in catalog.geographies())
    reaches = (set(other.destination_regions) for other in others if other and other.destination_regions)
    return not any(region in reach and reach & inside and len(reach) < len(inside) for reach in reaches)


def _regions_of(residency: str, catalog: Catalog) -> Fix | None:
    """Regions of a geography, those first that no other has."""
    reaches = {
        prefix: known.destination_regions or ()
        for prefix in catalog.geographies()
        if (known := catalog.geography(prefix)) is not None
    }
    regions = sorted(reaches.get(residency, ()), key=lambda name: sum(name in reach for reach in reaches.values()))
    return Fix(f"call a Region of `{residency}`, such as {one_of(regions[:_MOST])}") if regions else None


def _profiles(usage: Usage, target: Target | None, context: Context) -> Fix | None:
    """The profiles of the same model that stay."""
    catalog = context.catalog
    model = listed_model(target, context) if target else None
    if model is None:
        return None
    if usage.region in model.on_demand_regions:
        return Fix(f"call `{model.id}` itself, which runs in `{usage.region}`")
    staying = []
    for name in profiles_from(model, usage.region, catalog):
        profile = catalog.profile(name)
        known = profile.destinations(usage.region) if profile else None
        if known and not any(_leaves(region, usage.residency, catalog) for region in known):
            staying.append(name)
    return Fix(f"call {one_of(staying[:_MOST])}") if staying else None


def _problem(usage: Usage, node: Node, message: str, fix: Fix | None) -> Problem:
    declared = usage.nodes.get("residency")
    return Problem(
        node,
        message,
        f"the declaration says that data stays in `{usage.residency}`",
        label=f"leaves `{usage.residency}`",
        fix=fix,
        related=(Note(declared, "this is declared here"),) if declared is not None else (),
    )
