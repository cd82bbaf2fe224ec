"""An account id in a foundation-model ARN, or none where the type needs one.

## What it finds

A `foundation-model` ARN with something in the account field; an ARN of a type that lives in an account (inference
profile, agent, knowledge base, guardrail …) whose account field is empty; and an account of digits that are not
twelve.

`*` in the account field of a foundation-model pattern is right: IAM's `*` matches the empty field too.

Where the usage is declared, an Allow with such an entry that is meant for a declared call is reported as what that call
fails of.

## Why it matters

The base models belong to AWS, so their ARNs have no account; inference profiles, even AWS's own, carry the account of
the caller. An ARN with the wrong field matches nothing: an Allow grants nothing, a Deny stops nothing.

## How to fix it

Empty the field of a foundation-model ARN, and leave both colons. In the others write your account id.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1:«111122223333»:foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1«::»inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1:«<ACCOUNT_ID>»:foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
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
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-*:*:foundation-model/anthropic.claude-sonnet-4-6"
    ]
  }
}
```

Some public resources belong to `aws`, or to nobody:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeDataAutomationAsync",
      "Resource": [
        "arn:aws:bedrock:us-east-1:aws:data-automation-project/public-default",
        "arn:aws:bedrock:us-east-1:111122223333:data-automation-profile/us.data-automation-v1"
      ]
    },
    {
      "Effect": "Allow",
      "Action": "bedrock-agentcore:GetEvaluator",
      "Resource": "arn:aws:bedrock-agentcore:::evaluator/Builtin.Helpfulness"
    }
  ]
}
```

A declared call fails of it:

```yaml bad
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
    Resource: arn:aws:bedrock:us-east-1:«111122223333»:foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL, SERVICES, owner, type_of
from bedrock_policy_lint.model.policy import Place, Resource
from bedrock_policy_lint.rule import Context, Fix, Problem, Replace, Severity, also, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.model.text import Text


@rule(Severity.ERROR, gate="permission")
def check(resource: Resource, context: Context) -> Iterator[Problem]:
    arn = resource.arn
    if arn is None or arn.service not in SERVICES:
        return
    account = arn.account
    if account == "*" or (isinstance(account, str) and _is_account(account) and arn.type != MODEL):
        return
    kind = type_of(arn, context.catalog)
    if kind is None:
        return
    if not kind.has_account:
        if _is_filled(account):
            yield _filled(resource)
    elif account == "":
        if not _is_public(kind.name, arn.id):
            yield _empty(resource, kind.name, owner(kind))
    elif isinstance(account, str) and not account.strip("0123456789-") and not _is_account(account):
        yield Problem(
            resource.place("account"),
            f"`{account}` is no account id",
            "an account id has twelve digits and nothing else, so the ARN matches nothing",
            label="not twelve digits",
            fix=Fix("write your account id, twelve digits without hyphens"),
        )


@also
def check_cause(cause: Cause, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.problem import as_denial

    if isinstance(cause.place, Resource):
        yield from as_denial(cause, check(cause.place, context))


def _is_account(field: str) -> bool:
    return len(field) == 12 and field.isascii() and field.isdigit()


def _is_filled(account: Text) -> bool:
    """Whether no way to read the field makes it empty."""
    if isinstance(account, str):
        return bool(account.strip("*"))
    return any(
        part.strip("*") if isinstance(part, str) else "account" in part.name.lower().replace("_", "").replace("-", "")
        for part in account.parts
    )


def _is_public(kind: str, name: Text) -> bool:
    """AgentCore's own evaluators have neither Region nor account; any other pattern may be meant for them."""
    return kind == "evaluator" and (not isinstance(name, str) or name.startswith(("Builtin", "*")))


def _filled(resource: Resource) -> Problem:
    place = resource.place("account")
    return Problem(
        place,
        f"`{MODEL}` ARNs have no account",
        "AWS owns the base models: with anything between these two colons the ARN matches nothing",
        label="must be empty",
        fix=Fix("empty the account field", (Replace(place, ""),)),
    )


def _empty(resource: Resource, kind: str, account: str) -> Problem:
    place = resource.place("account")
    whose = "your 12-digit account id" if account == "*" else f"`{account}`"
    return Problem(
        Place(place.node, place.start - 1, place.end + 1),
        f"the ARN of `{kind}` lacks its account",
        "every resource of this type belongs to an account, so without one the ARN matches nothing",
        label="account missing",
        fix=Fix(f"write {whose} between the two colons"),
    )
