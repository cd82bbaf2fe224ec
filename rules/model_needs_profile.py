"""A model granted by its own id where only an inference profile can call it, and no profile granted.

## What it finds

A policy that allows the invocation of a foundation model in Regions where, on the catalogue's date, the model could
only be called through an inference profile, while the policy allows no profile at all. A statement with a condition
on `bedrock:InferenceProfileArn` is taken as made for a profile.

Only this document is seen. Another policy of the same principal may allow the profile; then ignore the finding with
that as the reason.

## Why it matters

An on-demand call by the model's id fails with "on-demand throughput isn't supported". A call through a profile is
checked on the profile as well, and denied where nothing allows it.

## How to fix it

Allow the profile too, by its ARN with your account id, and call its id from the code.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": «"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6"»
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
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      «"arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-5"»
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
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

London has this model on demand, so the first needs no profile; the second statement is made for one:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:eu-west-2::foundation-model/anthropic.claude-sonnet-4-6"
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-5",
      "Condition": {
        "ArnLike": {
          "bedrock:InferenceProfileArn": "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.*"
        }
      }
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import needs_profile, profiles_from, regions, target
from bedrock_policy_lint.bedrock.invocable import invocable
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy, Resource


@rule(Severity.WARNING, gate="model access", guesses="model")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    found = invocable(policy, context)
    if found is None or found.any_profile or found.profiles or found.applications:
        return
    by_model: dict[str, list[Resource]] = {}
    for resource in found.models:
        named = target(resource.arn)
        if named is not None and named.exact:
            by_model.setdefault(named.exact, []).append(resource)
    for model_id, resources in by_model.items():
        if all(needs_profile(resource.arn, context) for resource in resources):
            yield _problem(model_id, resources, context)


def _problem(model_id: str, resources: list[Resource], context: Context) -> Problem:
    catalog = context.catalog
    model = catalog.model(model_id)
    first = resources[0]
    arn = first.arn
    here = regions(arn, catalog) if arn else None
    single = here[0].name if here and len(here) == 1 else ""
    names = profiles_from(model, single, catalog) if model and single else model.profiles if model else ()
    shown = " or ".join(f"`inference-profile/{name}`" for name in names[:3])
    return Problem(
        first,
        f"nothing in this document allows a profile of `{model_id}`, which needed one for on-demand calls"
        f" on {catalog.models_date}",
        "there an on-demand call by the model's own id fails, and one through a profile needs a grant of it too",
        label="a profile is needed to call it",
        fix=Fix(f"allow {shown} with your account id as well"),
        related=tuple(Note(resource, "here too") for resource in resources[1:3]),
    )
