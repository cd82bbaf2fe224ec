"""A foundation-model ARN whose model is not known.

## What it finds

A model id in a foundation-model ARN that the catalogue does not have, and a pattern that matches none of its models.
Ids of models that are gone, restricted, or known from an SDK only count as known.

## Why it matters

IAM does not compare the id with any list. A misspelt model is granted without complaint, and the call is denied; a
Deny of a misspelt model denies nothing.

## How to fix it

Write the id as `aws bedrock list-foundation-models` prints it. A well-formed id of a known provider is a warning with
the date of the catalogue, for the model may be newer.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/«amazon.nova-light-v1:0»"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/«claude-*»"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-*",
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-*"
    ]
  }
}
```

A provisioned variant with its context size is known, and a Deny may guard against models to come:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k",
      "arn:aws:bedrock:*::foundation-model/newcomer.*"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE, can_match, is_misplaced, model_ids, profile_ids, target
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Resource

_WELL_FORMED = r"[a-z0-9]+\.[a-z0-9][a-z0-9.:-]*"
_TELLING = 4
"""Fewer letters of a pattern than these point at no model."""
_CONTEXT_SIZE = r":(\d+:)?\d+k$"


@rule(Severity.ERROR, gate="model access")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    named = target(resource.arn)
    if named is None or named.kind != MODEL or named.id in ("*", "") or is_misplaced(named, context.catalog):
        return
    if named.exact:
        if not _is_known(named.exact, context):
            yield _unknown(resource, named.exact, context)
    elif (
        resource.statement.allows
        and not resource.in_not_resource
        and not can_match(named.id, model_ids(context.catalog))
    ):
        yield Problem(
            resource.place("id"),
            f"`{named.id}` matches no model that was known on {context.catalog.models_date}",
            "if no newer model fits the pattern, the grant is for nothing",
            label="matches no known model",
            fix=_advice(str(named.id), context),
            severity=Severity.WARNING,
        )


def _is_known(model_id: str, context: Context) -> bool:
    catalog = context.catalog
    if catalog.model(model_id) or catalog.other_model(model_id):
        return True
    plain = re.sub(_CONTEXT_SIZE, "", model_id)
    return plain != model_id and bool(catalog.model(plain) or catalog.other_model(plain))


def _unknown(resource: Resource, model_id: str, context: Context) -> Problem:
    catalog = context.catalog
    tokens = catalog.provider_tokens()
    provider = model_id.partition(".")[0]
    newer = re.fullmatch(_WELL_FORMED, model_id) and (provider in tokens or not catalog.nearest(provider, tokens))
    return Problem(
        resource.place("id"),
        f"`{model_id}` was not known as a model on {catalog.models_date}" if newer else f"`{model_id}` is no model id",
        "if the model is not newer than that, no model bears this name and the ARN matches nothing"
        if newer
        else "no model bears this name, so the ARN matches nothing",
        label="unknown to the catalogue" if newer else "no such model",
        fix=_advice(model_id, context),
        severity=Severity.WARNING if newer else None,
    )


def _advice(written: str, context: Context) -> Fix | None:
    """The nearest ids; of a pattern, those that hold what it spells out, or the place where it does match."""
    catalog = context.catalog
    word = written.replace("*", "")
    listed = [model.id for model in catalog.models()]
    if word == written:
        provider = word.partition(".")[0] + "."
        near = catalog.nearest(word, [name for name in listed if name.startswith(provider)] or listed)
    elif can_match(written, profile_ids(catalog)):
        return Fix(f"write `{PROFILE}/{written}` with your account id: it fits profiles, which have ARNs of their own")
    else:
        near = tuple(name for name in listed if len(word) >= _TELLING and word in name)[:3]
    return Fix(f"did you mean {one_of(near)}?") if near else None
