"""A grant for a model or profile that has reached its end of life.

## What it finds

A model that had reached its end of life, in the Regions that the ARN names, before today; a model or an inference
profile that the service no longer lists. End of life is set per Region: a model that still runs elsewhere, or that a
listed profile still reaches there, is not reported.

## Why it matters

Calls to the model fail, whatever the policy says. The grant is dead weight, and hides that the code behind it must
move.

## How to fix it

Grant the model that took its place, change the model id in the code, and delete this ARN.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/«amazon.nova-canvas-v1:0»"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/«anthropic.claude-3-haiku-20240307-v1:0»"
  }
}
```

This model's life ends on 2026-11-26, so this example is one of December:

```json bad today=2026-12-01
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-*::foundation-model/«ai21.jamba-1-5-mini-v1:0»"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A Deny of an old model is no fault:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import (
    MODEL,
    PROFILE,
    Target,
    allowed_target,
    ended,
    listed_model_of,
    model_of,
    profile_of,
)
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Resource


@rule(Severity.ERROR, gate="model access")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    found = allowed_target(resource)
    if found is None or not found[0].exact or found[0].kind not in (MODEL, PROFILE):
        return
    named, arn = found
    dropped = _dropped(named, context)
    if ended(named, arn, context):
        yield _problem(resource, *_end_of_life(named, str(arn.region), context))
    elif dropped:
        yield _problem(resource, *dropped, Severity.WARNING)


def _end_of_life(named: Target, region: str, context: Context) -> tuple[str, str]:
    model = model_of(named, context.catalog)
    assert model is not None  # noqa: S101 - what has ended is known
    listed = listed_model_of(named, context.catalog)
    where = f" in `{region}`" if listed and listed.eol_regions else ""
    what = f"`{model.id}`" if named.kind == MODEL else f"the model behind `{named.exact}`"
    return (
        f"{what} reached its end of life{where} on {model.eol_date}",
        "calls to it fail since then, whatever the policy allows",
    )


def _dropped(named: Target, context: Context) -> tuple[str, str] | None:
    """What the service no longer lists, though no date of its end is known."""
    catalog = context.catalog
    other, profile = catalog.other_model(named.exact), profile_of(named, catalog)
    last_seen: str | None
    if named.kind == MODEL and other and other.category == "gone":
        last_seen = other.last_seen
    elif profile and profile.status == "gone":
        last_seen = profile.last_seen
    else:
        return None
    return (
        f"`{named.exact}` was no longer listed on {catalog.models_date}",
        (f"it was listed last on {last_seen}, and " if last_seen else "") + "a call by an id that is not listed fails",
    )


def _problem(resource: Resource, message: str, why: str, severity: Severity | None = None) -> Problem:
    fix = Fix("grant what the code calls today, and delete this ARN")
    return Problem(resource.place("id"), message, why, label="withdrawn", fix=fix, severity=severity)
