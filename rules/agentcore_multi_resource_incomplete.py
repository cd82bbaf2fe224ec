"""An AgentCore action is allowed on one of the resources that a call asks for, not on the others.

## What it finds

Actions of AgentCore whose call is checked on several resources at once, where the policy allows some of them and not
the rest:

- `InvokeAgentRuntime…`: the runtime and its endpoint (`runtime/<id>/runtime-endpoint/<name>`);
- `GetResourceApiKey`, `GetResourceOauth2Token`, `GetResourcePaymentToken`: the workload identity, its directory, the
  token vault and the credential provider in it;
- `GetWorkloadAccessToken…`: the workload identity and its directory; as nobody has reported a denial on the directory,
  this one is shown with `--pedantic`.

All statements of the policy that allow the action count together. Only actions written in full are judged.

## Why it matters

The call is denied, and the message names one resource at a time: fix it, and the next one appears.

## How to fix it

Add the ARNs. `runtime/<id>*` or two entries cover a runtime and its endpoints.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock-agentcore:InvokeAgentRuntime"»,
    "Resource": [
      "arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/chat-a1b2c3d4e5"
    ]
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock-agentcore:InvokeAgentRuntime",
    "Resource": [
      "arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/chat-a1b2c3d4e5",
      "arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/chat-a1b2c3d4e5/runtime-endpoint/*"
    ]
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock-agentcore:GetResourceApiKey"»,
    "Resource": [
      "arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default",
      "arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default/apikeycredentialprovider/search"
    ]
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock-agentcore:InvokeAgentRuntime",
      "Resource": "arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/chat-a1b2c3d4e5"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock-agentcore:InvokeAgentRuntime*",
      "Resource": "arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/chat-a1b2c3d4e5/runtime-endpoint/DEFAULT"
    }
  ]
}
```

A star at the end reaches the endpoints as well:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock-agentcore:InvokeAgentRuntime",
    "Resource": "arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/chat-*"
  }
}
```

A harness is invoked with this action too, and has no runtime to name:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock-agentcore:InvokeHarness", "bedrock-agentcore:InvokeAgentRuntime"],
    "Resource": "arn:aws:bedrock-agentcore:us-east-1:111122223333:harness/chat-a1b2c3d4e5"
  }
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
- https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import AGENTCORE, granted_on
from bedrock_policy_lint.bedrock.arns import last_field
from bedrock_policy_lint.model.overlap import may_meet
from bedrock_policy_lint.model.pattern import covers, is_wild
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Add, Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Service
    from bedrock_policy_lint.model.policy import Action, Policy, Resource, Statement

_TOKEN = "GetWorkloadAccessToken"  # noqa: S105 - the name of an action
_ALL_AT_ONCE = ("InvokeAgentRuntime", "GetResourceApiKey", "GetResourceOauth2Token", "GetResourcePaymentToken", _TOKEN)
"""Actions whose denials have been seen on each of their types; for others the reference lists alternatives."""

_RUNTIME, _ENDPOINT = "runtime", "runtime-endpoint"


@rule(Severity.ERROR, gate="permission")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind not in ("identity", "session"):
        return
    written = _written(policy, context)
    service = context.catalog.service(AGENTCORE) if written else None
    seen: set[tuple[Statement, tuple[str, ...]]] = set()
    for name, action in written.items() if service else ():
        resources = granted_on(policy, name, context)
        if resources is None or service is None or any(one.arn is None for one in resources):
            continue
        needed = service.actions[name.partition(":")[2].lower()].required_resource_types
        there = {kind: [one for one in resources if _may_be(one, kind, service)] for kind in needed}
        missing = tuple(kind for kind in needed if not there[kind])
        if missing and len(missing) < len(needed) and (action.statement, missing) not in seen:
            seen.add((action.statement, missing))
            yield _problem(name, action, missing, [one for kind in needed for one in there[kind]])


def _written(policy: Policy, context: Context) -> dict[str, Action]:
    """The actions that are checked on several resources, and where each is first written in full."""
    found: dict[str, Action] = {}
    for statement in policy.statements:
        for action in statement.actions if statement.grants and statement.action_nodes else ():
            if action.service == AGENTCORE and not is_wild(action.name):
                for full in context.catalog.expand(f"{AGENTCORE}:{action.name}"):
                    if full.partition(":")[2].startswith(_ALL_AT_ONCE):
                        found.setdefault(full, action)
    return found


def _may_be(resource: Resource, kind: str, service: Service) -> bool:
    """Whether the resource may be of the type itself, and not only of one that lies inside it."""
    arn = resource.arn
    if arn is None or not may_meet(arn.service, AGENTCORE):
        return arn is None
    form = _form(kind, service)
    if not may_meet(arn.resource, form):
        return False
    written = arn.resource
    inner = [
        other for name in service.resource_types if (other := _form(name, service)) != form and covers(form, other)
    ]
    return not isinstance(written, str) or not any(covers(other, written) for other in inner)


def _form(kind: str, service: Service) -> str:
    return last_field(service.resource_types[kind.lower()])


def _problem(name: str, action: Action, missing: tuple[str, ...], there: list[Resource]) -> Problem:
    return Problem(
        action,
        f"`{name}` is allowed without the {all_of(missing[:3])} that the call asks for",
        "AWS checks the call on each of these resources, and denies it when one is not allowed",
        label=f"no {missing[0]}",
        fix=_fix(missing, action.statement, there),
        related=(Note(there[0], "allowed, but not enough"),),
        confidence=POSSIBLE if _TOKEN in name else CERTAIN,
    )


def _fix(missing: tuple[str, ...], statement: Statement, there: list[Resource]) -> Fix:
    mine = [one for one in there if one.statement is statement and isinstance(one.text, str) and not is_wild(one.text)]
    if missing == (_ENDPOINT,) and mine:
        edits = tuple(Add(one.node, f"{one.text}/{_ENDPOINT}/*") for one in mine)
        return Fix(f"add `{mine[0].text}/{_ENDPOINT}/*`", edits)
    runtimes = {str(one.text).partition(f"/{_ENDPOINT}/")[0] for one in mine}
    if missing == (_RUNTIME,) and len(runtimes) == 1:
        runtime = runtimes.pop()
        return Fix(f"add `{runtime}`", (Add(mine[0].node, runtime),))
    return Fix(f"add the ARN of {all_of(missing[:3])}")
