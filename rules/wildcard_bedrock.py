"""A wildcard in `Action` takes in both the calls and the control plane of Bedrock.

## What it finds

An Allow of `bedrock:*`, `bedrock-mantle:*`, `bedrock-agentcore:*`, of `*` where Bedrock is concerned, or of a
narrower wildcard such as `bedrock:*Model*`: one that takes in an action that invokes, and actions that create,
change or delete. It is an error where the file is known to describe production.

`bedrock:Invoke*` and `bedrock:Get*` are not meant; nor is a wildcard whose writing half is denied in the same
policy, or cut off by a condition that only calls of models can meet. Boundaries, service control policies and
session policies grant nothing and are left alone. A policy of `*` alone that never speaks of Bedrock is shown where it
is known to describe production, and elsewhere with `--pedantic`.

## Why it matters

An application that only calls a model can then buy provisioned throughput, delete guardrails and switch off the
invocation log, and so can whoever steers it with a prompt. New actions join the wildcard by themselves.

## How to fix it

List the actions that are called. For most applications these are `bedrock:InvokeModel` and
`bedrock:InvokeModelWithResponseStream`.

## Examples

```json bad also=wildcard-resource
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock:*"»,
    "Resource": "*"
  }
}
```

```json bad env=production
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:CountTokens", «"bedrock:*Model*"»],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

An administrator's statement is one finding, not two:

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": «"*"», "Resource": "*"}
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:Invoke*", "bedrock:Get*", "bedrock:List*"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A Deny of the writing half leaves what was meant of the actions:

```json good also=wildcard-resource
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:*",
      "Resource": "*"
    },
    {
      "Effect": "Deny",
      "Action": ["bedrock:Create*", "bedrock:Delete*", "bedrock:Put*", "bedrock:Update*"],
      "Resource": "*"
    }
  ]
}
```

A Deny may be as wide as it likes:

```json good
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": ["bedrock:*", "bedrock-mantle:*"], "Resource": "*"}
}
```

In Terraform:

```hcl bad
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = [«"bedrock:*"»]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
```

```hcl good
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import CALLS, EVERYTHING, broad_writes, denied_outright, takes_in
from bedrock_policy_lint.bedrock.arns import SERVICES
from bedrock_policy_lint.model.condition import when_absent
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Policy, Statement

_MOST_RESOURCES = 200


@rule(Severity.WARNING, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind == "session":
        return
    severity = Severity.ERROR if context.is_production else Severity.WARNING
    for statement in policy.statements:
        if not statement.grants or statement.not_action_nodes:
            continue
        for action in statement.actions:
            writes = broad_writes(action, context.catalog)
            example = _reached(writes, statement, context) if writes else None
            if example:
                yield _problem(action, example, severity, context)
                break


def _reached(writes: tuple[str, ...], statement: Statement, context: Context) -> str | None:
    """A write that the statement really allows, one that deletes if there is any."""
    if any(when_absent(test) is False and test.key.lower().startswith("aws:resourcetag/") for test in statement.tests):
        return None
    keys = [test.key.lower() for test in statement.tests if when_absent(test) is False]
    own = {key for key in keys if key.partition(":")[0] in SERVICES}
    left = set(writes) - denied_outright(statement.policy, context)
    deletes_first = sorted(left, key=lambda name: (":Delete" not in name, *name.split(":")))
    for name in deletes_first:
        record = context.catalog.action(name)
        if record and own <= record.condition_keys and takes_in(statement, record, context.catalog):
            return name
    return None


def _problem(action: Action, example: str, severity: Severity, context: Context) -> Problem:
    service = example.partition(":")[0]
    usual = all_of(name for name in sorted(CALLS) if name.startswith(f"{service}:"))
    everything = action.text in EVERYTHING
    return Problem(
        action,
        f"`{action.text}` allows every action, Bedrock's among them"
        if everything
        else f"`{action.text}` allows the control plane as well as the calls",
        f"it takes in actions that create, change and delete, such as `{example}`",
        label="every action" if everything else "more than calls",
        fix=Fix(f"list the actions that are called, such as {usual}"),
        severity=severity,
        confidence=_confidence(action, context),
    )


def _confidence(action: Action, context: Context) -> str:
    """An administrator's star is meant for more than Bedrock; outside production that is told only when asked for."""
    meant = action.text not in EVERYTHING or context.is_production or _speaks_of_bedrock(action.statement.policy)
    return CERTAIN if meant else POSSIBLE


def _speaks_of_bedrock(policy: Policy) -> bool:
    return any(entry.service in SERVICES for statement in policy.statements for entry in statement.actions) or any(
        resource.arn is not None and resource.arn.service in SERVICES
        for statement in policy.statements
        if len(statement.resource_nodes) <= _MOST_RESOURCES
        for resource in statement.resources
    )
