"""A call by an API that the model does not support.

## What it finds

A call such as `converse`, `invoke-model`, `async-invoke`, `responses` or `chat-completions` of a model that, by the
facts of the catalogue's date, does not support the API, also behind a profile; a model that only the `bedrock-mantle`
endpoint serves, called on `bedrock-runtime`, and the reverse. What the catalogue does not know is left alone.

Calls in code and in templates count like declared ones.

## Why it matters

The service refuses the call, whatever the policy says. The permission would be the same for many of these APIs, so
that no test of the policy finds the mistake.

## How to fix it

Use an API that the model supports, or another model. The APIs on OpenAI's and Anthropic's model come to more models
over time: there it is a warning, and the date in the message counts.

## Examples

```yaml bad
region: us-east-1
uses:
  - «converse amazon.titan-embed-text-v2:0»
```

```yaml bad
region: us-east-1
uses:
  - api: invoke-model
    model: «openai.gpt-oss-120b»
```

```yaml bad
region: us-east-1
uses:
  - api: responses
    model: «us.anthropic.claude-sonnet-4-6»
```

```yaml good
region: us-east-1
uses:
  - invoke-model amazon.titan-embed-text-v2:0
  - mantle openai.gpt-oss-120b
  - converse us.anthropic.claude-sonnet-4-6
  - async-invoke amazon.nova-2-multimodal-embeddings-v1:0
```

No card of this model was read:

```yaml good
region: us-east-1
uses:
  - converse amazon.nova-2-5-sonic
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL
from bedrock_policy_lint.diagnosis.named import has_ended, listed_model, named, place
from bedrock_policy_lint.diagnosis.wording import apis_of, operation_of
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.usage.apis import MANTLE, RUNTIME, find
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Model
    from bedrock_policy_lint.diagnosis.named import Named
    from bedrock_policy_lint.frontends.declaration import Declaration

_WORDS = {
    "invoke": "invoke-model",
    "converse": "converse",
    "async_invoke": "async-invoke",
    "bidirectional_stream": "bidirectional-stream",
    "responses": "responses",
    "chat_completions": "chat-completions",
}
"""The APIs of bedrock-runtime by family, as a declaration names them."""
_WIDER = {"converse_stream": "converse"}
"""A family without which there is not the other: of the stream alone `streaming-unsupported-model` tells."""
_GROWING = ("messages", "responses", "chat_completions")
"""The families of APIs that come to ever more models; bedrock-mantle has no others."""
_BOTH_WAYS = "bidirectional_stream"


@rule(Severity.ERROR, gate="model access")
def check(declaration: Declaration, context: Context) -> Iterator[Problem]:
    for entry in named(declaration):
        model = listed_model(entry.target, context)
        if model is None:
            continue
        living = [call for call in entry.usages if not has_ended(entry.target, place(call, entry.target), context)]
        refused: dict[tuple[str, bool], list[str]] = {}
        for name in dict.fromkeys(call.api for call in living):
            lacks = _lacks(name, model, entry)
            if lacks:
                refused.setdefault((lacks, _grows(name)), []).append(name)
        for (lacks, grows), names in refused.items():
            yield _problem(entry, names, model, lacks, context, Severity.WARNING if grows else None)


def _lacks(name: str, model: Model, entry: Named) -> str:
    """Why a model is known to refuse an API; empty where it is not known to."""
    only_on_mantle = model.endpoints == (MANTLE,)
    if name == "mantle":
        # What the endpoint makes of a profile's id is not known.
        refuses = entry.target.kind == MODEL and _is_not_on_mantle(model)
        return f"the `{MANTLE}` endpoint did not serve it" if refuses else ""
    if not _is_refused(name, model):
        return ""
    return f"only the `{MANTLE}` endpoint served it" if only_on_mantle else "the model did not support that"


def _is_refused(name: str, model: Model) -> bool:
    api = find(name)
    if api is None or not api.family or api.family == _BOTH_WAYS:
        return False
    if model.endpoints == (MANTLE,) and api.client == RUNTIME:
        return True
    return model.apis.get(_WIDER.get(api.family, api.family)) is False


def _is_not_on_mantle(model: Model) -> bool:
    return MANTLE not in model.endpoints and all(model.apis.get(family) is False for family in _GROWING)


def _grows(name: str) -> bool:
    api = find(name)
    return api is not None and (api.family in _GROWING or api.service == MANTLE)


def _problem(
    entry: Named, names: list[str], model: Model, lacks: str, context: Context, severity: Severity | None
) -> Problem:
    fails = "fails" if len(names) == 1 else "fail"
    return Problem(
        entry.node,
        f"{apis_of(entry.usages, names)} of `{entry.target.id}` {fails}: on {context.catalog.models_date} {lacks}",
        "the service refuses the call, whatever the policies allow",
        label="does not support this API",
        fix=_instead(entry, model),
        related=entry.called_from(call for call in entry.usages if call.api in names),
        severity=severity,
    )


def _instead(entry: Named, model: Model) -> Fix | None:
    if model.endpoints == (MANTLE,):
        there = f"the `{MANTLE}` endpoint"
        return Fix(
            "declare the call as `mantle`, and make it at that endpoint" if entry.is_declared else f"call {there}"
        )
    known = [word for family, word in _WORDS.items() if model.apis.get(family)]
    if not entry.is_declared:
        known = [operation_of(word) for word in known]
    return Fix(f"call it by {one_of(known)}, or another model") if known else None
