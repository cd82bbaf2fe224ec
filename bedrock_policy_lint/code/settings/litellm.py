"""Configurations of LiteLLM's proxy, and of what calls LiteLLM with a model's name: `bedrock/…`.

The format: https://docs.litellm.ai/docs/proxy/config_settings. How a name is routed: `get_bedrock_route` in
https://github.com/BerriAI/litellm/blob/011b71b067baec8240748f54533a3652fcd4df58/litellm/llms/bedrock/common_utils.py;
which Region counts: `_get_aws_region_name` in `base_aws_llm.py` beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings.nodes import Placed, part
from bedrock_policy_lint.code.site import (
    CREDENTIALS,
    ENDPOINT,
    ENVIRONMENT,
    GUARDRAIL,
    GUARDRAIL_VERSION,
    MODEL,
    PROFILE,
    REGION,
    CallSite,
    Value,
)
from bedrock_policy_lint.model.text import Hole, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.sources.node import Node

LIBRARY = PRESET = "litellm"
_PROVIDER = "bedrock/"
_CONVERSE = ("Converse", "ConverseStream")
_INVOKE = ("InvokeModel", "InvokeModelWithResponseStream")
_EITHER = (*_CONVERSE, *_INVOKE)
"""Which of them a model is called through that no route is written for, differs from release to release."""
_ROUTES = {"converse/": _CONVERSE, "invoke/": _INVOKE, "converse_like/": _CONVERSE}
_OTHER_ROUTES = (
    *("agent/", "agentcore/", "async_invoke/", "mantle/", "claude_platform/", "chat_completions/", "openai/"),
    *("llama/", "deepseek_r1/", "qwen2/", "qwen3/", "moonshot/", "nova/", "nova-2/", "us-gov-"),
)
"""What goes to other services, or to models of one's own in ways of their own."""
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d/").match
_arn = re.compile(r"arn:aws:bedrock:([a-z0-9-]+):").match
_embeds = re.compile(r"\bembed|titan-embed|embeddings").search
_FROM_ENVIRONMENT = "os.environ/"
_KEYS = ("aws_role_name", "aws_access_key_id", "aws_web_identity_token", "aws_bedrock_api_key", "api_key")
_ENDPOINTS = ("aws_bedrock_runtime_endpoint", "api_base")


def sites_of(root: Node) -> Iterator[CallSite]:
    """The calls of the models that a proxy offers."""
    models = root.get("model_list")
    for entry in () if models is None else models.items:
        parameters = entry.get("litellm_params")
        model = None if parameters is None else parameters.get("model")
        if parameters is None or model is None or not isinstance(model.value, str):
            continue
        site = called(model, is_embedding=_is_embedding(entry))
        if site is not None:
            yield _with_parameters(site, parameters)


def called(model: Node, *, is_embedding: bool = False) -> CallSite | None:
    """What LiteLLM calls for the name of a model; None where that is not Bedrock's."""
    text: str = model.value
    if not text.startswith(_PROVIDER):
        return None
    at = len(_PROVIDER)
    operations: tuple[str, ...] = _EITHER
    for route, routed in _ROUTES.items():
        if text.startswith(route, at):
            at += len(route)
            operations = routed
    rest = text[at:]
    if rest.startswith(_OTHER_ROUTES) or not rest:
        return None
    if is_embedding or _embeds(rest):
        operations = ("InvokeModel",)
    given: dict[str, tuple[Value, ...]] = {}
    if region := _REGION(rest):
        node = part(model, at, at + region.end() - 1)
        hole = Hole(text, text)
        # Older releases do not heed it: then it is that of the environment.
        unknown = Placed(Template((hole,)), model.start, model.end, model.source)
        given[REGION] = tuple(Value(one, is_one_of_several=True) for one in (node, unknown))
        at += region.end()
    given[MODEL] = (Value(part(model, at, len(text))),)
    operation = operations[0] if len(operations) == 1 else ""
    several = operations if len(operations) > 1 else ()
    return CallSite(operation, model, LIBRARY, operations=several, given=given, preset=PRESET)


def _is_embedding(entry: Node) -> bool:
    mode = entry.get("model_info", "mode")
    return mode is not None and mode.value == "embedding"


def _with_parameters(site: CallSite, parameters: Node) -> CallSite:
    """What the other parameters say: they come before what the name says."""
    given = dict(site.given)
    for name, meaning in (("model_id", MODEL), ("aws_region_name", REGION), ("aws_profile_name", PROFILE)):
        node = parameters.get(name)
        if node is not None and isinstance(node.value, str):
            given[meaning] = (Value(_read(node)),)
    if REGION not in given and isinstance(text := given[MODEL][0].node.value, str) and (arn := _arn(text)):
        given[REGION] = (Value(part(given[MODEL][0].node, *arn.span(1))),)
    for names, meaning in ((_KEYS, CREDENTIALS), (_ENDPOINTS, ENDPOINT)):
        for name in names:
            node = parameters.get(name)
            if node is not None and isinstance(node.value, str):
                given.setdefault(meaning, (Value(_read(node)),))
    guardrail = parameters.get("guardrailConfig")
    for name, meaning in (("guardrailIdentifier", GUARDRAIL), ("guardrailVersion", GUARDRAIL_VERSION)):
        node = None if guardrail is None else guardrail.get(name)
        if node is not None and isinstance(node.value, str):
            given[meaning] = (Value(_read(node)),)
    return site._replace(given=given)


def _read(node: Node) -> Node:
    """A text, or the variable of the environment that `os.environ/NAME` reads."""
    text: str = node.value
    if not text.startswith(_FROM_ENVIRONMENT):
        return node
    hole = Hole(f"{ENVIRONMENT}{text[len(_FROM_ENVIRONMENT) :]}", text)
    return Placed(Template((hole,)), node.start, node.end, node.source)
