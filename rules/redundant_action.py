"""An action that another entry of the same list already names.

## What it finds

In `Action` or `NotAction`, an entry that is written twice (letter case does not count) or that a wildcard of the same
list covers, such as `bedrock:InvokeModel` beside `bedrock:InvokeModel*`.

## Why it matters

The entry has no effect. It hides how wide the list is: whoever deletes it to take the permission away changes nothing.

## How to fix it

Delete the entry, which keeps access as it is. Or delete the wildcard, if the names beside it are what is meant.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel*", «"bedrock:InvokeModelWithResponseStream"»],
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
    "Action": [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
      «"bedrock:invokemodel"»
    ],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json fixed
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream"
    ],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWith*"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.overlap import covered, covers_action
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Remove, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Action, Statement

_MOST_FINDINGS = 20


@rule(Severity.INFO, gate="hygiene")
def check(statement: Statement, context: Context) -> Iterator[Problem | Undecided]:
    if len(statement.action_nodes or statement.not_action_nodes) < 2 or not speaks_of_bedrock(statement):
        return
    actions = statement.actions
    texts = [action.text.lower() if isinstance(action.text, str) else action.text for action in actions]
    found = covered(texts, covers_action)
    if not found.complete:
        yield Undecided(actions[0], "whether a wildcard of this long list covers another entry")
    pairs = [(actions[at], actions[by]) for at, by in found.pairs]
    known = [(action, other) for action, other in pairs if _exists(action, context)]
    for count, (action, other) in enumerate(known[:_MOST_FINDINGS], start=1):
        more = len(known) - count if count == _MOST_FINDINGS else 0
        yield _problem(action, other, more)


def _exists(action: Action, context: Context) -> bool:
    """Whether the entry stands for an action at all; one that does not is a fault of another kind."""
    if not action.service or not context.catalog.knows_prefix(action.service):
        return not action.service
    return bool(context.catalog.expand(action.pattern))


def _problem(action: Action, other: Action, more: int) -> Problem:
    same = str(action.text).lower() == str(other.text).lower()
    said = f"`{action.text}` is in this list twice" if same else f"`{action.text}` is covered by `{other.text}`"
    return Problem(
        action,
        f"{said}, and so on for {more} more entries" if more else said,
        "the entry has no effect: without it the list says the same",
        label="says nothing new",
        # What `*` stands for has no list that two could be compared by.
        fix=Fix("delete it", (Remove(action.node),)),
        related=(Note(other, "the same" if same else "covers it"),),
    )
