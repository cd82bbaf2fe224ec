"""Continue's configuration, `config.yaml` and `config.json`: models of the provider `bedrock`.

Its defaults and that chats stream through ConverseStream, while embeddings and reranking go through InvokeModel:
https://github.com/continuedev/continue/blob/0108be5ef93e6fe3f511f49306f9bff414ef7efc/core/llm/llms/Bedrock.ts
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.site import MODEL, PROFILE, REGION, CallSite, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.sources.node import Node

LIBRARY = "continue"
_PROVIDER = "bedrock"
_WITHOUT_CHAT = frozenset({"embed", "rerank"})


def sites_of(root: Node) -> Iterator[CallSite]:
    """The calls of the models that are set up."""
    models = root.get("models")
    for entry in () if models is None else models.items:
        provider, model = entry.get("provider"), entry.get("model")
        if provider is None or provider.value != _PROVIDER or model is None or not isinstance(model.value, str):
            continue
        given = {MODEL: (Value(model),)}
        for name, meaning in (("region", REGION), ("profile", PROFILE)):
            node = entry.get("env", name) or entry.get(name)
            if node is not None and isinstance(node.value, str):
                given[meaning] = (Value(node),)
        roles = {item.value for item in node.items} if (node := entry.get("roles")) is not None else set()
        operation = "InvokeModel" if roles and roles <= _WITHOUT_CHAT else "ConverseStream"
        yield CallSite(operation, model, LIBRARY, given=given)
