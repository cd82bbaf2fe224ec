"""A Deny that exempts foundation models, but not the profiles through which they are called.

## What it finds

In a service control policy, a Deny on the invocation of models whose `NotResource` lists foundation models and no
inference profile. It is an error when one of the models can only be called through a profile.

## Why it matters

A call through a profile is checked on the ARN of the profile first. That ARN is not in the list, so the Deny applies
and every call through a profile fails, whatever the model. Most current models can be called in no other way.

## How to fix it

Add the profiles to `NotResource`. The models behind them are still checked one by one, so this exempts no other model.
If calls through profiles are to be stopped, say so in a statement that denies the profiles.

## Examples

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "NotResource": [«"arn:aws:bedrock:*::foundation-model/amazon.*"»]
  }
}
```

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:InvokeModel*",
    "NotResource": [
      "arn:aws:bedrock:*::foundation-model/amazon.titan-embed-text-v2:0",
      «"arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0"»
    ]
  }
}
```

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "NotResource": [
      "arn:aws:bedrock:*::foundation-model/amazon.*",
      "arn:aws:bedrock:*:*:inference-profile/*",
      "arn:aws:bedrock:*:*:application-inference-profile/*"
    ]
  }
}
```

A Deny that names models in `Resource` does not meet the profile's own ARN:

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock-mantle:CreateInference"],
    "Resource": ["arn:aws:bedrock:*::foundation-model/amazon.*", "arn:aws:bedrock-mantle:*:*:project/*"]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE, can_be, target
from bedrock_policy_lint.model.condition import is_about_caller
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Resource, Statement

_MOST_RESOURCES = 1000


@rule(Severity.WARNING, gate="permission")
def check(statement: Statement, context: Context) -> Iterator[Problem]:
    if statement.policy.kind != "scp" or not statement.denies or not statement.not_resource_nodes:
        return
    if INVOKE.isdisjoint(context.actions_of(statement)) or len(statement.not_resource_nodes) > _MOST_RESOURCES:
        return
    if not all(is_about_caller(test) for test in statement.tests):
        return
    resources = statement.resources
    models = [resource for resource in resources if (named := target(resource.arn)) and named.kind == MODEL]
    if not models or any(_may_be_profile(resource) for resource in resources):
        return
    bound = next((resource for resource in models if _needs_profile(resource, context)), None)
    name = bound.arn.id if bound is not None and bound.arn is not None else ""
    yield Problem(
        bound or models[0],
        f"this Deny exempts `{name}`, which can only be called through a profile, and stops every such call"
        if bound
        else "this Deny exempts models, but stops every call that reaches them through an inference profile",
        "a call through a profile is checked on the profile's own ARN too, which is not in `NotResource`",
        label="exempt, its profiles are not",
        fix=Fix(f"add {_profiles(models[0])} to `NotResource`; the models behind them are still checked"),
        severity=Severity.ERROR if bound else None,
    )


def _may_be_profile(resource: Resource) -> bool:
    arn, named = resource.arn, target(resource.arn)
    if named:
        return named.kind in (PROFILE, APPLICATION)
    if arn is None:
        return True
    return can_be(arn, PROFILE) or can_be(arn, APPLICATION)


def _needs_profile(resource: Resource, context: Context) -> bool:
    named = target(resource.arn)
    model = context.catalog.model(named.exact) if named and named.exact else None
    return model is not None and model.inference_profile_only is True


def _profiles(model: Resource) -> str:
    partition = model.arn.partition if model.arn else "aws"
    return " and ".join(f"`arn:{partition}:bedrock:*:*:{kind}/*`" for kind in (PROFILE, APPLICATION))
