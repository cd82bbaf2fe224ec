"""A role may be passed to a service without saying which role, or which service.

## What it finds

`iam:PassRole` in a policy that also allows actions of Bedrock or AgentCore that take a role (`CreateAgent`,
`CreateKnowledgeBase`, `CreateModelInvocationJob`, `CreateAgentRuntime` …):

- on every role and for every service: an error;
- on a pattern of roles, for every service: a warning;
- on one role for every service, or on every role for Bedrock alone: information.

## Why it matters

Who may create an agent and hand it any role acts with the rights of any role that the service can assume. That is the
shortest way from a developer's permissions to an administrator's.

## How to fix it

Name the role, and add the condition `iam:PassedToService` with `bedrock.amazonaws.com` (for AgentCore
`bedrock-agentcore.amazonaws.com`).

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:CreateAgent", "iam:PassRole"],
    "Resource": «"*"»
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:CreateKnowledgeBase",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": «"arn:aws:iam::111122223333:role/AmazonBedrock*"»
    }
  ]
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:CreateKnowledgeBase",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::111122223333:role/AmazonBedrock*",
      "Condition": {
        "StringEquals": {
          "iam:PassedToService": "bedrock.amazonaws.com"
        }
      }
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
      "Action": "bedrock:CreateKnowledgeBase",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::111122223333:role/AmazonBedrockExecutionRoleForKnowledgeBase",
      "Condition": {"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}}
    }
  ]
}
```

Beside actions that take no role, it is other services' business:

```json good
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
      "Action": ["lambda:CreateFunction", "iam:PassRole"],
      "Resource": "*"
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.pattern import covers, is_wild, matches
from bedrock_policy_lint.rule import AddMember, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Policy, Resource, Statement, Test

_TAKE_A_ROLE = {
    "bedrock": (
        "CreateAgent",
        "CreateCustomModel",
        "CreateEvaluationJob",
        "CreateFlow",
        "CreateKnowledgeBase",
        "CreateMarketplaceModelEndpoint",
        "CreateModelCustomizationJob",
        "CreateModelImportJob",
        "CreateModelInvocationJob",
        "PutModelInvocationLoggingConfiguration",
        "UpdateAgent",
        "UpdateFlow",
        "UpdateKnowledgeBase",
    ),
    "bedrock-agentcore": (
        "CreateAgentRuntime",
        "CreateBrowser",
        "CreateCodeInterpreter",
        "CreateGateway",
        "CreateHarness",
        "CreateMemory",
        "CreateOnlineEvaluationConfig",
        "UpdateAgentRuntime",
        "UpdateGateway",
        "UpdateHarness",
    ),
}
"""Whose operations have a parameter for a role; the service reference does not say so."""

_NAMES = {f"{service}:{name}": service for service, names in _TAKE_A_ROLE.items() for name in names}
_PASS = "iam:PassRole"  # noqa: S105 - an action
_PASSED_TO = "iam:passedtoservice"
_TIES = (_PASSED_TO, "iam:associatedresourcearn")
_EVERY, _SOME, _ONE = 2, 1, 0
_MOST_RESOURCES = 200


@rule(Severity.ERROR, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind != "identity":
        return
    passing = [(one, action) for one in policy.statements if one.grants and (action := _passing(one, context))]
    if not passing:
        return
    services = sorted(
        {
            _NAMES[name]
            for statement in policy.statements
            if statement.grants and statement.action_nodes
            for name in context.actions_of(statement).intersection(_NAMES)
        }
    )
    if not services:
        return
    whole = _is_only_bedrock(policy)
    for statement, action in passing:
        problem = _weigh(statement, action, services, whole=whole)
        if problem:
            yield problem


def _passing(statement: Statement, context: Context) -> Action | None:
    """The entry that brings PassRole by its name or a narrow wildcard; all of `iam:*` is an administrator's matter."""
    if not statement.action_nodes or not 0 < len(statement.resource_nodes) <= _MOST_RESOURCES:
        return None
    mine = (action for action in statement.actions if action.service == "iam" and action.name.strip("*"))
    return next((action for action in mine if _PASS in context.catalog.expand(f"iam:{action.name}")), None)


def _weigh(statement: Statement, action: Action, services: list[str], *, whole: bool) -> Problem | None:
    widest = max(statement.resources, key=_width)
    width = _width(widest)
    if width == _EVERY and any(_is_tag_test(test) for test in statement.tests):
        width = _SOME
    ties = [test for test in statement.tests if test.key.lower() in _TIES and _ties(test)]
    if ties:
        elsewhere = all(_is_elsewhere(test, services) for test in ties if test.key.lower() == _PASSED_TO)
        passed_to = any(test.key.lower() == _PASSED_TO for test in ties)
        return None if width < _EVERY or (passed_to and elsewhere) else _any_role(widest)
    return _any_service(statement, action, widest, width, services, whole=whole)


def _width(resource: Resource) -> int:
    arn = resource.arn
    if arn is None:
        return _EVERY if resource.is_star else _ONE
    if not isinstance(arn.resource, str):
        return _ONE
    return _EVERY if covers(arn.resource, "role/*") else _SOME if is_wild(arn.resource) else _ONE


def _is_tag_test(test: Test) -> bool:
    return test.key.lower().startswith(("aws:resourcetag/", "iam:resourcetag/"))


def _ties(test: Test) -> bool:
    return not test.operator.negated and test.operator.base != "Null" and not any(one == "*" for one in test.texts())


def _is_elsewhere(test: Test, services: list[str]) -> bool:
    """Whether the role can only be passed to services that are none of ours."""
    texts = test.texts()
    return all(matches(text, f"{service}.amazonaws.com") is False for text in texts for service in services)


def _any_role(resource: Resource) -> Problem:
    return Problem(
        resource,
        "every role that trusts the service may be passed to it",
        "the caller acts with the rights of whichever of these roles has most",
        label="every role",
        fix=Fix("name the role"),
        severity=Severity.INFO,
    )


def _any_service(
    statement: Statement, action: Action, widest: Resource, width: int, services: list[str], *, whole: bool
) -> Problem:
    names = [f"{service}.amazonaws.com" for service in services]
    value = names[0] if len(names) == 1 else names
    condition = f"the condition `iam:PassedToService` = {' and '.join(f'`{name}`' for name in names)}"
    certain = width < _EVERY and statement.condition_node is None and len(statement.actions) == 1
    edit = AddMember(statement.node, "Condition", {"StringEquals": {"iam:PassedToService": value}})
    return Problem(
        action if width == _ONE else widest,
        f"`{action.text}` on `{widest.text}` has no limit to the service"
        if width < _EVERY
        else f"`{action.text}` lets every role be passed to every service",
        "what the policy lets the caller create would run with the rights of a role that was made for something else",
        label=("for every service", "these roles, for every service", "every role")[width],
        fix=Fix(f"{'name the role and ' if width else ''}add {condition}", (edit,) if certain and whole else ()),
        severity=(Severity.INFO, Severity.WARNING, Severity.ERROR)[width],
    )


def _is_only_bedrock(policy: Policy) -> bool:
    """Whether no other service's action could need the role."""
    return all(
        action.service in ("iam", *_TAKE_A_ROLE)
        for statement in policy.statements
        if statement.grants
        for action in statement.actions
    )
