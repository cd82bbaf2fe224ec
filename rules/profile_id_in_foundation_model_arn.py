"""A profile's id in a foundation-model ARN, or a model's id in an inference-profile ARN.

## What it finds

`foundation-model/us.anthropic.…`: the id of an inference profile, which a geography (`us.`, `eu.`, `global.` …)
begins, where only ids of models can match. Also `inference-profile/anthropic.…`: the id of a model where only ids of
profiles can match. Patterns such as `foundation-model/us.*` are found too.

Where the usage is declared, an Allow with such an entry that is meant for a declared call is reported as what that call
fails of.

## Why it matters

Models and profiles are two types of resource. Such an ARN matches nothing, so an Allow grants nothing and a Deny
stops nothing. It is the usual result of pasting the profile id that the code calls into the ARN that used to hold the
model id.

## How to fix it

A call through a profile is checked on the profile *and* on the models behind it. Allow both: the profile's ARN, which
carries your account id, and the ARN of the model without the geography, in every Region that the profile can reach. A
global profile also asks for the model's ARN without a Region.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-east-1::foundation-model/«us.anthropic.claude-sonnet-4-6»"
    ]
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/«global.*»"
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
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/«amazon.nova-lite-v1:0»",
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
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
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

A wildcard that reaches over the geography is right:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/*.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

A declared call fails of it:

```yaml bad
region: us-east-1
account: "111122223333"
complete: false
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: arn:aws:bedrock:*::foundation-model/«us.anthropic.claude-sonnet-4-6»
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL, Target, geography_of, is_misplaced, profiles_from, target
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, also, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.model.arn import Arn


@rule(Severity.ERROR, gate="permission")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    named = target(resource.arn)
    if named is None or resource.arn is None or not is_misplaced(named, context.catalog):
        return
    if named.kind == MODEL:
        yield _profile_as_model(resource, named, resource.arn, context)
    else:
        yield _model_as_profile(resource, named, resource.arn, context)


@also
def check_cause(cause: Cause, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.problem import as_denial, replace_resource

    entry = cause.place
    if isinstance(entry, Resource):
        fix = replace_resource(cause, entry)
        found = (fault._replace(fix=fix) for fault in check(entry, context) if isinstance(fault, Problem))
        yield from as_denial(cause, found)


def _profile_as_model(resource: Resource, named: Target, arn: Arn, context: Context) -> Problem:
    return Problem(
        resource.place("id"),
        f"`{named.id}` names an inference profile, not a foundation model",
        "the id of a foundation model has no geography in front of it, so the ARN matches nothing",
        label="matches no model",
        fix=Fix(_arns(named, arn, context, denies=resource.statement.denies)),
    )


def _arns(named: Target, arn: Arn, context: Context, *, denies: bool) -> str:
    """The profile's ARN and the ARN of the models behind it, as exactly as this one tells."""
    start = f"arn:{arn.partition}:bedrock"
    region = str(arn.region) or "<region>"
    profile = f"write `{start}:{region}:<account>:inference-profile/{named.id}`"
    if denies:
        return profile
    written = str(named.id)
    geography = geography_of(named.id, context.catalog)
    model = written.partition(".")[2]
    if geography == "global" and "*" not in region:
        models = f"`{start}:{region}::foundation-model/{model}` and `{start}:::foundation-model/{model}`"
    else:
        models = f"`{start}:*::foundation-model/{model}`"
    return f"{profile}, and allow what is behind it: {models}"


def _model_as_profile(resource: Resource, named: Target, arn: Arn, context: Context) -> Problem:
    catalog = context.catalog
    model = catalog.model(named.exact) if named.exact else None
    region = arn.region if isinstance(arn.region, str) else ""
    profiles = profiles_from(model, region, catalog)[:3] if model else ()
    instead = f"`arn:{arn.partition}:bedrock:{region or '<region>'}::foundation-model/{named.id}`"
    advice = f"name a profile ({', '.join(f'`{name}`' for name in profiles)}), or the model itself: {instead}"
    return Problem(
        resource.place("id"),
        f"`{named.id}` names a foundation model, not an inference profile",
        "the id of a system-defined profile begins with a geography (`us.`, `global.` …), so the ARN matches nothing",
        label="matches no profile",
        fix=Fix(advice if profiles else f"name the model itself: {instead}"),
    )
