"""A tag of the resource is asked for, on resources that cannot be tagged.

## What it finds

An Allow that tests `aws:ResourceTag/…` on foundation models, system-defined inference profiles, or other resources of
Bedrock that AWS owns and nobody can tag.

## Why it matters

A model has no tags, so the test is never true for it and the statement does not allow it. The intention is mostly cost
or team separation, which works with application inference profiles: those are yours and carry tags.

## How to fix it

Ask for the tag in a statement on `application-inference-profile` ARNs. Allow the models behind them in a statement of
their own, without the tag, and tie it to the profile with `bedrock:InferenceProfileArn`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "Condition": {
      "StringEquals": {
        «"aws:ResourceTag/team"»: "search"
      }
    }
  }
}
```

A tagged profile in the same statement does not help the model behind it:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/*",
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    ],
    "Condition": {
      "StringEquals": {
        «"aws:ResourceTag/team"»: "search"
      }
    }
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
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/*",
      "Condition": {
        "StringEquals": {
          "aws:ResourceTag/team": "search"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "Condition": {
        "ArnLike": {
          "bedrock:InferenceProfileArn": "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/*"
        }
      }
    }
  ]
}
```

With `IfExists` the statement allows what has no tags:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/*",
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    ],
    "Condition": {
      "StringEqualsIfExists": {
        "aws:ResourceTag/team": "search"
      }
    }
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import target
from bedrock_policy_lint.model.condition import when_absent
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Resource, Test

_KEY = "aws:resourcetag/"
_MOST_RESOURCES = 1000


@rule(Severity.WARNING, gate="permission")
def check(test: Test, context: Context) -> Iterator[Problem]:
    statement = test.statement
    if not test.key.lower().startswith(_KEY) or not statement.allows or when_absent(test) is not False:
        return
    untaggable = _untaggable(context.catalog)
    found = [resource for resource in statement.resources[:_MOST_RESOURCES] if _kind(resource) in untaggable]
    if not found or statement.not_resource_nodes:
        return
    kinds = sorted({_kind(resource) for resource in found})
    yield Problem(
        test,
        f"`{test.key}` is asked of a `{kinds[0]}`, which nobody can tag",
        f"on {context.catalog.actions_date} `bedrock:TagResource` does not take it, so the test is never true "
        "and the statement does not allow it",
        label="never true for it",
        fix=Fix("move the test to a statement on `application-inference-profile` ARNs, which carry tags"),
        related=tuple(Note(resource, "has no tags") for resource in found[:3]),
    )


def _kind(resource: Resource) -> str:
    named = target(resource.arn)
    return named.kind if named else ""


@lru_cache(maxsize=4)
def _untaggable(catalog: Catalog) -> frozenset[str]:
    """The resource types of Bedrock that have no tag key and that tags cannot be put on."""
    service, tagging = catalog.service("bedrock"), catalog.action("bedrock:TagResource")
    if service is None or tagging is None:
        return frozenset()
    return frozenset(
        kind.name
        for kind in service.resource_types.values()
        if kind.resource_prefix == f"{kind.name}/"
        and kind.name not in tagging.resource_types
        and not any(key.startswith(_KEY) for key in kind.condition_keys)
    )
