"""A service prefix that does not exist.

## What it finds

An entry of `Action` or `NotAction` whose part before the colon is no service prefix of AWS: the name of an SDK
client or endpoint (`bedrock-runtime:`, `bedrock-agent:`, `bedrock-agent-runtime:`, `bedrock-agentcore-control:`, or
`bedrockruntime:` as Step Functions has it), a misspelt prefix, a prefix with a wildcard. Likewise an entry without any
prefix.

Where the usage is declared, an Allow with such an entry that is meant for a declared call is reported as what that call
fails of.

## Why it matters

IAM takes a wrong prefix without complaint and the line grants nothing. The clients of Bedrock have five names, their
permissions have one prefix, `bedrock`. Only `bedrock-mantle`, `bedrock-agentcore` and `bedrock-websearch` are
prefixes of their own. Without a prefix IAM refuses the whole policy: "Actions/Conditions must be prefaced by a vendor".

## How to fix it

Write the action that authorises the call: `bedrock:InvokeModel` for `bedrock-runtime:InvokeModel` and for
`bedrock-runtime:Converse`. For `bedrock-runtime:*` list the actions that are called; `bedrock:*` would be far
more. A prefix that is well formed and merely unknown is a warning with the date of the catalogue, for the
service may be newer.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [«"bedrock-runtime:InvokeModel"», "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

The name behind the colon can be wrong too, and the right one may be there already:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel*", «"bedrock-runtime:Converse"», «"bedrock-runtime:ConverseStream"»],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel*"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock-runtime:*"»,
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

Without a prefix the name alone may tell what is meant:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [«"InvokeModel"», "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

Both `bedrock` and `bedrock-mantle` have an action of this name:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Action": «"CallWithBearerToken"», "Resource": "*"}
}
```

CDK makes such a name of a Step Functions task, unless `iamAction` says a better one:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrockruntime:converse"»,
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A misspelt prefix is marked alone:

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "«bedrok»:InvokeModel",
    "Resource": "*"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "Bedrock:GetFoundationModel"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock-mantle:CreateInference",
      "Resource": "arn:aws:bedrock-mantle:us-east-1:111122223333:project/default"
    }
  ]
}
```

What a placeholder stands for is not known, so nothing is said of it:

```json good
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": ["${service}:InvokeModel", "${action}"], "Resource": "*"}
}
```

A declared call fails of it:

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse-stream amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: «bedrock-runtime:ConverseStream»
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
- https://github.com/aws/aws-cdk/issues/35146
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.arns import SERVICES
from bedrock_policy_lint.bedrock.dead_names import effect_of, rewrite
from bedrock_policy_lint.model.pattern import glob, is_wild
from bedrock_policy_lint.model.policy import Action
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, also, rule
from bedrock_policy_lint.wording import all_of, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.model.policy import Statement

_PREFIX = r"[a-z0-9]+(-[a-z0-9]+)*"
_NAME = r"[A-Za-z][A-Za-z0-9]*[*?]?|\*"
_NEAR = 20


@rule(Severity.ERROR, gate="permission")
def check(action: Action, context: Context) -> Iterator[Problem]:
    catalog = context.catalog
    if not action.service:
        if isinstance(action.text, str) and action.text.strip("*"):
            yield _bare(action, context)
        return
    if catalog.knows_prefix(action.service) or action.text == "*:*":
        return
    right = catalog.right_prefix(action.service)
    if right is None:
        yield _unknown(action, context)
    elif action.statement.policy.kind != "trust":  # there the permission itself is the fault
        yield _endpoint(action, right, context)


@also
def check_cause(cause: Cause, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.problem import as_denial

    if isinstance(cause.place, Action):
        yield from as_denial(cause, check(cause.place, context))


def _bare(action: Action, context: Context) -> Problem:
    return Problem(
        action,
        f"`{action.text}` has no service prefix",
        "IAM refuses a policy with an action that does not begin with a service and a colon",
        label="no prefix",
        fix=_prefixed(action, str(action.text).lstrip(":"), context)
        or Fix("write the prefix of its service before it"),
    )


def _prefixed(action: Action, name: str, context: Context) -> Fix | None:
    never = context.catalog.never_action(f"bedrock:{name}")
    if never:
        return rewrite(action, never.authorised_by, context)
    everywhere = _services_with(name, context.catalog)
    ours = [service for service in everywhere if service.startswith("bedrock")]
    if not ours or (len(ours) < len(everywhere) and not _is_beside_bedrock(action.statement)):
        return None
    if len(ours) == 1 and not is_wild(name):
        return rewrite(action, context.catalog.expand(f"{ours[0]}:{name}"), context)
    return Fix(f"write {one_of(f'{service}:{name}' for service in ours)}")


@lru_cache(maxsize=64)
def _services_with(name: str, catalog: Catalog) -> tuple[str, ...]:
    """The prefixes of the services that have an action of this name."""
    return tuple(prefix for prefix in catalog.prefixes() if catalog.expand(f"{prefix}:{name}"))


def _is_beside_bedrock(statement: Statement) -> bool:
    """Whether an action or ARN near the beginning of the lists is one of Bedrock's."""
    return any(one.service in SERVICES for one in statement.actions[:_NEAR]) or any(
        one.arn is not None and one.arn.service in SERVICES for one in statement.resources[:_NEAR]
    )


def _endpoint(action: Action, right: str, context: Context) -> Problem:
    named = "an API endpoint" if "-" in action.service else "a client of the SDKs"
    why = f"`{action.service}` names {named}; its permissions carry the prefix `{right}`"
    never = context.catalog.never_action(f"{right}:{action.name}")
    return Problem(
        action,
        f"`{action.text}` is not an IAM action",
        f"{why}, and {never.why}" if never else why,
        label=effect_of(action),
        fix=_right_actions(action, right, context),
    )


def _right_actions(action: Action, right: str, context: Context) -> Fix | None:
    catalog = context.catalog
    name = f"{right}:{action.name}"
    never = catalog.never_action(name)
    if never:
        return rewrite(action, never.authorised_by, context)
    found = catalog.expand(name)
    if not is_wild(action.name):
        if found:
            return rewrite(action, found, context)
        near = catalog.nearest(action.name, catalog.action_names(right))
        return Fix(f"did you mean {one_of(f'{right}:{one}' for one in near)}?") if near else None
    asked = _asked_by(action.service, action.name.lower(), catalog)
    if found and asked.keys() >= set(found):
        return rewrite(action, (name,), context)
    usual = [full for full, count in asked.items() if count > 1 or full in INVOKE][:2]
    such_as = f", such as {all_of(usual)}" if usual else f" with the prefix `{right}`"
    return Fix(f"list the actions that are called{such_as}")


@lru_cache(maxsize=64)
def _asked_by(client: str, pattern: str, catalog: Catalog) -> dict[str, int]:
    """What the operations of a client ask for whose names fit the pattern, and how many do: the usual ones first."""
    asked = Counter(
        name
        for operation in catalog.operations()
        if operation.client == client and glob(pattern, operation.name.lower())
        for name in operation.actions
    )
    return dict(sorted(asked.items(), key=lambda pair: (pair[0] not in INVOKE, -pair[1])))


def _unknown(action: Action, context: Context) -> Problem:
    prefix = str(action.text)[: len(action.service)]
    newer = re.fullmatch(_PREFIX, action.service) is not None and re.fullmatch(_NAME, action.name) is not None
    near = _near(action.service, action.name, context.catalog) if newer else ()
    fix = Fix(f"did you mean {one_of(near)}?") if near else None
    if newer:
        return Problem(
            action.prefix_place,
            f"`{prefix}` is not known as a service prefix on {context.catalog.actions_date}",
            "IAM accepts any prefix and says nothing; unless the service is newer, the entry has no effect",
            label="unknown to the catalogue",
            fix=fix,
            severity=Severity.WARNING,
        )
    why = "wildcards have a meaning only behind the colon" if is_wild(prefix) else "no service has such a name"
    return Problem(action.prefix_place, f"`{prefix}` is no service prefix", why, label=effect_of(action), fix=fix)


@lru_cache(maxsize=64)
def _near(service: str, name: str, catalog: Catalog) -> tuple[str, ...]:
    """The nearest prefixes, with the action where some of them have one of that name."""
    near = catalog.nearest(service, catalog.prefixes())
    having = tuple(f"{prefix}:{name}" for prefix in near if catalog.expand(f"{prefix}:{name}"))
    return having or near
