"""A streaming call of a model that does not stream.

## What it finds

`converse-stream` or `invoke-model-stream` of a model that the service lists as unable to stream its answer, and
`bidirectional-stream` of a model that does not support it, also behind a profile. What the catalogue does not know is
left alone; a model that does not support Converse or Invoke at all is told by `api-unsupported-model`.

Calls in code and in templates count like declared ones.

## Why it matters

The service refuses the call, whatever the policy says.

## How to fix it

Make the call that does not stream, or call a model that streams. The policy then needs `bedrock:InvokeModel`.

## Examples

```yaml bad
region: us-east-1
uses:
  - «invoke-model-stream amazon.titan-embed-text-v2:0»
```

```yaml bad
region: us-east-1
uses:
  - api: bidirectional-stream
    model: «amazon.nova-lite-v1:0»
```

```yaml good
region: us-east-1
uses:
  - invoke-model amazon.titan-embed-text-v2:0
  - bidirectional-stream amazon.nova-2-sonic-v1:0
  - converse-stream us.anthropic.claude-sonnet-4-6
```

Of this model it is not known:

```yaml good
region: us-east-1
uses:
  - bidirectional-stream amazon.nova-2-5-sonic
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.named import has_ended, listed_model, named, place
from bedrock_policy_lint.diagnosis.wording import apis_of, operation_of
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.usage.apis import find
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Model
    from bedrock_policy_lint.diagnosis.named import Named
    from bedrock_policy_lint.frontends.declaration import Declaration

_WHOLE = {"converse_stream": "converse", "invoke": "invoke"}
"""The family of the call that does not stream, by that of the one that does."""
_WHOLE_API = {"converse-stream": "converse", "invoke-model-stream": "invoke-model"}
_BOTH_WAYS = "bidirectional_stream"


@rule(Severity.ERROR, gate="model access")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    for entry in named(declaration):
        model = listed_model(entry.target, context)
        if model is None:
            continue
        living = [call for call in entry.usages if not has_ended(entry.target, place(call, entry.target), context)]
        names = [name for name in dict.fromkeys(call.api for call in living) if _cannot_stream(name, model)]
        if names:
            yield _problem(entry, names, context)


def _cannot_stream(name: str, model: Model) -> bool:
    """Whether it is known that the stream alone is what the model cannot do."""
    api = find(name)
    if api is None or not api.streams:
        return False
    if api.family == _BOTH_WAYS:
        return model.apis.get(_BOTH_WAYS) is False
    return model.streaming is False and model.apis.get(_WHOLE[api.family]) is not False


def _problem(entry: Named, names: list[str], context: Context) -> Problem:
    instead = [_WHOLE_API[name] for name in names if name in _WHOLE_API]
    plain = instead if entry.is_declared else list(map(operation_of, instead))
    said = apis_of(entry.usages, names)
    fails = "fails" if len(names) == 1 else "fail"
    lacks = "did not stream its answers" if instead else "did not take a stream in both directions"
    return Problem(
        entry.node,
        f"{said} of `{entry.target.id}` {fails}: on {context.catalog.models_date} the model {lacks}",
        "the service refuses a streaming call of a model that does not support it",
        label="does not stream",
        fix=Fix(f"call {all_of(plain)}, or a model that streams" if instead else "call a model that streams both ways"),
        related=entry.called_from(call for call in entry.usages if call.api in names),
    )
