"""A call in a Region that has no Bedrock.

## What it finds

A Region of a call where, on the date of the catalogue, Bedrock had no endpoint; and a `mantle` call in a
Region where neither AWS's documents nor a list request showed the `bedrock-mantle` endpoint.

Calls in code and in templates count like declared ones.

## Why it matters

The name of the endpoint does not resolve, so that the call fails before any policy is asked.

## How to fix it

Declare, and call, a Region that has Bedrock. If it came to the Region after the date in the message, all is well:
refresh the catalogue.

## Examples

```yaml bad
region: «ap-east-1»
uses:
  - converse amazon.nova-lite-v1:0
  - converse-stream amazon.nova-lite-v1:0
```

```yaml bad
region: [us-east-1, «us-west-1»]
uses:
  - mantle openai.gpt-oss-120b
```

```yaml good
region: us-east-1
uses:
  - converse amazon.nova-lite-v1:0
```

A data centre that nobody has scanned may still have Bedrock:

```yaml good
region: me-central-1
uses:
  - converse global.anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/general/latest/gr/bedrock.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/models-region-compatibility.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.named import usages
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.usage.apis import MANTLE, find
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Region
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.sources.node import Node


@rule(Severity.ERROR, gate="region")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    told = set()
    for usage in usages(declaration):
        node, region = usage.at("region"), context.catalog.region(usage.region)
        api = find(usage.api)
        if node is None or region is None or api is None:
            continue
        on_mantle = api.service == MANTLE and region.bedrock
        key = (id(node), region.name, on_mantle)
        if key in told:
            continue
        told.add(key)
        if not region.bedrock:
            yield _no_bedrock(node, region, context)
        elif on_mantle and region.mantle_documented is False and region.mantle_answered is False:
            yield _no_mantle(node, region, context)


def _no_bedrock(node: Node, region: Region, context: Context) -> Problem:
    catalog = context.catalog
    others = [other.name for other in catalog.regions() if other.bedrock and other.partition == region.partition]
    near = catalog.nearest(region.name, others)
    none = "" if others else f", and no Region of the partition `{region.partition}` had one"
    return Problem(
        node,
        f"Bedrock was not offered in `{region.name}` on {catalog.regions_date}",
        f"there was no endpoint to call{none}",
        label="no Bedrock here",
        fix=Fix(f"call another Region, such as {one_of(near)}") if near else None,
    )


def _no_mantle(node: Node, region: Region, context: Context) -> Problem:
    catalog = context.catalog
    near = catalog.nearest(region.name, [other.name for other in catalog.regions() if other.mantle])
    return Problem(
        node,
        f"the `{MANTLE}` endpoint was not known in `{region.name}` on {catalog.regions_date}",
        "neither the documents of AWS name the Region, nor did the endpoint answer there",
        label="no such endpoint here",
        fix=Fix(f"call another Region, such as {one_of(near)}, or an API of bedrock-runtime") if near else None,
        severity=Severity.WARNING,
    )
