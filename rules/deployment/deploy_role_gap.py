"""A role of CloudFormation may create what it may not read or delete.

## What it finds

A role that `cloudformation.amazonaws.com` may assume, all of whose policies the template shows, that may call the
action which creates a Bedrock, AgentCore or Mantle resource, and of the actions beside it:

- not the one that reads the resource: AWS's schema of the resource type lists it for the handler that creates it;
- or not the one that deletes it, which the schema lists for the handler that deletes it.

An action counts as missing when no statement of the role's policies, or none of its permissions boundary, names it:
whether resources and conditions fit is another question. Where the role is lent to others beside CloudFormation, the
finding is shown with `--pedantic` only: they may call the action by themselves. So are missing actions that not every
template needs: to update the resource, and to write and list its tags. An action that a `Deny` names is left alone, as
is one that is needed for another type that the role may create: a runtime makes its workload identity.

## Why it matters

CloudFormation calls with the role that it is given, and nothing else. The handler that creates a resource may report
success only once the resource is as the template wants it, and so reads it: where it may not, the resource can be there
while the stack says that its creation failed. The rollback then deletes it, which fails too where the role may not do
that.

## How to fix it

Grant what the schema of the type lists, on the resources that the stack makes.

## Examples

```yaml bad
Resources:
  DeployRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: cloudformation.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: guardrails
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - «bedrock:CreateGuardrail»
                  - bedrock:DeleteGuardrail
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:guardrail/*
```

```yaml good pedantic=yes
Resources:
  DeployRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: cloudformation.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: guardrails
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - bedrock:CreateGuardrail
                  - bedrock:GetGuardrail
                  - bedrock:UpdateGuardrail
                  - bedrock:DeleteGuardrail
                  - bedrock:ListTagsForResource
                  - bedrock:TagResource
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:guardrail/*
```

## References

- https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
- https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.statements import Clause
from bedrock_policy_lint.deployment import handlers
from bedrock_policy_lint.deployment.trust import is_service, lets_assume
from bedrock_policy_lint.diagnosis.attempts import naming
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Role
    from bedrock_policy_lint.deployment.handlers import Handlers
    from bedrock_policy_lint.model.policy import Action, Policy, Statement

_SERVICE = "cloudformation.amazonaws.com"
_LAYERS = frozenset({"identity", "boundary", "trust"})
_MOST = 6
"""So many actions are named; of more a message says how many there are."""


class _Gap(NamedTuple):
    """What is missing beside an entry that lets something be created."""

    entry: Action
    types: list[str]
    needed: list[str]
    """What every template needs that creates and deletes the resource."""
    further: list[str]


@rule(Severity.WARNING, gate="permission")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    for role in deployment.roles:
        if role.kind != "role" or role.trust is None or not _LAYERS.isdisjoint(role.unread):
            continue
        lent = [statement for statement in role.trust.statements if statement.allows]
        if any(lets_assume(statement, _SERVICE) is True for statement in lent):
            is_sure = all(_is_only_for_it(statement) for statement in lent)
            for gap in _gaps(role):
                yield from _problems(gap, role, is_sure=is_sure)


def _is_only_for_it(statement: Statement) -> bool:
    return bool(statement.principals) and all(is_service(who.text, _SERVICE) for who in statement.principals)


# What is missing


def _gaps(role: Role) -> list[_Gap]:
    """What is missing, by the entry that lets it be created."""
    found: dict[int, _Gap] = {}
    for kind in handlers.types():
        entry = _creating(role, kind)
        if entry is None or any(_may(role, other) for other in kind.within):
            continue
        needed = [action for action in (kind.read, kind.delete) if action and _is_missing(role, action)]
        further = [action for action in kind.further if _is_missing(role, action)]
        if needed or further:
            gap = found.setdefault(id(entry.node), _Gap(entry, [], [], []))
            gap.types.append(kind.type)
            gap.needed.extend(action for action in needed if action not in gap.needed)
            gap.further.extend(action for action in further if action not in gap.further)
    return list(found.values())


def _creating(role: Role, kind: Handlers) -> Action | None:
    """The entry by which a role may create resources of a type; none where that is not certain."""
    if _is_denied(role, kind.create) or not (_grants(role.boundary, kind.create) or not role.boundary):
        return None
    statements = (statement for policy in role.policies for statement in policy.statements if statement.allows)
    return next(filter(None, (naming(statement, kind.create) for statement in statements)), None)


def _is_missing(role: Role, action: str) -> bool:
    """Whether nothing can allow an action, and nobody denies it on purpose."""
    return not (_may(role, action) or _is_denied(role, action))


def _may(role: Role, action: str) -> bool:
    """Whether the statements that allow something may speak of an action."""
    named = _names(role.policies, action)
    return named and (not role.boundary or _names(role.boundary, action))


def _names(policies: tuple[Policy, ...], action: str) -> bool:
    return any(_speaks(statement, action) is not False for statement in _allows(policies))


def _grants(policies: tuple[Policy, ...], action: str) -> bool:
    return any(_speaks(statement, action) is True for statement in _allows(policies))


def _is_denied(role: Role, action: str) -> bool:
    statements = (statement for policy in (*role.policies, *role.boundary) for statement in policy.statements)
    return any(not statement.allows and _speaks(statement, action) is not False for statement in statements)


def _allows(policies: tuple[Policy, ...]) -> Iterator[Statement]:
    return (statement for policy in policies for statement in policy.statements if statement.allows)


def _speaks(statement: Statement, action: str) -> bool | None:
    return Clause(statement, asks_who=False).action(action.lower(), [])


# In words


def _problems(gap: _Gap, role: Role, *, is_sure: bool) -> Iterator[Problem]:
    if gap.needed:
        yield _problem(gap, role, gap.needed, _WHY, CERTAIN if is_sure else POSSIBLE)
    elif gap.further:
        yield _problem(gap, role, gap.further, _WHY_FURTHER, POSSIBLE)


_WHY = "of what AWS's schemas list for the handlers, of {}, a stack needs these to create a resource and to roll back"
_WHY_FURTHER = "AWS's schemas list these for the handlers, of {}: for an update of the resource, and for its tags"


def _problem(gap: _Gap, role: Role, missing: list[str], why: str, confidence: str) -> Problem:
    types = f"an `{gap.types[0]}`" if len(gap.types) == 1 else f"{len(gap.types)} types of resources"
    return Problem(
        gap.entry,
        f"with the role `{role.name}` CloudFormation may create {types}, but not call {_some(missing)}",
        why.format(handlers.as_of()),
        label="may create, and no more",
        fix=Fix(f"allow {_some(missing)} too"),
        related=(Note(role.node, "CloudFormation may assume this role"),),
        confidence=confidence,
    )


def _some(actions: list[str]) -> str:
    if len(actions) <= _MOST:
        return all_of(actions)
    return f"{', '.join(f'`{action}`' for action in actions[:_MOST])} and {len(actions) - _MOST} more"
