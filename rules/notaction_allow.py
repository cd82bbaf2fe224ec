"""An Allow that lists what it leaves out, and so allows Bedrock.

## What it finds

An Allow with `NotAction` that leaves actions of Bedrock allowed, on resources that may be Bedrock's; and an Allow of
Bedrock actions with `NotResource`. Where nothing in the statement speaks of Bedrock, as in a power user's policy, or
where a condition narrows it, the finding is shown with `--pedantic` only.

A Deny with `NotAction` or `NotResource` is the usual way to fence, and is left alone. So is an Allow in a boundary or
a service control policy, which grants nothing by itself.

## Why it matters

The statement allows everything but what it names, in every service, and whatever AWS adds later. Few who exclude
`bedrock:DeleteGuardrail` mean to allow `bedrock:PutModelInvocationLoggingConfiguration` and `iam:CreateUser`.

## How to fix it

List the actions in `Action` and the resources in `Resource`. What must never be allowed belongs in a Deny.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    «"NotAction"»: ["bedrock:Create*", "bedrock:Delete*"],
    "Resource": "*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel*",
    «"NotResource"»: "arn:aws:bedrock:*::foundation-model/anthropic.*"
  }
}
```

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    «"NotAction"»: ["iam:*", "organizations:*"],
    "Resource": "*"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:*::foundation-model/amazon.nova-*"
    },
    {
      "Effect": "Deny",
      "NotAction": "bedrock:InvokeModel*",
      "Resource": "*"
    }
  ]
}
```

Everything of Bedrock is left out here:

```json good pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "NotAction": ["iam:*", "bedrock:*", "bedrock-agentcore:*", "bedrock-mantle:*"],
    "Resource": "*"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.arns import SERVICES
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Statement

_MOST_RESOURCES = 200


@rule(Severity.WARNING, gate="hygiene")
def check(statement: Statement, context: Context) -> Iterator[Problem]:
    if not statement.grants or statement.policy.kind == "session":
        return
    if statement.not_action_nodes:
        yield from _all_but_actions(statement, context)
    elif statement.not_resource_nodes:
        yield from _all_but_resources(statement, context)


def _all_but_actions(statement: Statement, context: Context) -> Iterator[Problem]:
    if any(isinstance(action.text, Template) for action in statement.actions) or not _may_be_bedrock(statement):
        return
    left = {name for name in context.actions_of(statement) if name.partition(":")[0] in SERVICES}
    if not left:
        return
    open_services = {name.partition(":")[0] for name in left}
    speaks = any(action.service in open_services for action in statement.actions) or _names_bedrock(statement)
    yield _problem(statement, "NotAction", _example(left), "Action", speaks)


def _all_but_resources(statement: Statement, context: Context) -> Iterator[Problem]:
    named = any(action.service in SERVICES for action in statement.actions)
    records = (context.catalog.action(name) for name in context.actions_of(statement))
    left = {record.full_name for record in records if record and record.service in SERVICES and record.resource_types}
    if left:
        yield _problem(statement, "NotResource", _example(left), "Resource", named or _names_bedrock(statement))


def _problem(statement: Statement, element: str, example: str, instead: str, speaks: bool) -> Problem:
    key = statement.node.value.member(element)[0]
    what = "every action but those it names" if element == "NotAction" else "every resource but those it names"
    return Problem(
        key,
        f"an Allow with `{element}` allows `{example}`"
        if element == "NotAction"
        else f"`{example}` is allowed with `{element}`",
        f"such a statement allows {what}, and whatever AWS adds later",
        label="allows all the rest",
        fix=Fix(f"list what is needed in `{instead}`, and put what must never be allowed into a Deny"),
        confidence=CERTAIN if speaks and statement.condition_node is None else POSSIBLE,
    )


def _example(names: set[str]) -> str:
    """The action that says most about what is left open: a call of a model, else one that deletes."""
    return min(names, key=lambda name: (name not in INVOKE, ":Delete" not in name, name))


def _may_be_bedrock(statement: Statement) -> bool:
    """Whether the statement certainly reaches resources of Bedrock."""
    if statement.not_resource_nodes or not statement.resource_nodes:
        return True
    if len(statement.resource_nodes) > _MOST_RESOURCES:
        return False
    return any(
        resource.is_star
        if resource.arn is None
        else isinstance(resource.arn.service, str) and any(glob(resource.arn.service, name) for name in SERVICES)
        for resource in statement.resources
    )


def _names_bedrock(statement: Statement) -> bool:
    if len(statement.resource_nodes) + len(statement.not_resource_nodes) > _MOST_RESOURCES:
        return False
    return any(resource.arn is not None and resource.arn.service in SERVICES for resource in statement.resources)
