"""A model granted in a Region where it is not offered.

## What it finds

A foundation-model ARN with a Region in which, on the catalogue's date, the model could be called neither by its own
id nor through an inference profile, and to which no profile of the model sends requests; and any foundation-model ARN
in a Region without Bedrock.

Regions that were not scanned (GovCloud, `me-central-1`, `me-south-1`) and offers that are not confirmed are left
alone.

## Why it matters

The grant is never used: a call in that Region fails because the model is not there, not because of the policy.

## How to fix it

Write a Region that has the model, or a model that the Region has. If the model came to the Region after the date in
the message, all is well: refresh the catalogue.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:«us-west-1»::foundation-model/cohere.embed-english-v3"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:«ap-east-1»::foundation-model/anthropic.*"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3"
  }
}
```

In `us-east-2` this model has no call by its own id, but the profile sends requests there:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/models-region-compatibility.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL, allowed_target, are_settled, ended, offered, regions
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Resource


@rule(Severity.WARNING, gate="region")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    granted = allowed_target(resource)
    if granted is None or granted[0].kind != MODEL:
        return
    named, arn = granted
    catalog = context.catalog
    where = regions(arn, catalog)
    if not where:
        return
    if not any(region.bedrock for region in where):
        message = f"Bedrock was not offered in `{arn.region}` on {catalog.regions_date}"
        yield _problem(
            resource, message, "no model can be called there, so the grant is for nothing", Fix("delete the ARN")
        )
    elif named.exact and catalog.model(named.exact) and are_settled(where):
        found = offered(named.exact, catalog)
        if found.isdisjoint(region.name for region in where) and not ended(named, arn, context):
            message = f"`{named.exact}` was not offered in `{arn.region}` on {catalog.models_date}"
            why = (
                "neither a call by the model's id nor a route of a profile was known there, so the grant is for nothing"
            )
            yield _problem(resource, message, why, _elsewhere(str(arn.region), found))


def _problem(resource: Resource, message: str, why: str, fix: Fix | None) -> Problem:
    return Problem(resource.place("region"), message, why, label="not offered here", fix=fix)


def _elsewhere(region: str, found: frozenset[str]) -> Fix | None:
    """The Regions that have it, those with the longest common beginning first."""
    near = sorted(found, key=lambda name: (-_common(name, region), name))[:3]
    return Fix("it was offered in " + ", ".join(f"`{name}`" for name in near)) if near else None


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
