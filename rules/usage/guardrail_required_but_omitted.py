"""A policy wants a guardrail that a call does not send.

## What it finds

A call, and a statement that tests `bedrock:GuardrailIdentifier`: an Allow that does not apply because the call
sends no guardrail, or another one or another version; or a Deny that applies for that reason.

Calls in code and in templates count like declared ones.

## Why it matters

Where an organisation enforces a guardrail in this way, every call without it is denied. Some clients cannot send a
guardrail at all, and are unusable under such a policy. The key holds the guardrail's ARN with its version behind a
colon, and the bare ARN for the draft.

## How to fix it

Send the guardrail that the policy names, in the version that it names, with the call; a declared call declares it.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      Condition:
        StringEquals:
          «bedrock:GuardrailIdentifier»: arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - api: converse
    model: amazon.nova-lite-v1:0
    guardrail: {id: abc123def456, version: 1}
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      Condition:
        StringEquals:
          bedrock:GuardrailIdentifier: arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1
    - Effect: Allow
      Action: bedrock:ApplyGuardrail
      Resource: arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456
```

Another version than the organisation wants:

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - api: converse
    model: amazon.nova-lite-v1:0
    guardrail: {id: abc123def456, version: DRAFT}
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: bedrock:ApplyGuardrail
      Resource: arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      Action: bedrock:InvokeModel*
      Resource: arn:aws:bedrock:*::foundation-model/*
      Condition:
        ArnNotLike:
          «bedrock:GuardrailIdentifier»: arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:*
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import problem, wanted
from bedrock_policy_lint.diagnosis.wording import fails, is_declared, layer, resources
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    test = cause.place
    if not isinstance(test, Test):
        return
    on = resources(cause.rulings)
    does = f"denies {on}" if test.statement.denies else f"allows {on} only"
    yield problem(
        cause,
        f"{fails(cause)}: the {layer(cause)} {does} {_when(test)}, and the call sends {_sent(cause)}",
        "`bedrock:GuardrailIdentifier` holds the guardrail of the call, with its version unless that is the draft",
        label="the guardrail of the call does not pass",
        fix=Fix(_cure(test, with_declaration=is_declared(cause.first.verdict.usage))),
    )


def _when(test: Test) -> str:
    """Under which guardrail the statement applies."""
    if test.operator.base == "Null":
        return "without a guardrail" if "true" in _lowered(test) else "with a guardrail"
    return f"{'without' if test.operator.negated else 'with'} the guardrail {wanted(test)}"


def _sent(cause: Cause) -> str:
    value = cause.first.ruling.row.request.value("bedrock:guardrailidentifier")
    return f"`{value[0]}`" if isinstance(value, tuple) and value else "none"


def _cure(test: Test, *, with_declaration: bool) -> str:
    if _is_unwelcome(test):
        return "send no guardrail that this test is about, or narrow the statement if it is not meant for the call"
    which = "a guardrail" if test.operator.base == "Null" else f"the guardrail {wanted(test)}"
    return f"send {which} with the call{', and declare it as its `guardrail`' if with_declaration else ''}"


def _is_unwelcome(test: Test) -> bool:
    """Whether the statement keeps out calls with some guardrail."""
    if test.operator.base == "Null":
        return ("false" in _lowered(test)) == test.statement.denies
    return test.operator.negated != test.statement.denies


def _lowered(test: Test) -> set[str]:
    return {str(text).strip().lower() for text in test.texts()}
