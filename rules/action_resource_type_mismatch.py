"""An action stands beside resources of which none is of a type that it works on.

## What it finds

An action written in full, in a statement that names resources, where no resource can be of a type that the
service reference lists for the action: `bedrock:InvokeAgent` on `agent/…` (it works on `agent-alias/…`),
`bedrock:InvokeFlow` on `flow/<id>`, `bedrock-mantle:CreateInference` on a foundation model.

A wildcard or placeholder that could stand for the right type counts as right. So does another statement of the
policy that has the action on a fitting resource: then the entry is idle here, and nothing is denied for it.

## Why it matters

The ARN that AWS asks about never matches, so an Allow grants nothing for this action and a Deny stops nothing.

## How to fix it

Name a resource of the type that the action works on, or move the action to the statement that has it.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeAgent",
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:«agent»/ABCDEFGHIJ"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeAgent",
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:agent-alias/ABCDEFGHIJ/*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:GetFlow", «"bedrock:InvokeFlow"»],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:flow/ABCDEFGHIJ",
      "arn:aws:bedrock:us-east-1:111122223333:flow/KLMNOPQRST"
    ]
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock-mantle:CreateInference",
    "Resource": «"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"»
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeAgent",
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:agent-alias/ABCDEFGHIJ/*"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeFlow",
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:flow/ABCDEFGHIJ/alias/KLMNOPQRST"
    }
  ]
}
```

One list of actions for models and profiles, in two statements, leaves idle entries and no gap:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel*", "bedrock:GetFoundationModel", "bedrock:GetInferenceProfile"],
      "Resource": "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel*", "bedrock:GetFoundationModel", "bedrock:GetInferenceProfile"],
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
    }
  ]
}
```

A star reaches over slashes, so `flow/*` covers the aliases of every flow:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeFlow", "bedrock:GetFlow"],
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:flow/*"
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples-agent.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import works_on
from bedrock_policy_lint.bedrock.arns import SERVICES, last_field, type_of
from bedrock_policy_lint.bedrock.idle import LAGGING, Idle, idle_entries
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Replace, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Action as Record
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.policy import Policy, Resource, Statement

_UNSETTLED = ("bedrock:InvokeModel", "custom-model")
"""No source says whether the role of a batch job needs this pair."""


@rule(Severity.ERROR, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    for statement, dead in idle_entries(policy, context, _has_types, _may_match):
        if len(dead) == len(statement.actions) and len(statement.resource_nodes) == 1:
            yield _wrong_resource(dead, statement.resources[0], context)
        else:
            yield from (_wrong_action(entry, statement, context) for entry in dead)


def _has_types(record: Record) -> bool:
    return record.service in SERVICES and bool(record.required_resource_types)


def _may_match(resource: Resource, record: Record, context: Context) -> bool:
    """Whether the resource may be of a type of the action; its Region and account have rules of their own."""
    arn = resource.arn
    if arn is None or not _is_readable(arn, context):
        return True
    if arn.service != record.service:
        return False
    return record.service == LAGGING or works_on(record, arn, context.catalog)


def _is_readable(arn: Arn, context: Context) -> bool:
    """Whether the type is plain to see; what is malformed has its own rules."""
    if not isinstance(arn.service, str) or not context.catalog.knows_prefix(arn.service):
        return False
    return arn.service not in SERVICES or type_of(arn, context.catalog) is not None


def _wrong_resource(dead: list[Idle], resource: Resource, context: Context) -> Problem:
    """No action of the statement works on its only resource."""
    record = dead[0].record
    arn = resource.arn
    same_service = arn is not None and arn.service == record.service
    return Problem(
        resource.place("type") if same_service else resource,
        f"`{record.full_name}` does not work on `{_kind(arn)}` ARNs",
        _why(record, context),
        label="matches nothing",
        fix=_nested(resource, record, context) or Fix(f"name an ARN of {_types(record, 'or')}"),
        confidence=_confidence(record, arn),
    )


def _wrong_action(entry: Idle, statement: Statement, context: Context) -> Problem:
    record = entry.record
    first = statement.resources[0]
    return Problem(
        entry.action,
        f"`{record.full_name}` works on none of the resources beside it",
        _why(record, context),
        label="grants nothing here" if statement.allows else "matches nothing here",
        fix=Fix(f"move it to a statement with ARNs of {_types(record, 'or')}"),
        related=(Note(first, f"`{_kind(first.arn)}` is no type of this action"),),
        confidence=_confidence(record, first.arn),
    )


def _kind(arn: Arn | None) -> str:
    """The type that an ARN shows, or its service."""
    if arn is None:
        return "*"
    return str(arn.type) if arn.service in SERVICES else str(arn.service)


def _why(record: Record, context: Context) -> str:
    known = f"by the service reference of {context.catalog.actions_date} it works on {_types(record, 'and')}"
    return f"{known}, so AWS never asks for it on an ARN here"


def _types(record: Record, joint: str) -> str:
    known = record.required_resource_types
    if len(known) <= 2:
        return f" {joint} ".join(f"`{kind}`" for kind in known)
    shown = "foundation-model" if "foundation-model" in known else known[0]
    return f"`{shown}` {joint} {len(known) - 1} other types"


def _nested(resource: Resource, record: Record, context: Context) -> Fix | None:
    """The same thing as a resource of the type that lies inside the one named: an agent's aliases, a flow's."""
    arn = resource.arn
    service = context.catalog.service(record.service)
    if arn is None or service is None or arn.service != record.service or not isinstance(arn.id, str):
        return None
    for kind in record.resource_types:
        form = last_field(service.resource_types[kind.lower()])
        if kind.startswith(f"{arn.type}-") and form.count("*") == 2:
            inner = form.replace("*", arn.id, 1)
            return Fix(f"write `{inner}`", (Replace(resource.place("resource"), inner),))
    return None


def _confidence(record: Record, arn: Arn | None) -> str:
    return POSSIBLE if (record.full_name, _kind(arn)) == _UNSETTLED else CERTAIN
