"""A model, profile or Region that is granted and that nothing which is called reaches.

## What it finds

An entry of `Resource` in an Allow that names something of Bedrock's which no request of the declared usage is about: a
model that nobody calls, a model in a Region that no profile of the usage leads to, a profile of a geography that is not
used. All usage of every principal that has the policy must be declared: with `complete: false` a principal says that
it is not.

An entry with wildcards is left alone as long as some request is about what it matches.

The same is told of a role in a template, where all that runs with it is Lambda functions, ECS tasks and the like whose
code was read in full and nobody else can take the role; else nothing is said.

## Why it matters

Such a grant is dead text in the best case, and mostly left over from a model or Region that was changed elsewhere; in
the worst case it lets whoever takes the role over use a model that nobody watches.

## How to fix it

Delete the entry, or declare the usage that needs it.

## Examples

A grant for a geography that the service does not call:

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse us.amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0",
        «"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0"»,
        "arn:aws:bedrock:us-*::foundation-model/amazon.nova-lite-v1:0"
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse us.amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-*::foundation-model/amazon.nova-lite-v1:0"
      ]
    }
  }
}
```

A Region and a model:

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      - «arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0»
      - «arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0»
```

```yaml good
region: us-east-1
account: "111122223333"
complete: false
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import PROFILE, SERVICES, geography_of, target
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.rule import Context, Fix, Problem, Remove, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.grants import Grants
    from bedrock_policy_lint.model.policy import Resource, Statement


@rule(Severity.WARNING, gate="hygiene")
def check(grants: Grants, context: Context) -> Iterator[Problem]:
    for statement in grants.statements():
        if not _is_used(statement, grants, context):
            continue  # its actions are told to be unused
        idle = [entry for entry in statement.resources if _is_of_bedrock(entry) and not grants.uses(entry)]
        for entry in idle:
            yield _problem(entry, grants, context, alone=len(idle) == len(statement.resources))


def _is_used(statement: Statement, grants: Grants, context: Context) -> bool:
    return any(grants.needed(entry, context.catalog)[0] for entry in statement.actions)


def _is_of_bedrock(entry: Resource) -> bool:
    return entry.arn is not None and entry.arn.service in SERVICES


def _problem(entry: Resource, grants: Grants, context: Context, *, alone: bool) -> Problem:
    return Problem(
        entry,
        f"{grants.nobody} reaches `{entry.text}`",
        _why(entry, grants, context),
        label="granted, never used",
        fix=Fix("delete the statement" if alone else "delete it", () if alone else (Remove(entry.node),)),
        related=grants.called,
    )


def _why(entry: Resource, grants: Grants, context: Context) -> str:
    named = target(entry.arn)
    asked = [arn for request in grants.requests if (arn := parse(request.resource)) is not None]
    geography = geography_of(named.id, context.catalog) if named and named.kind == PROFILE else None
    if geography is not None and all(geography_of(arn.id, context.catalog) != geography for arn in asked):
        return f"it grants profiles of the geography `{geography}`, and {grants.nobody} calls one"
    if entry.arn is not None and any((arn.type, arn.id) == (entry.arn.type, entry.arn.id) for arn in asked):
        return f"{grants.all_users} reaches it in other Regions or accounts only"
    return "what nobody uses is a way in for whoever takes over the role"
