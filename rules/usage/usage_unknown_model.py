"""A model or profile in use that the catalogue does not know.

## What it finds

A model id or the id of a system-defined inference profile in a call (or behind an application profile, a
prompt or a router) that the catalogue does not have. Ids that only price tables and hand-kept lists show are named as
such. What is known to be withdrawn is told by `usage-model-end-of-life`.

Calls in code and in templates count like declared ones.

## Why it matters

A call by an id that does not exist fails with "The provided model identifier is invalid", whatever the policy says.
Not every model has a profile in every geography, and the id cannot be guessed.

## How to fix it

Write the id as `aws bedrock list-foundation-models` or `aws bedrock list-inference-profiles` prints it in your Region.
If the model is newer than the date in the message, all is well: refresh the catalogue.

## Examples

```yaml bad
region: us-east-1
uses:
  - «converse amazon.nova-light-v1:0»
```

There are `jp.`, `au.` and `in.` profiles of this model, and no `apac.` one:

```yaml bad
region: ap-northeast-1
uses:
  - api: converse-stream
    model: «apac.anthropic.claude-sonnet-4-6»
```

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - api: converse
    model: arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123
    source: «us.anthropic.claude-sonet-4-6»
```

```yaml good
region: ap-northeast-1
uses:
  - converse-stream jp.anthropic.claude-sonnet-4-6
```

Of the sovereign cloud the catalogue knows no profiles:

```yaml good
region: eusc-de-east-1
uses:
  - converse eusc.anthropic.claude-sonnet-4-6
```

What an account owns has ids that no catalogue can know:

```yaml good
region: us-east-1
uses:
  - invoke-model arn:aws:bedrock:us-east-1:111122223333:imported-model/abc123
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL
from bedrock_policy_lint.diagnosis.named import named, profiles_for
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.named import Named
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.usage.usage import Target

_MOST = 3
_LIVING = ("listed", "documented")


@rule(Severity.WARNING, gate="model access")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    for entry in named(declaration):
        if not _is_known(entry.target, context.catalog) and _is_covered(entry, context.catalog):
            yield _unknown(entry, context.catalog)


def _is_known(target: Target, catalog: Catalog) -> bool:
    if target.kind != MODEL:
        return catalog.profile(target.id) is not None
    # A provisioned variant is named after its model and the size of its context.
    plain, _, size = target.id.rpartition(":")
    names = (target.id, plain, plain.rpartition(":")[0]) if size[:-1].isdigit() and size[-1:] == "k" else (target.id,)
    return any(catalog.model(name) or catalog.other_model(name) for name in names)


def _is_covered(entry: Named, catalog: Catalog) -> bool:
    """Whether the catalogue knows models in the partition of one of the Regions where it is called."""
    known = (catalog.geography(prefix) for prefix in catalog.geographies())
    partitions = {geography.partition for geography in known if geography}
    return any(catalog.partition_of(region) in partitions for region in entry.places())


def _unknown(entry: Named, catalog: Catalog) -> Problem:
    target = entry.target
    what = "a model" if target.kind == MODEL else "an inference profile"
    why = "a call by an id that does not exist fails; only if it is newer than that date, all is well"
    if target.kind != MODEL and catalog.community_profile(target.id):
        why = "only price tables and hand-kept lists show this id, no answer of the service does"
    return Problem(
        entry.node,
        f"`{target.id}` was not known as {what} on {catalog.models_date}",
        why,
        label="unknown to the catalogue",
        fix=_meant(entry, catalog),
        related=entry.called_from(),
    )


def _meant(entry: Named, catalog: Catalog) -> Fix | None:
    target = entry.target
    if target.kind == MODEL and catalog.profile(target.id):
        return Fix(f"write `{target.id}` alone: it is the id of a profile, which this ARN does not name")
    near = _in_their_regions(entry, catalog) or _nearest(target.id, catalog, is_model=target.kind == MODEL)
    return Fix(f"did you mean {one_of(near)}?") if near else None


def _in_their_regions(entry: Named, catalog: Catalog) -> tuple[str, ...]:
    """The profiles of the model that an unknown profile ends in, first those that the callers' Regions have."""
    model = None if entry.target.kind == MODEL else catalog.model(entry.target.id.partition(".")[2])
    if model is None:
        return ()
    found = [name for region, calls in entry.places().items() for name in profiles_for(model, region, calls, catalog)]
    return tuple(dict.fromkeys(found))[:_MOST] or model.profiles[:_MOST]


@lru_cache(maxsize=1024)
def _nearest(written: str, catalog: Catalog, *, is_model: bool) -> tuple[str, ...]:
    """The nearest names of the same provider or geography, else any."""
    living = (profile.id for profile in catalog.profiles() if profile.status in _LIVING)
    known = [model.id for model in catalog.models()] if is_model else list(living)
    start = written.partition(".")[0] + "."
    return catalog.nearest(written, [name for name in known if name.startswith(start)] or known)
