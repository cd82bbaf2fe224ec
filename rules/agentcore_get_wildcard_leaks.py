"""A wildcard over AgentCore's reads also hands out keys and tokens.

## What it finds

An Allow of `bedrock-agentcore:Get*`, or of another wildcard that takes in `GetResourceApiKey`,
`GetResourceOauth2Token`, `GetResourcePaymentToken` or `GetWorkloadAccessToken…` beside harmless reads, on resources
that these can apply to.

A pattern that asks for them by name, such as `bedrock-agentcore:GetWorkloadAccessToken*`, is meant, and left alone;
`bedrock-agentcore:*` has a rule of its own.

## Why it matters

In this service not every `Get` only looks: these return the API key, the OAuth token or the workload's access token
itself. A policy for an auditor then opens the systems behind the agents.

## How to fix it

List the reads that are needed, or use narrower wildcards such as `bedrock-agentcore:GetAgentRuntime*`.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [«"bedrock-agentcore:Get*"», "bedrock-agentcore:List*"],
    "Resource": "*"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock-agentcore:*Token*"»,
    "Resource": [
      "arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default*",
      "arn:aws:bedrock-agentcore:us-east-1:111122223333:workload-identity-directory/default*"
    ]
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock-agentcore:GetAgentRuntime*", "bedrock-agentcore:GetGateway*"],
    "Resource": "*"
  }
}
```

On runtimes alone the wildcard reaches no token:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock-agentcore:Get*",
    "Resource": "arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/*"
  }
}
```

Nor does it when they are denied:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "bedrock-agentcore:Get*", "Resource": "*"},
    {
      "Effect": "Deny",
      "Action": ["bedrock-agentcore:GetResource*", "bedrock-agentcore:GetWorkloadAccessToken*"],
      "Resource": "*"
    }
  ]
}
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
- https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import AGENTCORE, broad_writes, denied_outright, is_secret, takes_in
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Action, Statement

_ASKS_FOR_IT = ("getresource", "getworkloadaccess")


@rule(Severity.WARNING, gate="hygiene")
def check(action: Action, context: Context) -> Iterator[Problem]:
    if action.service != AGENTCORE or not is_wild(action.name) or action.in_not_action:
        return
    statement = action.statement
    if not statement.grants or statement.policy.kind == "session" or action.name.lower().startswith(_ASKS_FOR_IT):
        return
    leaked = [name for name in context.catalog.expand(f"{AGENTCORE}:{action.name}") if is_secret(name)]
    if not leaked or broad_writes(action, context.catalog):
        return
    denied = denied_outright(statement.policy, context).issuperset(leaked)
    if _are_reached(leaked, statement, context.catalog) and not denied:
        yield Problem(
            action,
            f"`{action.text}` also hands out keys and tokens",
            f"it takes in `{leaked[0]}`, which returns the credential itself",
            label="returns credentials",
            fix=Fix(f"list the reads that are needed, such as `{AGENTCORE}:GetAgentRuntime`"),
        )


def _are_reached(leaked: list[str], statement: Statement, catalog: Catalog) -> bool:
    return any(takes_in(statement, record, catalog) for name in leaked if (record := catalog.action(name)))
