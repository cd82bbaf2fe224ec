"""Models that may be called directly beside the inference profile that the policy allows.

## What it finds

A policy that allows an inference profile, and also foundation models in a statement without a condition on
`bedrock:InferenceProfileArn`. Where an application inference profile is named, made to carry tags and costs, that is
a warning; otherwise direct calls are often meant, and the finding is shown with `--pedantic` only. Models that cannot
be called without a profile are left out.

## Why it matters

The profile row and the model rows of a call are checked apart. What allows the model rows for everybody also allows a
call by the model's own id: it carries no tags of the profile, and may be made in any Region the ARN names.

## How to fix it

Move the models into a statement of their own, with the profile's ARN under `ArnLike` and
`bedrock:InferenceProfileArn`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
      «"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"»
    ]
  }
}
```

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": «"arn:aws:bedrock:us-*::foundation-model/amazon.nova-lite-v1:0"»
    }
  ]
}
```

```json good pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6"
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "Condition": {
        "ArnLike": {
          "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:application-inference-profile/a1b2c3d4e5f6"
        }
      }
    }
  ]
}
```

In these Regions the model can be called through a profile only, so nothing goes past it:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import is_misplaced, needs_profile, target
from bedrock_policy_lint.bedrock.invocable import asks_about_profile, invocable
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy, Resource


@rule(Severity.INFO, gate="hygiene", confidence=POSSIBLE)
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    found = invocable(policy, context)
    if found is None or found.any_model or not found.models:
        return
    named = [resource for resource in found.applications if _is_exact(resource)]
    profile = next(iter((*named, *found.applications, *found.profiles)), None)
    if profile is None or any(statement.denies and asks_about_profile(statement) for statement in policy.statements):
        return
    model = next((model for model in found.models if _is_direct(model, context)), None)
    if model is not None:
        yield _problem(model, profile, certain=bool(named) and not found.profiles)


def _is_exact(resource: Resource) -> bool:
    found = target(resource.arn)
    return found is not None and bool(found.exact)


def _is_direct(model: Resource, context: Context) -> bool:
    """Whether a call by the model's own id may work."""
    named = target(model.arn)
    if named is None or is_misplaced(named, context.catalog):
        return False
    return model.arn is not None and model.arn.region != "" and not needs_profile(model.arn, context)


def _problem(model: Resource, profile: Resource, *, certain: bool) -> Problem:
    return Problem(
        model,
        "the model can also be called directly, past the profile that this policy allows",
        "no condition ties the model to `bedrock:InferenceProfileArn`, which only calls through a profile carry",
        label="open to direct calls",
        fix=Fix("move it to a statement with `bedrock:InferenceProfileArn` under `ArnLike`"),
        related=(Note(profile, "the profile"),),
        severity=Severity.WARNING if certain else None,
        confidence=CERTAIN if certain else None,
    )
