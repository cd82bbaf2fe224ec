"""A condition key that no request carries, because no such key exists.

## What it finds

A key of a `Condition` block that is in no list of keys: one with the prefix `bedrock`, `bedrock-mantle` or
`bedrock-agentcore` (or the name of an SDK client, such as `bedrock-runtime`), an `aws:` key that does not exist, or a
name without a prefix. Keys of other services are not looked at, and letter case does not matter.

## Why it matters

IAM accepts the key and never finds it in a request. What follows depends on the operator and the effect:

- A plain operator (`StringEquals`, `ArnLike`, …) is then never true. An Allow allows nothing; a Deny never applies.
- A negated operator (`StringNotEquals`, `ArnNotLike`), `…IfExists` and `ForAllValues:` are then always true. An Allow
  is not restricted at all; a Deny applies as if the test were not there.

AWS's own guide writes `aws:InferenceProfileArn` in one place where its policy has `bedrock:InferenceProfileArn`.
`bedrock:ModelId` is recommended in articles and never was a key: models are named in `Resource`.

## How to fix it

Write the key that exists, or delete the test. A name that is well formed and merely unknown is reported as a warning
with the date of the catalogue, for it may be newer.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6",
    "Condition": {
      "ArnLike": {
        «"aws:InferenceProfileArn"»: "arn:aws:bedrock:*:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
      }
    }
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6",
    "Condition": {
      "ArnLike": {
        "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
      }
    }
  }
}
```

The same name behind another prefix is known to be meant:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:Retrieve",
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:knowledge-base/*",
    "Condition": {
      "StringEquals": {
        «"bedrock:ResourceTag/team"»: "search"
      }
    }
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:Retrieve",
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:knowledge-base/*",
    "Condition": {
      "StringEquals": {
        "aws:ResourceTag/team": "search"
      }
    }
  }
}
```

A Deny with a key that does not exist stops nobody:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "*",
    "Condition": {
      "StringLike": {
        «"bedrock:ModelId"»: "deepseek.*"
      }
    }
  }
}
```

The letter case of a key does not matter, and the keys of other services are their own business:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:CallWithBearerToken",
    "Resource": "*",
    "Condition": {
      "StringEquals": {
        "bedrock:bearerTokenType": "SHORT_TERM",
        "AWS:PrincipalTag/team": "search",
        "saml:aud": "https://signin.aws.amazon.com/saml"
      }
    }
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.condition import told, when_absent
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.model.text import Template, from_policy
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Test

_PREFIXES = ("aws", "bedrock", "bedrock-mantle", "bedrock-agentcore")
_WELL_FORMED = r"[a-z-]+:[A-Za-z][A-Za-z0-9]*(/.+)?"


@rule(Severity.ERROR, gate="permission")
def check(test: Test, context: Context) -> Iterator[Problem]:
    key, statement, catalog = test.key, test.statement, context.catalog
    if catalog.condition_key(key) or isinstance(from_policy(key), Template):
        return
    prefix, colon, _ = key.strip().lower().partition(":")
    misnamed = catalog.misnamed_key(key)
    if colon and not misnamed and prefix not in _PREFIXES and not catalog.right_prefix(prefix):
        return
    if not (prefix.startswith("bedrock") or misnamed or speaks_of_bedrock(statement)):
        return
    right = misnamed.right if misnamed else _namesake(key, prefix, catalog)
    newer = (
        not (misnamed or right or catalog.condition_key(f"{key}/key")) and re.fullmatch(_WELL_FORMED, key) is not None
    )
    known = f"not known as a condition key on {catalog.actions_date}" if newer else "no condition key"
    absent = "unless it is newer, no request carries it" if newer else "no request carries it"
    yield Problem(
        test,
        f"`{key}` is {known}",
        f"{misnamed.why if misnamed else absent}: {_effect(test)}",
        label={True: "always true", False: "never true", None: "no such key"}[when_absent(test)],
        fix=_rewrite(test, right, context) if right else _advise(test, misnamed is not None, context),
        severity=Severity.WARNING if newer else None,
    )


def _namesake(key: str, prefix: str, catalog: Catalog) -> str | None:
    """The key that bears the same name behind another prefix, or without the blanks around it."""
    name = key.strip().partition(":")[2] or key.strip()
    for known in (prefix, catalog.right_prefix(prefix), *_PREFIXES):
        found = catalog.condition_key(f"{known}:{name}") if known else None
        if found:
            base, slash, rest = found.name.partition("/")
            return f"{base}/{name.partition('/')[2]}" if slash and rest.startswith("$") else found.name
    return None


def _effect(test: Test) -> str:
    holds = when_absent(test)
    if holds is None or not (test.statement.allows or test.statement.denies):
        return "the test decides nothing"
    return told(test.statement, holds)


def _rewrite(test: Test, right: str, context: Context) -> Fix:
    certain = right.lower().startswith("aws:") or _is_carried(right.lower(), test, context)
    return Fix(f"write `{right}`", (Replace(test.key_node, right),) if certain else ())


def _is_carried(key: str, test: Test, context: Context) -> bool:
    """Whether an action of the statement has the key, so that it is certainly the one that is meant."""
    actions = (context.catalog.action(name) for name in context.actions_of(test.statement))
    return any(action is not None and key in action.condition_keys for action in actions)


def _advise(test: Test, misnamed: bool, context: Context) -> Fix | None:
    if misnamed:
        return Fix("delete this test and name the models in `Resource`")
    catalog = context.catalog
    if catalog.condition_key(f"{test.key}/key"):
        return Fix(f"write the tag that is meant behind a slash: `{test.key}/team`")
    prefix = test.key.partition(":")[0]
    service = catalog.service(prefix)
    keys = catalog.global_keys() if prefix.lower() == "aws" else service.condition_keys.values() if service else ()
    near = catalog.nearest(test.key, [key.name for key in keys])
    return Fix(f"did you mean {one_of(near)}?") if near else None
