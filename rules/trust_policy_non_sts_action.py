"""A trust policy lists an action that is none of assuming a role.

## What it finds

An action in a trust policy other than `sts:AssumeRole`, `sts:AssumeRoleWithSAML`, `sts:AssumeRoleWithWebIdentity`,
`sts:TagSession`, `sts:SetSourceIdentity` and `sts:SetContext`: most often `bedrock:InvokeModel`, which belongs in the
role's permissions.

## Why it matters

A trust policy says who may become the role, not what the role may do. IAM refuses such a document: "AssumeRole policy
may only specify STS AssumeRole actions".

## How to fix it

Delete the action here and allow it in a policy that is attached to the role.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": ["sts:AssumeRole", «"bedrock:InvokeModel"»]
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": ["sts:AssumeRole"]
  }
}
```

What is no action at all is no better there:

```json bad kind=trust
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": "lambda.amazonaws.com"},
      "Action": "sts:AssumeRole"
    },
    {
      "Effect": "Allow",
      "Principal": {"Service": "lambda.amazonaws.com"},
      "Action": «"bedrock-runtime:Converse"»
    }
  ]
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
  }
}
```

A resource policy names other actions by right:

```json good kind=resource
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "bedrock-agentcore:InvokeAgentRuntime",
    "Resource": "*"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.rule import Context, Fix, Problem, Remove, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action

_ALLOWED = frozenset(
    {
        "assumerole",
        "assumerolewithsaml",
        "assumerolewithwebidentity",
        "setcontext",
        "setsourceidentity",
        "tagsession",
    }
)


@rule(Severity.ERROR, gate="credentials")
def check(action: Action, context: Context) -> Iterator[Problem]:
    statement = action.statement
    if statement.policy.kind != "trust" or not action.service or not _is_foreign(action, context):
        return
    alone = len(statement.actions) == 1
    removal = "write `sts:AssumeRole`" if alone else "delete it"
    yield Problem(
        action,
        f"`{action.text}` does not belong in a trust policy",
        "a trust policy says who may assume the role; IAM refuses any action in it but those of assuming one",
        label="not an action of assuming a role",
        fix=Fix(
            f"{removal}: what the role may do belongs in a policy attached to it",
            () if alone else (Remove(action.node),),
        ),
    )


def _is_foreign(action: Action, context: Context) -> bool:
    catalog = context.catalog
    if action.service == "sts":
        known = bool(catalog.expand(f"sts:{action.name}"))
        return known and not is_wild(action.name) and action.name.lower() not in _ALLOWED
    return catalog.knows_prefix(action.service) or catalog.right_prefix(action.service) is not None
