"""A policy that demands a guardrail leaves a way to call models without one.

## What it finds

Where a policy tests `bedrock:GuardrailIdentifier` on the invocation of models, each way around that test which the same
policy leaves:

- another Allow for the same models that does not ask for the guardrail;
- an Allow that asks with `IfExists` or `ForAllValues:`, both true for a call without a guardrail;
- a Deny with `ForAnyValue:`, which is false for a call without a guardrail;
- a Deny that names `bedrock:InvokeModel` and not `bedrock:InvokeModelWithResponseStream`, or the reverse;
- a Deny on the models of one Region, where the policy allows them in others;
- beside such a Deny, an Allow for `bedrock-mantle:CreateInference`.

With `--pedantic`, a service control policy is also told where its Deny is limited to one Region or to one of the two
endpoints, and an Allow is shown that goes around the demand under conditions of its own, or through `bedrock-mantle`
where no Deny demands the guardrail.

## Why it matters

A guardrail that can be left out protects against nothing: the caller chooses. ConverseStream is authorised by
`bedrock:InvokeModelWithResponseStream` alone. A cross-Region profile runs the model in other Regions than the one that
was called. The endpoint `bedrock-mantle` has an action of its own, and no key for guardrails.

## How to fix it

Deny both invoke actions with `StringNotEquals` on `bedrock:GuardrailIdentifier`, which is true when the key is absent,
for the models of all Regions. Such a Deny wins over every Allow.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.*",
      "Condition": {
        "StringEquals": {
          "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": [«"bedrock:InvokeModel"», "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
```

Converse needs the guardrail, ConverseStream does not:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": «"bedrock:InvokeModel"»,
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
      }
    }
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
      }
    }
  }
}
```

`ForAnyValue:` is false when the key is absent, so a call without a guardrail is not denied:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "*",
    "Condition": {
      "ForAnyValue:StringNotEquals": {
        «"bedrock:GuardrailIdentifier"»: "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
      }
    }
  }
}
```

The Deny holds in one Region, the Allow in all, and the other endpoint asks for no guardrail:

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [«"bedrock:InvokeModel"», "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": «"bedrock-mantle:CreateInference"»,
      "Resource": "arn:aws:bedrock-mantle:us-east-1:111122223333:project/default"
    },
    {
      "Effect": "Deny",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/*",
      "Condition": {
        "StringNotEquals": {
          "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
        }
      }
    }
  ]
}
```

A Deny that is true without a guardrail makes the wide Allow harmless; embedding models are left out on purpose:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
      ]
    },
    {
      "Effect": "Deny",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:*::foundation-model/amazon.nova-*",
      "Condition": {
        "StringNotEquals": {
          "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
        }
      }
    }
  ]
}
```

AWS's own form, an Allow and a Deny for the models of one Region:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "Condition": {
        "StringEquals": {
          "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
        }
      }
    },
    {
      "Effect": "Deny",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "Condition": {
        "StringNotEquals": {
          "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": "bedrock:ApplyGuardrail",
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456"
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.arns import MODEL, can_be, target
from bedrock_policy_lint.model.condition import is_about_caller, when_absent
from bedrock_policy_lint.model.pattern import covers, is_wild, meets
from bedrock_policy_lint.model.scope import naming
from bedrock_policy_lint.rule import (
    CERTAIN,
    POSSIBLE,
    Add,
    At,
    Context,
    Fix,
    Note,
    Problem,
    Severity,
    Undecided,
    rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy, Resource, Statement, Test

_KEY = "bedrock:guardrailidentifier"
_MANTLE = frozenset({"bedrock-mantle:CreateInference"})
_MOST_STATEMENTS = 200
_MOST_RESOURCES = 50

_Models = tuple[str, str]
"""A set of foundation models: the patterns of their Regions and ids."""


class _Demands(NamedTuple):
    """The statements of a policy that ask for a guardrail, each with its test."""

    allows: list[tuple[Statement, Test]]
    """Those that allow nothing without one."""
    denies: list[tuple[Statement, Test]]
    """Those that deny what comes without one."""
    soft: list[tuple[Statement, Test]]
    """Those that let a call without one pass."""


@rule(Severity.WARNING, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem | Undecided]:
    demands = _demands(policy, context)
    if not any(demands):
        return
    if max(map(len, demands)) > _MOST_STATEMENTS:
        yield Undecided(policy.node, "whether each of so many statements on guardrails can be gone around")
        return
    yield from (_let_through(statement, test) for statement, test in demands.soft if not _is_denied(statement, demands))
    yield from _half_denied(policy, demands, context)
    yield from _open_allows(policy, demands, context)
    if policy.kind == "scp" and demands.denies:
        yield from _narrow_denies(policy, demands, context)


def _demands(policy: Policy, context: Context) -> _Demands:
    demands = _Demands([], [], [])
    for statement in policy.statements:
        if statement.condition_node is None:
            continue
        tests = statement.tests_of(_KEY)
        if not tests or INVOKE.isdisjoint(context.actions_of(statement)):
            continue
        passes = when_absent(tests[0])
        if statement.allows and passes is not None:
            tolerant = tests[0].operator.if_exists or tests[0].operator.quantifier == "ForAllValues"
            if not passes:
                demands.allows.append((statement, tests[0]))
            elif tolerant and len(tests) == 1:
                demands.soft.append((statement, tests[0]))
        elif statement.denies and passes:
            demands.denies.append((statement, tests[0]))
        elif statement.denies and tests[0].operator.negated:
            demands.soft.append((statement, tests[0]))
    return demands


# What a statement reaches


def _models(statement: Statement) -> list[_Models]:
    """The foundation models that a statement can name; nothing for what the file does not settle."""
    if statement.not_resource_nodes:
        return []
    found = (_named(resource) for resource in statement.resources[:_MOST_RESOURCES])
    return [models for models in found if models]


def _named(resource: Resource) -> _Models | None:
    arn, named = resource.arn, target(resource.arn)
    if resource.is_star:
        return "*", "*"
    if arn is None or not isinstance(arn.region, str):
        return None
    if named:
        return (arn.region, named.id) if named.kind == MODEL and isinstance(named.id, str) else None
    return (arn.region, "*") if can_be(arn, MODEL) else None


def _is_denied(statement: Statement, demands: _Demands) -> bool:
    """Whether a Deny demands the guardrail for everything that this statement names, or may do so."""
    denies = [deny for deny, _ in demands.denies]
    if any(deny.not_resource_nodes or _has_hole(deny) or not _is_plain(deny) for deny in denies):
        return True
    stopped = [models for deny in denies for models in _models(deny)]
    return bool(stopped) and all(any(_covers(wide, models) for wide in stopped) for models in _models(statement))


def _is_plain(deny: Statement) -> bool:
    return all(test.key.lower() == _KEY or is_about_caller(test) for test in deny.tests)


def _has_hole(deny: Statement) -> bool:
    return any(not isinstance(resource.text, str) for resource in deny.resources[:_MOST_RESOURCES])


def _covers(wide: _Models, narrow: _Models) -> bool:
    return covers(wide[0], narrow[0]) and covers(wide[1], narrow[1])


def _overlap(one: list[_Models], other: list[_Models]) -> bool:
    return any(meets(a[0], b[0]) and meets(a[1], b[1]) for a in one for b in other)


# What is found


def _let_through(statement: Statement, test: Test) -> Problem:
    written = test.operator_node.value
    if statement.allows:
        message = f"`{written}` allows calls without a guardrail, too"
    else:
        message = f"`{written}` does not deny calls without a guardrail"
    return Problem(
        test,
        message,
        f"a call that names no guardrail does not carry the key, and there the test is "
        f"{'true' if statement.allows else 'false'}",
        label="not asked of every call",
        fix=Fix(f"write `{test.operator.base}`"),
    )


def _half_denied(policy: Policy, demands: _Demands, context: Context) -> Iterator[Problem]:
    """A Deny for one of the two invoke actions, where nothing stops the other."""
    stopping = [deny for deny, _ in demands.denies] + _outright(policy)
    missing = sorted(INVOKE.difference(*(context.actions_of(deny) for deny in stopping)))
    if not missing or not demands.denies:
        return
    statement, test = demands.denies[0]
    entries = naming(statement, INVOKE, context.catalog.expand)
    if not entries or (policy.kind != "scp" and not _grants_without(missing[0], policy, context)):
        return
    yield Problem(
        entries[0],
        f"`{missing[0]}` is not asked for a guardrail",
        "each of InvokeModel and InvokeModelWithResponseStream is an action of its own: "
        "Converse asks for the one, ConverseStream for the other",
        label="only this action is",
        fix=Fix(f"add `{missing[0]}`", (Add(entries[0].node, missing[0]),)),
        related=(Note(test, "the guardrail is demanded here"),),
    )


def _outright(policy: Policy) -> list[Statement]:
    return [statement for statement in policy.statements if statement.denies and statement.condition_node is None]


def _grants_without(name: str, policy: Policy, context: Context) -> bool:
    return any(
        statement.allows and name in context.actions_of(statement) and not statement.tests_of(_KEY)
        for statement in policy.statements
    )


def _open_allows(policy: Policy, demands: _Demands, context: Context) -> Iterator[Problem]:
    """Every Allow of the policy that does not ask for the guardrail that another statement asks for."""
    denied = frozenset[str]().union(*(context.actions_of(deny) for deny in _outright(policy)))
    left = _MOST_STATEMENTS
    for statement in policy.statements:
        if not statement.grants or not left:
            continue
        actions = context.actions_of(statement) - denied
        found = None
        if actions & INVOKE and not statement.tests_of(_KEY):
            left -= 1
            found = _gap(statement, demands)
        if found:
            yield _without(statement, *found, context)
        elif actions & _MANTLE:
            left -= 1
            yield _through_mantle(statement, demands, context)


def _gap(statement: Statement, demands: _Demands) -> tuple[Test, str] | None:
    """The demand that this Allow goes around, and in how far."""
    models = _models(statement)
    if not models or _is_denied(statement, demands):
        return None
    for allow, test in demands.allows:
        if _overlap(models, _models(allow)):
            return test, "the same models"
    for deny, test in demands.denies:
        stopped = _models(deny)
        regions = {region for region, _ in stopped}
        for wanted_region, wanted_id in models:
            if any(covers(wide_id, wanted_id) and not covers(region, wanted_region) for region, wide_id in stopped):
                return (test, "the same models in other Regions") if len(regions) == 1 else None
    return None


def _without(statement: Statement, test: Test, what: str, context: Context) -> Problem:
    return Problem(
        _entry(statement, INVOKE, context),
        f"this statement allows {what} without the guardrail that another one asks for",
        "an Allow needs no help from another: a call that this one allows needs no guardrail",
        label="no guardrail asked for",
        fix=Fix("deny both invoke actions with `StringNotEquals` on `bedrock:GuardrailIdentifier` for these models"),
        related=(Note(test, "the guardrail is asked for here"),),
        confidence=POSSIBLE if statement.tests else CERTAIN,
    )


def _through_mantle(statement: Statement, demands: _Demands, context: Context) -> Problem:
    test = next(test for group in demands for _, test in group)
    return Problem(
        _entry(statement, _MANTLE, context),
        "this statement allows `bedrock-mantle:CreateInference`, which needs no guardrail",
        "the endpoint bedrock-mantle has an action of its own and no condition key for guardrails",
        label="no guardrail here",
        fix=Fix("do not allow it, or deny it, where a guardrail is demanded"),
        related=(Note(test, "the guardrail is asked for here"),),
        confidence=CERTAIN if demands.denies and not statement.tests else POSSIBLE,
    )


def _entry(statement: Statement, names: frozenset[str], context: Context) -> At:
    entries = naming(statement, names, context.catalog.expand)
    return entries[0] if entries else (statement.effect_node or statement.node)


def _narrow_denies(policy: Policy, demands: _Demands, context: Context) -> Iterator[Problem]:
    """What a service control policy leaves open, as far as it alone tells."""
    statement, test = demands.denies[0]
    regions = {region for region, _ in _models(statement)}
    region = regions.pop() if len(regions) == 1 else ""
    if region and not is_wild(region):
        yield Problem(
            test,
            f"a guardrail is demanded in `{region}` only",
            "a cross-Region profile also runs its model in other Regions",
            label="only in one Region",
            fix=Fix("write `*` for the Region in `Resource`"),
            severity=Severity.INFO,
            confidence=POSSIBLE,
        )
    if not any(other.denies and context.actions_of(other) & _MANTLE for other in policy.statements):
        yield Problem(
            test,
            "a guardrail is demanded, and `bedrock-mantle:CreateInference` is open",
            "the endpoint bedrock-mantle has an action of its own and no condition key for guardrails",
            label="not on the other endpoint",
            fix=Fix("deny `bedrock-mantle:CreateInference` as well"),
            confidence=POSSIBLE,
        )
