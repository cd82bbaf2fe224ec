"""A name that is no IAM action.

## What it finds

An entry of `Action` or `NotAction` whose service prefix exists but whose name no action of that service bears:
`bedrock:Converse`, `bedrock:ConverseStream`, `bedrock:StartAsyncInvoke`, a misspelt name, a wildcard that
matches nothing.

Where the usage is declared, an Allow with such an entry that is meant for a declared call is reported as what that call
fails of.

## Why it matters

IAM accepts such a name without complaint and it grants nothing. API operations and IAM actions are different
lists: Converse is authorised by `bedrock:InvokeModel`, ConverseStream by
`bedrock:InvokeModelWithResponseStream`. A policy that lists only the operations' names denies every call.

## How to fix it

Write the action that authorises the operation. Where it is already in the list, delete the dead name. A name
that is well formed and merely unknown is reported as a warning with the date of the catalogue, for it may be
newer.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel*", «"bedrock:Converse"», «"bedrock:ConverseStream"»],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel*"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock:Converse*"»,
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A name that the catalogue does not know is a warning:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [«"bedrock:GetVpcConfiguration"», "bedrock:GetAgent"],
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:agent/ABCDEFGHIJ"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": «"bedrock:"», "Resource": "*"}
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

Letter case does not matter to IAM, and a wildcard need only match something:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:invokemodel*", "bedrock:List*Models"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:ResourceTag/team": "chat"}}
  }
}
```

A declared call fails of it:

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: «bedrock:Converse»
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
```

In Terraform:

```hcl bad
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = [«"bedrock:Converse"», "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
```

```hcl fixed
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.dead_names import effect_of, rewrite
from bedrock_policy_lint.model.pattern import glob, is_wild
from bedrock_policy_lint.model.policy import Action
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, also, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause

_WELL_FORMED = r"[A-Z][A-Za-z0-9]*"


@rule(Severity.ERROR, gate="permission")
def check(action: Action, context: Context) -> Iterator[Problem]:
    catalog = context.catalog
    if not action.service or not catalog.knows_prefix(action.service):
        return
    pattern = action.pattern
    if catalog.expand(pattern):
        return
    if action.statement.policy.kind == "trust" and action.service != "sts":
        return  # no permission belongs there, whatever its name: trust-policy-non-sts-action
    never = catalog.never_action(pattern)
    if never:
        yield _never(action, f"`{action.text}` is not an IAM action", never.why, never.authorised_by, context)
    elif not action.name:
        yield _empty(action)
    elif is_wild(action.name):
        yield _wild(action, pattern.lower(), context)
    else:
        yield _unknown(action, context)


@also
def check_cause(cause: Cause, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.problem import as_denial

    if isinstance(cause.place, Action):
        yield from as_denial(cause, check(cause.place, context))


def _never(action: Action, message: str, why: str, meant: tuple[str, ...], context: Context) -> Problem:
    return Problem(action, message, why, label=effect_of(action), fix=rewrite(action, meant, context))


def _wild(action: Action, pattern: str, context: Context) -> Problem:
    """A wildcard that matches nothing but names that are no actions, or nothing at all."""
    message = f"`{action.text}` matches no action"
    matched = [never for never in context.catalog.never_actions() if glob(pattern, never.name.lower())]
    if matched:
        meant = dict.fromkeys(name for never in matched for name in never.authorised_by)
        return _never(action, message, matched[0].why, tuple(meant), context)
    count = len(context.catalog.action_names(action.service))
    return Problem(
        action,
        message,
        f"none of the {count} actions of `{action.service}` fits the pattern",
        label=effect_of(action),
        fix=_nearest(action, context),
    )


def _empty(action: Action) -> Problem:
    return Problem(
        action,
        f"`{action.text}` names no action",
        "nothing stands behind the colon",
        label=effect_of(action),
        fix=Fix("write the name of the action behind it, or delete the entry"),
    )


def _unknown(action: Action, context: Context) -> Problem:
    newer = re.fullmatch(_WELL_FORMED, action.name) is not None
    date = context.catalog.actions_date
    return Problem(
        action,
        f"`{action.text}` is not known as an IAM action on {date}",
        "IAM accepts any name here and says nothing; unless this one is newer, it has no effect",
        label="unknown to the catalogue" if newer else "no such action",
        fix=_nearest(action, context),
        severity=Severity.WARNING if newer else Severity.ERROR,
    )


def _nearest(action: Action, context: Context) -> Fix | None:
    names = context.catalog.action_names(action.service)
    near = context.catalog.nearest(action.name.replace("*", "").replace("?", ""), names)
    return Fix(f"did you mean {one_of(f'{action.service}:{name}' for name in near)}?") if near else None
