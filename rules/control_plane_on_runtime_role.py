"""One policy both calls models and changes what guards or pays for the calls.

## What it finds

A policy that allows the invocation of models and also, without a condition, actions of the control plane that an
application does not need: changing guardrails or their enforcement, the invocation log, data retention, agreements, or
buying provisioned throughput. With more than a few such actions, or with other actions that create, change or delete,
it may be a policy for people who do both, and the finding is shown with `--pedantic` only.

`bedrock:*` and wildcards like it have a rule of their own.

## Why it matters

Whoever takes over the application, by a stolen key or an injected prompt, gets these as well: the guardrail can be
emptied, the log switched off, and capacity bought.

## How to fix it

Move the actions to the role that deploys or administers.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:GetGuardrail", «"bedrock:UpdateGuardrail"»],
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl"
    }
  ]
}
```

A wildcard brings such actions as well:

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": «"bedrock:*LoggingConfiguration"»,
      "Resource": "*"
    }
  ]
}
```

Other actions of the control plane may be what the application is for:

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": «"bedrock:CreateAgent"»,
      "Resource": "*"
    }
  ]
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel*", "bedrock:ApplyGuardrail", "bedrock:GetGuardrail"],
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl"
      ]
    }
  ]
}
```

A policy that deploys and does not call is not meant:

```json good pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:UpdateGuardrail", "bedrock:DeleteGuardrail"],
    "Resource": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl"
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import CALLS, EVERYTHING, broad_writes, is_control_write
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Policy, Statement

_GUARDS = frozenset(
    {
        "bedrock:CreateProvisionedModelThroughput",
        "bedrock:DeleteEnforcedGuardrailConfiguration",
        "bedrock:DeleteFoundationModelAgreement",
        "bedrock:DeleteGuardrail",
        "bedrock:DeleteModelInvocationLoggingConfiguration",
        "bedrock:PutAccountDataRetention",
        "bedrock:PutEnforcedGuardrailConfiguration",
        "bedrock:PutModelInvocationLoggingConfiguration",
        "bedrock:UpdateGuardrail",
    }
)
"""What guards the calls of models, or spends for them; no application changes these in passing."""

_SERVICES = ("bedrock", "bedrock-mantle")
_A_FEW = 4


@rule(Severity.WARNING, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind != "identity":
        return
    call: Action | None = None
    writes: dict[str, Action] = {}
    for statement in policy.statements:
        for action in _entries(statement):
            if action.text in EVERYTHING or broad_writes(action, context.catalog):
                return  # the wildcard is the fault, and has its own finding
            for name in context.catalog.expand(action.pattern):
                if name in CALLS:
                    call = call or action
                elif statement.condition_node is None and is_control_write(name, context.catalog):
                    writes.setdefault(name, action)
    if call is not None and writes:
        yield _problem(call, writes)


def _entries(statement: Statement) -> list[Action]:
    if not statement.grants or not statement.action_nodes:
        return []
    return [action for action in statement.actions if action.service in _SERVICES or action.text in EVERYTHING]


def _problem(call: Action, writes: dict[str, Action]) -> Problem:
    guards = [name for name in writes if name in _GUARDS]
    shown = guards[0] if guards else next(iter(writes))
    more = len(writes) - 1
    verb = f"and {more} more control-plane action{'s' if more > 1 else ''} are" if more else "is"
    return Problem(
        writes[shown],
        f"`{shown}` {verb} allowed beside the invocation of models",
        "an application that calls models needs none of it, and whoever takes it over gets it as well",
        label="control plane",
        fix=Fix("move it to the role that deploys or administers"),
        related=(Note(call, "calls models"),),
        confidence=CERTAIN if guards and len(writes) <= _A_FEW else POSSIBLE,
    )
