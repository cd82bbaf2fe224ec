"""Aider's configuration, `.aider.conf.yml`: it calls through LiteLLM.

https://aider.chat/docs/llms/bedrock.html, https://aider.chat/docs/config/aider_conf.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings import litellm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.site import CallSite
    from bedrock_policy_lint.sources.node import Node

LIBRARY = "aider"
_MODELS = ("model", "weak-model", "editor-model")


def sites_of(root: Node) -> Iterator[CallSite]:
    """The calls of the models that are chosen."""
    for name in _MODELS:
        model = root.get(name)
        if model is not None and isinstance(model.value, str):
            site = litellm.called(model)
            if site is not None:
                yield site._replace(library=LIBRARY)
