"""A Deny on one of Bedrock's two endpoints leaves the same thing open on the other.

## What it finds

A Deny on `bedrock:CallWithBearerToken`, or on the invocation of models with `bedrock:InvokeModel`,
`bedrock:InvokeModel*`, `bedrock:Invoke*` or `bedrock:*`, where no Deny of the policy names the same on
`bedrock-mantle`. In a service control policy that is enough; in other policies an Allow of the same policy must open
the other endpoint.

Shown with `--pedantic` only: Denies in service control policies on some models instead of all, and Denies that limit
Regions or service tiers. Denies that test a profile, a router or a guardrail are left out, for the other endpoint knows
none of these; so are Denies on models that it does not offer.

## Why it matters

`bedrock-mantle`, the endpoint with the OpenAI and Anthropic style of calls, has actions of its own: API keys need
`bedrock-mantle:CallWithBearerToken`, calls of models `bedrock-mantle:CreateInference`. A Deny on `bedrock:` actions
does not touch them, and many models are served on both endpoints.

Another policy of the organisation may close the gap. This one does not.

## How to fix it

Deny both. For single models, test `bedrock-mantle:Model` on `bedrock-mantle:CreateInference`; for kinds of API keys,
`bedrock-mantle:BearerTokenType`.

## Examples

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": [«"bedrock:CallWithBearerToken"»],
    "Resource": "*"
  }
}
```

```json fixed kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:CallWithBearerToken", "bedrock-mantle:CallWithBearerToken"],
    "Resource": "*"
  }
}
```

Switching Bedrock off takes both prefixes:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": [«"bedrock:*"», "bedrock-agentcore:*"],
    "Resource": "*"
  }
}
```

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:*", "bedrock-mantle:*", "bedrock-agentcore:*"],
    "Resource": "*"
  }
}
```

With `--pedantic`, a Deny on some models that both endpoints offer:

```json bad kind=scp pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": [«"bedrock:InvokeModel"», "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/deepseek.*"
  }
}
```

Global profiles exist on one endpoint only, so AWS's form to switch them off needs no second half:

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:*",
    "Resource": "*",
    "Condition": {
      "StringEquals": {
        "aws:RequestedRegion": "unspecified"
      },
      "ArnLike": {
        "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*"
      }
    }
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-permissions.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.arns import MODEL, target
from bedrock_policy_lint.bedrock.invocable import PROFILE_KEY
from bedrock_policy_lint.model.condition import is_about_caller
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.scope import is_on_all, naming
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Add, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Policy, Statement


class _Pair(NamedTuple):
    """What an action of `bedrock` controls, and the action of the other endpoint that does the same."""

    one: str
    other: str
    what: str
    written: frozenset[str]
    """The entries that stand for just this; a wider one may be there for other reasons."""


_PAIRS = (
    _Pair(
        "bedrock:CallWithBearerToken",
        "bedrock-mantle:CallWithBearerToken",
        "API keys",
        frozenset({"bedrock:callwithbearertoken"}),
    ),
    _Pair(
        "bedrock:InvokeModel",
        "bedrock-mantle:CreateInference",
        "models",
        frozenset({"bedrock:invokemodel", "bedrock:invokemodel*", "bedrock:invoke*", "bedrock:*"}),
    ),
)
_NOT_ON_MANTLE = frozenset({PROFILE_KEY, "bedrock:guardrailidentifier", "bedrock:promptrouterarn"})
_MOST_RESOURCES = 200


@rule(Severity.WARNING, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    for pair in _PAIRS:
        found = _first(policy, pair, context)
        if found is None or not _is_open(policy, pair.other, context):
            continue
        statement, action = found
        confidence = _confidence(statement, pair, context)
        if confidence:
            yield _problem(statement, action, pair)._replace(confidence=confidence)


def _first(policy: Policy, pair: _Pair, context: Context) -> tuple[Statement, Action] | None:
    """The first Deny that is there to control this."""
    names = frozenset({pair.one})
    for statement in policy.statements:
        if not statement.denies or statement.not_action_nodes or pair.one not in context.actions_of(statement):
            continue
        keys = {test.key.lower() for test in statement.tests}
        if keys & _NOT_ON_MANTLE:
            continue
        for action in naming(statement, names, context.catalog.expand):
            if str(action.text).lower() in pair.written:
                return statement, action
    return None


def _is_open(policy: Policy, name: str, context: Context) -> bool:
    """Whether the policy nowhere denies the action and, unless it only sets limits, allows it."""
    if any(statement.denies and name in context.actions_of(statement) for statement in policy.statements):
        return False
    return policy.kind == "scp" or any(
        statement.allows and name in context.actions_of(statement) for statement in policy.statements
    )


def _confidence(statement: Statement, pair: _Pair, context: Context) -> str:
    """How sure it is that the other endpoint was forgotten; empty when it does not come into play."""
    policy = statement.policy
    if not all(is_about_caller(test) or test.key.lower() == "bedrock:bearertokentype" for test in statement.tests):
        return POSSIBLE
    if pair.what == "API keys":
        return CERTAIN
    if not _are_on_mantle(statement, context):
        return ""
    return CERTAIN if is_on_all(statement) or policy.kind != "scp" else POSSIBLE


def _are_on_mantle(statement: Statement, context: Context) -> bool:
    """Whether the other endpoint offers a model that the statement denies."""
    if statement.not_resource_nodes:
        return True
    patterns = []
    for resource in statement.resources[:_MOST_RESOURCES]:
        arn, named = resource.arn, target(resource.arn)
        if resource.is_star or (arn is not None and arn.service == "bedrock" and arn.type is None):
            return True
        if named and named.kind == MODEL and isinstance(named.id, str):
            patterns.append(named.id)
    offered = (model.id for model in context.catalog.models() if model.mantle_regions) if patterns else ()
    return any(glob(pattern, model_id) for model_id in offered for pattern in patterns)


def _problem(statement: Statement, action: Action, pair: _Pair) -> Problem:
    single = is_on_all(statement) and all(test.key.lower().startswith("aws:") for test in statement.tests)
    return Problem(
        action,
        f"`{action.text}` does not deny {pair.what} on the other endpoint, where `{pair.other}` is asked for",
        "no Deny of this policy names the actions of `bedrock-mantle`, which are checked apart",
        label="on one of two endpoints",
        fix=Fix(f"add `{pair.other}`", (Add(action.node, pair.other),))
        if single
        else Fix(f"deny `{pair.other}` in a statement with the condition keys of `bedrock-mantle`"),
    )
