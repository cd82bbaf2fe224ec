"""An inference-profile ARN whose system-defined profile is not known.

## What it finds

An id in an `inference-profile` ARN that is no system-defined profile of the catalogue, and a pattern that matches
none. Profiles that are withdrawn count as known. Ids that only price tables and hand-kept lists show are named as
such.

## Why it matters

Not every model has a profile in every geography, and the id cannot be guessed: `apac.` is not offered for the models
for which `jp.`, `au.` and `in.` are. IAM accepts the invented id, and the call fails.

## How to fix it

Write the id as `aws bedrock list-inference-profiles` prints it in your Region. Profiles that you made yourself have
ARNs of the type `application-inference-profile`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/«apac.anthropic.claude-sonnet-4-6»",
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
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/«team-chat»",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
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
      "arn:aws:bedrock:ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
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
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.*",
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/${ProfileId}",
      "arn:aws:bedrock:*::foundation-model/anthropic.*"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import (
    APPLICATION,
    PROFILE,
    can_match,
    geography_of,
    is_misplaced,
    profile_ids,
    target,
)
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Resource


@rule(Severity.ERROR, gate="model access")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    named = target(resource.arn)
    if named is None or named.kind != PROFILE or named.id in ("*", "") or is_misplaced(named, context.catalog):
        return
    catalog = context.catalog
    if named.exact:
        if catalog.profile(named.exact) is None:
            yield _unknown(resource, named.exact, context)
    elif resource.statement.allows and not resource.in_not_resource and not can_match(named.id, profile_ids(catalog)):
        yield Problem(
            resource.place("id"),
            f"`{named.id}` matches no inference profile that was known on {catalog.models_date}",
            "if no newer profile fits the pattern, the grant is for nothing",
            label="matches no known profile",
            fix=_nearest(str(named.id).replace("*", ""), context),
            severity=Severity.WARNING,
        )


def _unknown(resource: Resource, profile_id: str, context: Context) -> Problem:
    catalog = context.catalog
    community = catalog.community_profile(profile_id)
    place = resource.place("id")
    if "." not in profile_id:
        return Problem(
            place,
            f"`{profile_id}` is no id of a system-defined inference profile",
            "ids of that type read `<geography>.<model id>`; profiles that you create are of another type",
            label="no such profile",
            fix=Fix(f"write `{APPLICATION}/{profile_id}` if you created the profile"),
        )
    newer = geography_of(profile_id, catalog) is not None or _model_behind(profile_id, context)
    if community:
        why = "only price tables and hand-kept lists show this id, no answer of the service does"
    elif newer:
        why = "if the profile is not newer than that, the ARN matches nothing"
    else:
        why = "no profile bears this name, so the ARN matches nothing"
    return Problem(
        place,
        f"`{profile_id}` was not known as an inference profile on {catalog.models_date}"
        if newer
        else f"`{profile_id}` is no inference profile",
        why,
        label="unknown to the catalogue" if newer else "no such profile",
        fix=_nearest(profile_id, context),
        severity=Severity.WARNING if newer else None,
    )


def _model_behind(profile_id: str, context: Context) -> bool:
    """Whether a known model follows what may be a new geography."""
    model_id = profile_id.partition(".")[2]
    return context.catalog.model(model_id) is not None


def _nearest(profile_id: str, context: Context) -> Fix | None:
    """The profiles of the same model, else those with the nearest names."""
    catalog = context.catalog
    model = catalog.model(profile_id.partition(".")[2])
    names = model.profiles if model and model.profiles else catalog.nearest(profile_id, profile_ids(catalog))
    return Fix(f"did you mean {one_of(names[:3])}?") if names else None
