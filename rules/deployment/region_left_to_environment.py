"""Code leaves its Region to the environment, and its policies grant one Region only.

## What it finds

A call in code whose client is given no Region, where every grant that is about what it calls is for certain Regions:
the ARN names them, or a test of `aws:RequestedRegion`. It is told of code that runs where nobody is known to set a
Region: on an EC2 instance, or in code that no template runs. Nothing is said where `AWS_REGION` or
`AWS_DEFAULT_REGION` stands in a file beside the code, or where `--region` says what is meant.

AWS itself sets the variable for Lambda functions; of other services that run code nothing is said.

## Why it matters

Where no Region is set, the SDK refuses to call. Where another one is set, on the machine of a colleague or in a second
deployment, the call goes there and is denied, and the message names an ARN that looks right but for the Region.

## How to fix it

Give the client the Region that is granted, or set `AWS_REGION` where the code runs. Or grant the other Regions.

## Examples

```files bad
--- app.py
import boto3

client = boto3.client("bedrock-runtime")
reply = «client.converse»(modelId="amazon.nova-lite-v1:0", messages=[])
--- policy.json
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```files good
--- app.py
import boto3

client = boto3.client("bedrock-runtime", region_name="us-east-1")
reply = client.converse(modelId="amazon.nova-lite-v1:0", messages=[])
--- policy.json
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

A grant for every Region leaves the choice free:

```files good
--- app.py
import boto3

client = boto3.client("bedrock-runtime")
reply = client.converse(modelId="amazon.nova-lite-v1:0", messages=[])
--- policy.json
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

## References

- https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
- https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.granted import entries, resources_of
from bedrock_policy_lint.deployment.models import target_of
from bedrock_policy_lint.diagnosis.deciding import REGION_KEY
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.usage import apis
from bedrock_policy_lint.wording import all_of, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Call, Deployment, Role
    from bedrock_policy_lint.model.policy import Resource
    from bedrock_policy_lint.sources.node import Node

_OPEN = ("code in", "EC2 instance", "EC2 launch template", "EC2 launch configuration")
"""The kinds of workloads for which nobody is known to set a Region."""
_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike")
_MOST = 3


class _Pinned(NamedTuple):
    """The Regions in which all of a call is granted, and an entry that says so."""

    regions: tuple[str, ...]
    entry: Resource


@rule(Severity.INFO, gate="region")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    if deployment.world.region:
        return
    for workload in deployment.workloads:
        role = deployment.role(workload.role)
        is_set = any(setting.name in _VARIABLES for setting in workload.settings)
        if role is None or is_set or workload.kind not in _OPEN:
            continue
        groups: dict[tuple[str, ...], tuple[_Pinned, dict[int, Node]]] = {}
        for call in workload.calls:
            pinned = _pinned(call, role, context) if call.is_code and call.region is None else None
            if pinned is not None:
                groups.setdefault(pinned.regions, (pinned, {}))[1][call.node.start] = call.node
        for pinned, nodes in groups.values():
            yield _problem(pinned, list(nodes.values()))


def _pinned(call: Call, role: Role, context: Context) -> _Pinned | None:
    """The Regions in which alone a call is granted; None where it may be granted in others, or nowhere at all."""
    operation = context.catalog.operation(call.operation, call.client) if call.client else None
    resource = _resource(call, context)
    if operation is None or resource is None:
        return None
    found = entries(role, operation.actions, resource) or ()
    regions: dict[str, None] = {}
    for entry in found:
        where = _regions(entry, context)
        if not where:
            return None
        regions.update(dict.fromkeys(where))
    return _Pinned(tuple(sorted(regions)), found[0]) if found else None


def _resource(call: Call, context: Context) -> str | None:
    """What a call names first, as ARNs end with it, where its own ARN does not say the Region."""
    if call.model is not None:
        target = target_of(call.model.value, "", context.catalog) if is_text(call.model) else None
        return None if target is None or target.region else next(iter(resources_of(target, context.catalog)), None)
    api = apis.find(call.operation)
    named = call.resource.value if call.resource is not None and is_text(call.resource) else None
    if api is None or not api.resources or not isinstance(named, str) or named.startswith("arn:"):
        return None
    return f"{api.resources[0]}/{named}"


def _regions(entry: Resource, context: Context) -> tuple[str, ...]:
    """The Regions for which an entry is certainly meant alone; none where it may be for any."""
    region = entry.arn.region if entry.arn is not None else "*"
    if isinstance(region, str) and not is_wild(region):
        return (region,) if context.catalog.region(region) is not None else ()
    for test in entry.statement.tests_of(REGION_KEY):
        values = test.texts()
        is_list = test.operator.base in _POSITIVE and not (test.operator.if_exists or test.operator.quantifier)
        if is_list and values and all(isinstance(value, str) and not is_wild(value) for value in values):
            return tuple(map(str, values))
    return ()


def _problem(pinned: _Pinned, nodes: list[Node]) -> Problem:
    first, *others = nodes
    more = f" and {len(others)} more call{'s' * (len(others) > 1)}" if others else ""
    verb, whose = ("leave", "their") if others else ("leaves", "its")
    return Problem(
        first,
        f"`{first.value}`{more} {verb} {whose} Region to the environment, and only {all_of(pinned.regions)}"
        f" {'is' if len(pinned.regions) == 1 else 'are'} granted",
        "where no Region is set the SDK has none to call, and in any other the call is denied",
        label="no Region is given",
        fix=Fix(f"make the client with the Region {one_of(pinned.regions)}, or set `AWS_REGION` where the code runs"),
        related=(Note(pinned.entry, "granted here"), *(Note(node, "likewise") for node in others[:_MOST])),
    )
