"""A condition key that requests for an action of the statement never carry.

## What it finds

A test of a key that exists, on actions that do not have it: `bedrock:GuardrailIdentifier` on `bedrock:ApplyGuardrail`,
`bedrock:ServiceTier` on `bedrock:InvokeAgent`, `bedrock:BearerTokenType` on anything but `bedrock:CallWithBearerToken`.
Wildcards are expanded, and actions that the statement's resources cannot meet are left out. Keys of every service
(`aws:RequestedRegion`, `aws:PrincipalTag/…`) are never reported; `aws:RequestTag/…` and `aws:TagKeys` only on actions
that read.

## Why it matters

A request for such an action does not carry the key, and what follows depends on the operator:

- A plain operator is never true. An Allow does not allow the action; a Deny does not stop it.
- A negated operator, `…IfExists` and `ForAllValues:` are always true. A Deny without another test always denies the
  action: denying `bedrock:*` unless a guardrail is used also denies `bedrock:ApplyGuardrail`, and then the guardrail
  cannot be used at all.

## How to fix it

Split the statement: the actions that have the key in one, the others in another without the test.

It is an error when no action of the statement has the key, and a warning when only some lack it. An Allow on a wildcard
such as `bedrock:Invoke*`, of which some actions have the key, is shown with `--pedantic`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock:ApplyGuardrail"],
    "Resource": [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456"
    ],
    "Condition": {
      "StringEquals": {
        «"bedrock:GuardrailIdentifier"»: "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
      }
    }
  }
}
```

This denies everything else of Bedrock always, the use of the guardrail included:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:*", "bedrock-mantle:*"],
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        «"bedrock:GuardrailIdentifier"»: "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456:1"
      }
    }
  }
}
```

The other endpoint has a key of its own, so this Deny stops keys on one endpoint only:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:CallWithBearerToken", "bedrock-mantle:CallWithBearerToken"],
    "Resource": "*",
    "Condition": {
      "StringEquals": {
        «"bedrock:BearerTokenType"»: "LONG_TERM"
      }
    }
  }
}
```

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": "bedrock:CallWithBearerToken",
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "bedrock:BearerTokenType": "LONG_TERM"
        }
      }
    },
    {
      "Effect": "Deny",
      "Action": "bedrock-mantle:CallWithBearerToken",
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "bedrock-mantle:BearerTokenType": "LONG_TERM"
        }
      }
    }
  ]
}
```

A Deny on a wildcard that asks for the key's presence concerns the actions that have it, and no others:

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

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.condition import told, when_absent
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Action, Statement, Test

    _Reach = tuple[frozenset[str], bool, bool]

_TAGS_OF_REQUEST = ("aws:requesttag/", "aws:tagkeys")
_MOST_ENTRIES = 200
_AWAY = {
    ("Allow", False): "the test is never true there, so the statement does not allow",
    ("Deny", False): "the test is never true there, so the Deny does not stop",
    ("Deny", True): "the test is always true there, so the Deny always stops",
}


@rule(Severity.ERROR, gate="permission")
def check(test: Test, context: Context) -> Iterator[Problem]:
    statement, written = test.statement, test.key.lower()
    if statement.not_action_nodes or not (statement.allows or statement.denies):
        return
    if written.startswith("aws:") and not written.startswith(_TAGS_OF_REQUEST):
        return
    known = context.catalog.condition_key(written)
    holds = when_absent(test)
    if known is None or holds is None:
        return
    key = known.name.lower()
    if not _carriers(key, context.catalog):
        return
    lacking, partly, carried = _sort(statement, key, context)
    if lacking and not (partly or carried):
        yield _none(test, holds, key, context)
        return
    named, confidence = _worth_saying(test, holds, lacking, partly)
    if named:
        yield _some(test, holds, named, key, context)._replace(confidence=confidence)


@lru_cache(maxsize=64)
def _carriers(key: str, catalog: Catalog) -> frozenset[str]:
    """The full names of all actions that have the key."""
    services = (catalog.service(prefix) for prefix in catalog.detailed_services())
    actions = (action for service in services if service for action in service.actions.values())
    return frozenset(action.full_name for action in actions if key in action.condition_keys)


def _sort(statement: Statement, key: str, context: Context) -> tuple[list[Action], list[Action], bool]:
    """The entries whose requests never carry the key, those for which some do, and whether others do or may do so."""
    lacking: list[Action] = []
    partly: list[Action] = []
    carried = len(statement.action_nodes) > _MOST_ENTRIES
    reach = _reach(statement)
    for action in statement.actions[:_MOST_ENTRIES]:
        answers = _answers(action.service, action.name or str(action.text), key, reach, context)
        decided = answers - {None}
        carried = carried or None in answers or decided == {True}
        if len(decided) == 2:
            partly.append(action)
        elif decided == {False}:
            lacking.append(action)
    return lacking, partly, carried


@lru_cache(maxsize=512)
def _answers(service: str, name: str, key: str, reach: _Reach, context: Context) -> frozenset[bool | None]:
    """Whether the actions that an entry stands for have the key; those out of the resources' reach do not count."""
    catalog = context.catalog
    if not service:
        names = context.detailed_actions if name == "*" else frozenset[str]()
    elif catalog.service(service) or is_wild(service) or not catalog.knows_prefix(service):
        names = frozenset() if is_wild(service) else frozenset(catalog.expand(f"{service}:{name}"))
    else:
        names = frozenset({f"{service}:{name}"})
    if not names:
        return frozenset({None})
    return frozenset(_has(name, key, catalog) for name in names if _is_reached(name, reach, catalog))


def _has(name: str, key: str, catalog: Catalog) -> bool | None:
    if name in _carriers(key, catalog):
        return True
    action = catalog.action(name)
    if key.startswith("aws:"):
        # Only what reads is certain to take no tags; elsewhere the reference may lag behind.
        return False if action is not None and action.access_level in ("Read", "List") else None
    if name.startswith("bedrock") or key.startswith(("bedrock", "aws-marketplace:")):
        return False
    return None


def _is_reached(name: str, reach: _Reach, catalog: Catalog) -> bool:
    kinds, wide, star = reach
    if star:
        return True
    service = name.partition(":")[0]
    action, table = catalog.action(name), catalog.service(service)
    if action is None or table is None:
        return wide or any(kind.startswith(f"{service}:") for kind in kinds)
    if not action.resource_types:
        return False
    if wide:
        return True
    known = [table.resource_types.get(kind.lower()) for kind in action.resource_types]
    heads = {f"{service}:{kind.resource_prefix.partition('/')[0]}" if kind else "" for kind in known}
    return "" in heads or not heads.isdisjoint(kinds)


def _reach(statement: Statement) -> _Reach:
    """What a statement names: services and types as `bedrock:guardrail`, whether some are hidden, whether the star."""
    if not statement.resource_nodes:
        return frozenset(), True, True
    kinds: set[str] = set()
    wide = len(statement.resource_nodes) > _MOST_ENTRIES
    star = False
    for resource in statement.resources[:_MOST_ENTRIES]:
        arn = resource.arn
        star = star or resource.is_star
        if arn is None or arn.type is None or not isinstance(arn.service, str) or is_wild(arn.service):
            wide = True
        else:
            kinds.add(f"{arn.service}:{arn.type}")
    return frozenset(kinds), wide, star


def _worth_saying(test: Test, holds: bool, lacking: list[Action], partly: list[Action]) -> tuple[list[Action], str]:
    """The entries that are surely not meant to behave so, and how sure that is."""
    whole = [action for action in partly if action.name in ("", "*")]
    if test.statement.allows:
        if holds:
            return [], CERTAIN
        named = lacking + whole
        return (named, CERTAIN) if named else (partly, POSSIBLE)
    if not holds:
        # A wildcard in such a Deny is a short way to write the actions that have the key.
        return [action for action in lacking if not is_wild(action.text)], CERTAIN
    alone = len(test.statement.tests) == 1 and not test.operator.if_exists
    return (lacking + partly if alone else []), CERTAIN


def _none(test: Test, holds: bool, key: str, context: Context) -> Problem:
    statement = test.statement
    breaks = not holds or (statement.denies and len(statement.tests) == 1)
    return Problem(
        test,
        f"no action of this statement has the key `{test.key}`",
        f"{_where(key, context)}: {told(statement, holds)}",
        label="always true" if holds else "never true",
        fix=Fix("delete this test, or name the actions that have the key"),
        severity=Severity.ERROR if breaks else Severity.WARNING,
    )


def _some(test: Test, holds: bool, named: list[Action], key: str, context: Context) -> Problem:
    part = any(is_wild(action.text) for action in named)
    listed = one_of([action.text for action in named[:3]])
    them = "the others" if part else "them" if len(named) > 1 else "it"
    return Problem(
        test,
        f"`{test.key}` does not exist for {'all of ' if part else ''}{listed}",
        f"{_where(key, context)}; {_AWAY[(test.statement.effect, holds)]} {them}",
        label="not for every action here",
        fix=_advise(test, named, listed, holds, context),
        related=tuple(
            Note(action, "not all have the key" if part else "does not have the key") for action in named[:3]
        ),
        severity=Severity.WARNING,
    )


def _where(key: str, context: Context) -> str:
    carriers = sorted(_carriers(key, context.catalog))
    known = "only " + " and ".join(f"`{name}`" for name in carriers[:2])
    if len(carriers) > 2:
        known = f"{len(carriers)} other actions"
    return f"on {context.catalog.actions_date} the key exists for {known}"


def _advise(test: Test, named: list[Action], listed: str, holds: bool, context: Context) -> Fix:
    statement = test.statement
    own = context.catalog.condition_key(f"{named[0].service}:{test.key.partition(':')[2]}")
    if own and own.name.lower() != test.key.lower() and not holds:
        return Fix(f"put `{named[0].text}` in a statement of its own that tests `{own.name}`")
    if statement.denies and holds:
        return Fix("name only the actions that have the key in this statement")
    if any(is_wild(action.text) for action in named):
        return Fix("name the actions that have the key here, and the others in a statement without this test")
    return Fix(f"move {listed} to a statement without this test")
