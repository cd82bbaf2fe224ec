"""An action that takes no resource is scoped to ARNs.

## What it finds

A statement whose `Resource` names ARNs only, with an action for which the service reference has no resource
type: `bedrock:CallWithBearerToken`, `bedrock:ListFoundationModels`, `bedrock:Rerank`,
`bedrock:InvokeInlineAgent` and some sixty more; likewise `aws-marketplace:Subscribe` beside ARNs of Bedrock.

Nothing is said when another statement of the policy covers the action, and nothing of a pattern for a whole
type such as `inference-profile/*`: AWS asks for some actions that list or create on such a pattern.

## Why it matters

AWS asks for such an action on `*`. An ARN does not match that, so the Allow grants nothing and the Deny stops
nothing, while the line looks right.

## How to fix it

Put the action into a statement of its own with `"Resource": "*"`. That is no wildcard of convenience: there is
nothing narrower.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:CallWithBearerToken",
    "Resource": «"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"»
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:CallWithBearerToken",
    "Resource": "*"
  }
}
```

Beside actions that do take the resource, the action is in the wrong place:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
      «"bedrock:ListFoundationModels"»
    ],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:ListFoundationModels", "bedrock:CallWithBearerToken"],
      "Resource": "*"
    }
  ]
}
```

The first call of a third-party model asks the Marketplace on `*`, too, so this Deny does not keep anybody from
subscribing to the model:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel*", «"aws-marketplace:Subscribe"»],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3"
  }
}
```

AWS has been seen to ask for this one on `inference-profile/*`:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:GetInferenceProfile", "bedrock:ListInferenceProfiles"],
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:inference-profile/*"
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import MARKETPLACE
from bedrock_policy_lint.bedrock.arns import SERVICES, types_by_head
from bedrock_policy_lint.bedrock.idle import LAGGING, Idle, idle_entries
from bedrock_policy_lint.model.pattern import glob, is_wild
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Problem, Replace, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Action as Record
    from bedrock_policy_lint.model.policy import Policy, Resource, Statement

_FIRST_CALL = ("Subscribe", "Unsubscribe", "ViewSubscriptions")
"""Of the Marketplace: what the first call of a third-party model asks for."""
_ONLY_ON_STAR = ("CallWithBearerToken", *_FIRST_CALL)
"""Denials name `*` for these: not even a pattern for a whole type helps."""
_DISPUTED = "RetrieveAndGenerate"
"""One page of AWS scopes it to a knowledge base, another to `*`."""


@rule(Severity.WARNING, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    for statement, idle in idle_entries(policy, context, _has_no_type, _may_match):
        names_bedrock = any(one.arn and one.arn.service in SERVICES for one in statement.resources)
        dead = [entry for entry in idle if names_bedrock or entry.record.service in SERVICES]
        if not dead:
            continue
        if len(dead) == len(statement.actions):
            yield _wrong_resource(statement, dead, context)
        else:
            yield from (_wrong_place(entry, context) for entry in dead)


def _has_no_type(record: Record) -> bool:
    return not record.resource_types and (record.service != MARKETPLACE or record.name in _FIRST_CALL)


def _may_match(resource: Resource, record: Record, context: Context) -> bool:
    """Whether the resource may be what AWS asks for the action on: the star, or a pattern for a whole type."""
    arn = resource.arn
    if arn is None:
        return True  # the star, or a text that is known to nobody
    if record.name in _ONLY_ON_STAR:
        return False
    if not isinstance(arn.service, str) or not isinstance(arn.resource, str):
        return True
    if arn.service != record.service:
        return is_wild(arn.service)
    if not is_wild(arn.resource) or record.name.startswith("Create"):
        return is_wild(arn.resource)  # what does not exist yet is asked for as `memory/<name>-*`
    heads = types_by_head(record.service, context.catalog)
    return any(glob(arn.resource, f"{head}/*") for head in heads)


def _wrong_resource(statement: Statement, dead: list[Idle], context: Context) -> Problem:
    """Every action of the statement wants the star, so the resource is what is wrong."""
    node = statement.members["Resource"]
    others = f" and {len(dead) - 1} more in this statement" if len(dead) > 1 else ""
    return Problem(
        node,
        f"`{dead[0].record.full_name}`{others} can only be scoped to `*`",
        _why(context),
        label="matches nothing: must be `*`",
        fix=Fix('write `"*"`', (Replace(node, "*"),)),
        confidence=_confidence(dead),
    )


def _wrong_place(entry: Idle, context: Context) -> Problem:
    return Problem(
        entry.action,
        f"`{entry.record.full_name}` takes no resource, and this statement names ARNs",
        _why(context),
        label="grants nothing here" if entry.action.statement.allows else "matches nothing here",
        fix=Fix('move it to a statement of its own with `"Resource": "*"`'),
        confidence=_confidence([entry]),
    )


def _why(context: Context) -> str:
    return f"the service reference of {context.catalog.actions_date} has no resource type for it, so no ARN matches"


def _confidence(dead: list[Idle]) -> str:
    unsure = any(entry.record.name == _DISPUTED or entry.record.service == LAGGING for entry in dead)
    return POSSIBLE if unsure else CERTAIN
