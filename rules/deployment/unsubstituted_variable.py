"""A variable of the template stands in a text that nothing substitutes.

## What it finds

`${AWS::Region}`, `${Parameter}` or `${Resource.Arn}` in a policy, or in a property of something of Bedrock, where the
text is not inside `Fn::Sub`, although the template has what the variable names. IAM's own variables, such as
`${aws:username}`, are left alone.

## Why it matters

CloudFormation substitutes only inside `Fn::Sub`. Elsewhere the text stays as it is written, and matches nothing.

## How to fix it

Put `!Sub` before the text, in JSON `{"Fn::Sub": "…"}` around it.

## Examples

```yaml bad
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - bedrock:InvokeModel
              - bedrock:InvokeModelWithResponseStream
            Resource: arn:aws:bedrock:«${AWS::Region}»::foundation-model/amazon.nova-lite-v1:0
```

```yaml good
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - bedrock:InvokeModel
              - bedrock:InvokeModelWithResponseStream
            Resource: !Sub arn:aws:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
            Condition:
              StringEquals:
                aws:PrincipalTag/owner: ${aws:username}
```

## References

- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.text import is_text, parts_of
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_variables = re.compile(r"\$\{\s*([A-Za-z0-9.:_-]+)\s*\}").finditer
_PSEUDO = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)


@rule(Severity.ERROR, gate="permission")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    document = deployment.document
    idioms = [each.idiom for each in (document, *deployment.documents) if each.idiom is not None]
    is_terraform = any(idiom.spelled is not None for idiom in idioms)
    if is_terraform or "${" not in document.source.text:  # there `$${…}` is meant to stay as it is
        return
    known = _names(deployment)
    seen: set[int] = set()
    for root in _roots(deployment):
        for node in _texts(root):
            if id(node) not in seen:
                seen.add(id(node))
                found = _first(node, known)
                if found:
                    yield _problem(node, found, document)


def _names(deployment: Deployment) -> frozenset[str]:
    return _PSEUDO.union(
        deployment.document.idiom.names if deployment.document.idiom else (),
        (role.name for role in deployment.roles),
        (workload.name for workload in deployment.workloads),
        (feature.name for feature in deployment.features),
        (parameter.name for parameter in deployment.parameters),
    )


def _roots(deployment: Deployment) -> Iterator[Node]:
    for policy in deployment.document.policies:
        yield policy.node
    for feature in deployment.features:
        for nodes in feature.slots.values():
            yield from nodes
        if feature.role_node is not None:
            yield feature.role_node


def _texts(root: Node) -> Iterator[Node]:
    """The values below a node that are texts."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, list):
            waiting += reversed(node.value)
        elif is_text(node):
            yield node


def _first(node: Node, known: frozenset[str]) -> re.Match[str] | None:
    """The first variable in what is literal of a text, as offsets into the whole of it."""
    text = str(node.value)
    if "${" not in text:
        return None
    literal = _without_holes(node.value)
    written = node.source.text[node.start : node.end]
    for match in _variables(literal):
        # `${!Name}` in a text that was substituted asks for `${Name}` as it is.
        if _is_known(match[1], known) and match[0] in written:
            return match
    return None


def _is_known(name: str, known: frozenset[str]) -> bool:
    return name in known or name.partition(".")[0] in known


def _without_holes(text: Text) -> str:
    """The text with its holes blotted out."""
    return "".join(part if isinstance(part, str) else " " * len(part.written) for part in parts_of(text))


def _problem(node: Node, found: re.Match[str], document: Document) -> Problem:
    places, (start, end) = node.offsets(), found.span()
    return Problem(
        # What stands behind the bracket may come from elsewhere.
        Span(node.source, places[start], places[end - 1] + 1),
        f"`{found[0]}` is not substituted here",
        "CloudFormation fills in variables only inside `Fn::Sub`: this text stays as it is, and matches nothing",
        label="stays as it is",
        # No edit: the label would weigh the text as a placeholder before and after, and call it the same access.
        fix=Fix("put `!Sub` before the text" if document.language == "yaml" else "put the text into `Fn::Sub`"),
    )
