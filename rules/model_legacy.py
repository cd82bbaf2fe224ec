"""A grant for a model in its legacy phase.

## What it finds

A model, or the model behind a system-defined profile, that the service listed as legacy on the catalogue's date.
Where AWS has published when its life ends in the Regions of the ARN, the finding says so and is a warning.

## Why it matters

A legacy model still answers, but one day it is withdrawn. Then the calls fail, whatever the policy says.

## How to fix it

Plan the move to a current model. When the code has moved, change the ARN.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/«ai21.jamba-1-5-mini-v1:0»"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:ca-central-1::foundation-model/«anthropic.claude-3-haiku-20240307-v1:0»"
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

A pattern pins no model, and an old model among others in it is no fault:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/ai21.*"
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import allowed_target, ended, listed_model_of, offered, profile_of, regions
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Model
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.policy import Resource


@rule(Severity.INFO, gate="model access")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    found = allowed_target(resource)
    if found is None:
        return
    named, arn = found
    catalog = context.catalog
    model = listed_model_of(named, catalog)
    profile = profile_of(named, catalog)
    if model is None or model.status != "legacy" or (profile and profile.status == "gone"):
        return
    where = regions(arn, catalog) or ()
    elsewhere = profile is None and bool(where) and all(region.scanned for region in where)
    if elsewhere and offered(model.id, catalog).isdisjoint(region.name for region in where):
        return
    if not ended(named, arn, context):
        yield _legacy(resource, model, arn, context)


def _legacy(resource: Resource, model: Model, arn: Arn, context: Context) -> Problem:
    where = {region.name for region in regions(arn, context.catalog) or ()}
    dated = model.eol_date is not None and (model.eol_regions is None or not where.isdisjoint(model.eol_regions))
    ends = str(model.eol_date) if dated else ""
    if ends >= context.today:
        why = f"its life ends on {ends}; calls fail from then on"
    elif model.eol_date:
        verb = "ended" if model.eol_date < context.today else "ends"
        why = f"its life {verb} on {model.eol_date} in some Regions, and for the rest no date was found"
    else:
        why = "it will be withdrawn; no date was found in what AWS publishes"
    return Problem(
        resource.place("id"),
        f"`{model.id}` was a legacy model on {context.catalog.models_date}",
        why,
        label="legacy",
        fix=Fix("plan the move to a current model"),
        severity=Severity.WARNING if ends >= context.today else None,
    )
