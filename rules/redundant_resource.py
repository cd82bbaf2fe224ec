"""A resource that another entry of the same list already names.

## What it finds

In `Resource` or `NotResource`, an entry that is written twice or that a pattern of the same list covers, field by
field: `…:us-east-1::foundation-model/amazon.nova-lite-v1:0` beside `…:*::foundation-model/amazon.*`.

## Why it matters

The entry has no effect. It hides how wide the list is: whoever deletes it to take the permission away changes nothing.

## How to fix it

Delete the entry, which keeps access as it is. Or delete the pattern, if the names beside it are what is meant.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      «"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"»,
      "arn:aws:bedrock:*::foundation-model/amazon.nova-*"
    ]
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:*::foundation-model/amazon.nova-*"
    ]
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:${region}::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:${region}::foundation-model/amazon.nova-pro-v1:0",
      «"arn:aws:bedrock:${region}::foundation-model/amazon.nova-lite-v1:0"»
    ]
  }
}
```

A pattern of one Region does not cover a Region that is not known yet:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-*",
      "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:${region}::foundation-model/amazon.nova-lite-v1:0"
    ]
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.overlap import covered, covers_resource
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Remove, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Statement
    from bedrock_policy_lint.sources.node import Node

_MOST_FINDINGS = 20


@rule(Severity.INFO, gate="hygiene")
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    nodes = statement.resource_nodes or statement.not_resource_nodes
    if len(nodes) < 2 or not speaks_of_bedrock(statement):
        return
    # Read from the nodes, for a list of hundreds of thousands need not be taken apart for this.
    found = covered([statement.text(node) for node in nodes], covers_resource)
    if not found.complete:
        yield Undecided(nodes[0], "whether a pattern of this long list covers another entry")
    for count, (at, by) in enumerate(found.pairs[:_MOST_FINDINGS], start=1):
        more = len(found.pairs) - count if count == _MOST_FINDINGS else 0
        yield _problem(nodes[at], nodes[by], more)


def _problem(node: Node, other: Node, more: int) -> Problem:
    same = str(node.value) == str(other.value)
    said = f"`{node.value}` is in this list twice" if same else f"`{node.value}` is covered by `{other.value}`"
    return Problem(
        node,
        f"{said}, and so on for {more} more entries" if more else said,
        "the entry has no effect: without it the list says the same",
        label="says nothing new",
        fix=Fix("delete it", (Remove(node),)),
        related=(Note(other, "the same" if same else "covers it"),),
    )
