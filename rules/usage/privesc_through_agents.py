"""A caller that can act with another role's rights by creating something that runs with it.

## What it finds

A principal whose policies, taken together, allow all links of one of these chains:

- `iam:PassRole` on a pattern of roles, for `bedrock-agentcore.amazonaws.com`;
- creating something that runs with the role: a code interpreter, a runtime, a harness or a browser of AgentCore;
- using what was created: `InvokeCodeInterpreter`, `InvokeAgentRuntime`, `InvokeHarness` or a browser session.

The same with an agent of Bedrock (`CreateAgent` or `UpdateAgent`, `PrepareAgent`, `InvokeAgent`) weighs less, since an
agent runs no code of the caller's. So does a pattern of roles that is narrower than all of them. Each link is decided
over all declared layers: a boundary or a service control policy that cuts one of them ends the chain, and where
something undeclared decides, nothing is said. Roles that are named in full are not meant, nor are administrators: who
may put any policy on any role (`iam:PutRolePolicy`) gains nothing by this.

In a template every role, user, group and permission set is looked at whose policies are all known, whatever works with
it. Without a Region, only what is found in different Regions is told. Policies that AWS manages count too, except
that nothing is said of agents of Bedrock: `AmazonBedrockFullAccess` is what `full-access-managed-policy` is about.

## Why it matters

Whoever can use what runs with a role can act as that role: code in AgentCore reads the role's credentials from the
metadata service of its machine, whatever the network mode. So the caller has the rights of the strongest role that it
may pass and that trusts the service.

## How to fix it

Name the one role that is passed by its ARN, and add the condition `iam:PassedToService`. Or let one principal create
and another one use what was created.

## Examples

```yaml bad also=passrole-unconstrained
region: us-east-1
account: "111122223333"
complete: false
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: bedrock-agentcore:CreateCodeInterpreter
      Resource: "*"
    - Effect: Allow
      Action:
        - bedrock-agentcore:StartCodeInterpreterSession
        - bedrock-agentcore:InvokeCodeInterpreter
      Resource: arn:aws:bedrock-agentcore:us-east-1:111122223333:code-interpreter-custom/*
    - Effect: Allow
      Action: «iam:PassRole»
      Resource: "*"
```

A pattern of roles and an agent of Bedrock:

```yaml bad
region: us-east-1
account: "111122223333"
complete: false
uses:
  - invoke-agent AGENT12345/ALIAS12345
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:CreateAgent
      Resource: "*"
    - Effect: Allow
      Action:
        - bedrock:PrepareAgent
        - bedrock:InvokeAgent
      Resource:
        - arn:aws:bedrock:us-east-1:111122223333:agent/*
        - arn:aws:bedrock:us-east-1:111122223333:agent-alias/*
    - Effect: Allow
      Action: «iam:PassRole»
      Resource: arn:aws:iam::111122223333:role/AmazonBedrock*
      Condition:
        StringEquals:
          iam:PassedToService: bedrock.amazonaws.com
```

The same in a template:

```yaml bad also=passrole-unconstrained
Resources:
  Experiments:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: interpreters
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock-agentcore:CreateCodeInterpreter
                Resource: "*"
              - Effect: Allow
                Action:
                  - bedrock-agentcore:StartCodeInterpreterSession
                  - bedrock-agentcore:InvokeCodeInterpreter
                Resource:
                  - !Sub arn:${AWS::Partition}:bedrock-agentcore:*:${AWS::AccountId}:code-interpreter-custom/*
              - Effect: Allow
                Action: «iam:PassRole»
                Resource: "*"
```

One role that is named in full, and a pattern of roles for another service:

```yaml good
region: us-east-1
account: "111122223333"
complete: false
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: bedrock-agentcore:CreateCodeInterpreter
      Resource: "*"
    - Effect: Allow
      Action:
        - bedrock-agentcore:StartCodeInterpreterSession
        - bedrock-agentcore:InvokeCodeInterpreter
      Resource: arn:aws:bedrock-agentcore:us-east-1:111122223333:code-interpreter-custom/*
    - Effect: Allow
      Action: iam:PassRole
      Resource: arn:aws:iam::111122223333:role/code-interpreter
      Condition:
        StringEquals:
          iam:PassedToService: bedrock-agentcore.amazonaws.com
    - Effect: Allow
      Action: iam:PassRole
      Resource: arn:aws:iam::111122223333:role/lambda-*
      Condition:
        StringEquals:
          iam:PassedToService: lambda.amazonaws.com
```

## References

- https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/security-credentials-management.html
- https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/harness-security.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.bedrock.actions import AGENTCORE
from bedrock_policy_lint.model.pattern import covers, is_wild
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, also, rule
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.authorize.request import ContextValue
    from bedrock_policy_lint.diagnosis.attempts import Attempts
    from bedrock_policy_lint.diagnosis.verdict import Assessment
    from bedrock_policy_lint.model.policy import Action, Resource, Statement
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.usage.usage import Caller

_PASS = "iam:PassRole"  # noqa: S105 - an action
_REWRITE = "iam:PutRolePolicy"
_REGION_KEY = "aws:requestedregion"
_MOST_ENTRIES, _MOST_PATTERNS = 50, 20


class _Step(NamedTuple):
    """One action, and the types of all resources on which the service checks it; none for `*`."""

    action: str
    kinds: tuple[str, ...] = ()


_Way = tuple[_Step, ...]
"""What must be allowed together."""


class _Chain(NamedTuple):
    """Something that runs with a role that is passed to it."""

    service: str
    what: str
    makes: tuple[_Way, ...]
    """Ways to give it the role: one of them is enough."""
    uses: tuple[_Way, ...]
    """Ways to make it act."""
    runs_code: bool = True
    """Whether whoever uses it gets at the credentials of the role."""


_RUNTIME = ("runtime", "runtime-endpoint")
_HARNESS = ("harness", "harness-endpoint")
_CHAINS = (
    _Chain(
        AGENTCORE,
        "code interpreter",
        ((_Step("CreateCodeInterpreter"),),),
        (
            (
                _Step("StartCodeInterpreterSession", ("code-interpreter-custom",)),
                _Step("InvokeCodeInterpreter", ("code-interpreter-custom",)),
            ),
        ),
    ),
    _Chain(
        AGENTCORE,
        "runtime",
        ((_Step("CreateAgentRuntime"),), (_Step("UpdateAgentRuntime", ("runtime",)),)),
        ((_Step("InvokeAgentRuntime", _RUNTIME),), (_Step("InvokeAgentRuntimeCommand", _RUNTIME),)),
    ),
    _Chain(
        AGENTCORE,
        "harness",
        # On a harness the service checks the action of its runtime too (harness-security).
        ((_Step("CreateHarness"), _Step("CreateAgentRuntime")),),
        ((_Step("InvokeHarness", _HARNESS), _Step("InvokeAgentRuntime", _HARNESS)),),
    ),
    _Chain(
        AGENTCORE,
        "browser",
        ((_Step("CreateBrowser"),),),
        ((_Step("StartBrowserSession", ("browser-custom",)), _Step("ConnectBrowserAutomationStream")),),
    ),
    _Chain(
        "bedrock",
        "agent",
        ((_Step("CreateAgent"),), (_Step("UpdateAgent", ("agent",)),)),
        ((_Step("PrepareAgent", ("agent",)), _Step("InvokeAgent", ("agent-alias",))),),
        runs_code=False,
    ),
)
"""The worst first: of several that are open to a caller one is told for each entry."""


class _Passing(NamedTuple):
    """An entry that lets roles be passed to a service."""

    entry: Action
    resource: Resource
    every: bool
    """Whether it is every role of the account."""


class _Link(NamedTuple):
    """A step that is allowed, and where."""

    action: str
    grant: Statement


class _Open(NamedTuple):
    """A chain of which everything but the role is allowed."""

    chain: _Chain
    attempt: Attempts
    links: list[_Link]


@rule(Severity.ERROR, gate="hygiene")
def check(assessment: Assessment, context: Context) -> Iterator[Problem]:
    yield from _escalations(assessment, context)


@also
def of_caller(caller: Caller, context: Context) -> Iterator[Problem]:
    """The same of whoever a template lets pass roles, whatever calls it makes."""
    from bedrock_policy_lint.diagnosis.verdict import assess

    yield from _escalations(assess(caller, context.catalog), context)


def _escalations(assessment: Assessment, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.attempts import attempts, entries  # only a declaration is worth its load

    passing = [roles for entry in islice(entries(assessment, _PASS), _MOST_ENTRIES) if (roles := _passing(entry))]
    tries = list(attempts(assessment, context.catalog)) if passing else []
    if any(_has_everything(attempt) for attempt in tries):
        return
    chains = [found for chain in _CHAINS if (found := _open(chain, tries))]
    for roles in passing:
        told = ((found, chain) for found in roles for chain in chains if _may_pass(found, chain))
        worst = next(told, None)
        if worst is not None and (worst[1].chain.runs_code or not _is_of_aws(worst[0].entry)):
            yield _problem(*worst, assessment.caller.name)


def _passing(entry: Action) -> list[_Passing]:
    """The patterns of roles that an entry lets be passed, the widest first."""
    resources = entry.statement.resources
    wide = [_Passing(entry, one, _is_every_role(one)) for one in resources if _is_pattern_of_roles(one)]
    return sorted(wide, key=lambda found: not found.every)[:_MOST_PATTERNS]


def _is_of_aws(entry: Action) -> bool:
    from bedrock_policy_lint.deployment import managed

    return bool(managed.documents([entry.statement.policy]))


def _has_everything(attempt: Attempts) -> bool:
    """Whether the caller can give itself any right as it is: an administrator gains nothing by a chain."""
    request = attempt.request(_REWRITE, attempt.own("role", service="iam"), attempt.iam_region)
    return attempt.granted(request) is not None


def _is_every_role(resource: Resource) -> bool:
    arn = resource.arn
    return resource.is_star or (arn is not None and isinstance(arn.resource, str) and covers(arn.resource, "role/*"))


def _is_pattern_of_roles(resource: Resource) -> bool:
    if _is_every_role(resource):
        return True
    arn = resource.arn
    return arn is not None and arn.type == "role" and isinstance(arn.id, str) and is_wild(arn.id)


def _open(chain: _Chain, tries: list[Attempts]) -> _Open | None:
    """A chain that is open in one of the caller's Regions, leaving the role aside."""
    for attempt in tries:
        makes = next(filter(None, (_way(way, chain, attempt) for way in chain.makes)), None)
        uses = next(filter(None, (_way(way, chain, attempt) for way in chain.uses)), None) if makes else None
        if makes and uses:
            return _Open(chain, attempt, [*makes, *uses])
    return None


def _may_pass(found: _Passing, to: _Open) -> bool:
    """Whether any of these roles can be passed to what a chain creates."""
    arn, attempt = found.resource.arn, to.attempt
    pattern = str(arn.id) if arn is not None and not found.every else "*"
    keys: dict[str, ContextValue] = {
        "iam:passedtoservice": (f"{to.chain.service}.amazonaws.com",),
        "iam:associatedresourcearn": Unknown("what is created has no ARN yet"),
        _REGION_KEY: Unknown("AWS does not say which Region PassRole names", present=True),
    }
    request = attempt.request(_PASS, attempt.own("role", pattern, service="iam"), keys)
    return attempt.grants(found.entry.statement, request)


def _way(way: _Way, chain: _Chain, attempt: Attempts) -> list[_Link]:
    """The links of all steps; none where one of them is not allowed."""
    links = []
    for step in way:
        name = f"{chain.service}:{step.action}"
        grants = [attempt.granted(attempt.request(name, one, {})) for one in _resources(step, chain, attempt)]
        first = grants[0]
        if first is None or None in grants or attempt.call.catalog.action(name) is None:
            return []
        links.append(_Link(name, first))
    return links


def _resources(step: _Step, chain: _Chain, attempt: Attempts) -> Iterator[Text]:
    """One of each type, whatever its id."""
    if not step.kinds:
        yield "*"
    for kind in step.kinds:
        whole = kind.removesuffix("-endpoint")
        yield attempt.own(whole, "*" if whole == kind else f"*/{kind}/*", service=chain.service)


def _problem(found: _Passing, to: _Open, name: str) -> Problem:
    entry, chain, links = found.entry, to.chain, to.links
    service = f"{chain.service}.amazonaws.com"
    roles = "any role" if found.every else f"any role like `{found.resource.text}`"
    how = "act as" if chain.runs_code else "have an agent act with the rights of"
    actions = [link.action for link in links]
    limit = "" if _is_tied(entry.statement) else f" and add the condition `iam:PassedToService` = `{service}`"
    return Problem(
        entry,
        f"the caller `{name}` can {how} {roles} that trusts `{service}`: beside `{_PASS}` it may {all_of(actions)}",
        _WHY[chain.runs_code].format(chain.what),
        label="passes every role" if found.every else "passes a pattern of roles",
        fix=Fix(
            f"name the role of the {chain.what} by its ARN{limit}, or leave `{actions[0]}` and `{actions[-1]}` to"
            " different principals"
        ),
        related=_notes(entry, links),
        severity=_severity(found, chain),
    )


_WHY = {
    True: "whoever uses a {} can read the credentials of the role that it runs with",
    False: "an {} calls models and knowledge bases with the rights of its role, whatever the caller itself may do",
}


def _is_tied(statement: Statement) -> bool:
    return bool(statement.tests_of("iam:passedtoservice"))


def _severity(found: _Passing, chain: _Chain) -> Severity:
    steps = found.every + chain.runs_code
    return (Severity.INFO, Severity.WARNING, Severity.ERROR)[steps]


def _notes(entry: Action, links: list[_Link]) -> tuple[Note, ...]:
    from bedrock_policy_lint.diagnosis.attempts import naming

    notes: dict[int, Note] = {}
    for link in links:
        at = naming(link.grant, link.action) or link.grant.effect_node or link.grant.node
        node = getattr(at, "node", at)
        if node is not entry.node:
            notes.setdefault(id(node), Note(at, f"`{link.action}` is allowed here"))
    return tuple(notes.values())
