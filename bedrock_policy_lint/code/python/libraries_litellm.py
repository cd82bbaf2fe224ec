"""What LiteLLM calls of Bedrock, and others through it."""

# Read in their packages on 2026-11-20: litellm 1.109.1, dspy 3.4.1, google-adk 2.13.0, openai-agents 0.24.0,
# smolagents 1.26.0, strands-agents 1.62.0.

from __future__ import annotations

from collections.abc import Mapping

from bedrock_policy_lint.code.libraries import (
    AGENTS,
    CHOICE,
    CONVERSE,
    CONVERSE_STREAM,
    INSTEAD,
    INVOKE,
    INVOKE_STREAM,
    Made,
    methods,
)
from bedrock_policy_lint.code.site import (
    CREDENTIALS,
    ENDPOINT,
    GUARDRAIL,
    GUARDRAIL_VERSION,
    MODEL,
    PROFILE,
    REGION,
)

_ARGUMENTS = {
    "model": MODEL,
    "0": MODEL,
    "model_id": INSTEAD,
    "aws_region_name": REGION,
    "aws_profile_name": PROFILE,
    "aws_access_key_id": CREDENTIALS,
    "aws_role_name": CREDENTIALS,
    "aws_bedrock_runtime_endpoint": ENDPOINT,
    "guardrailConfig.guardrailIdentifier": GUARDRAIL,
    "guardrailConfig.guardrailVersion": GUARDRAIL_VERSION,
    "custom_llm_provider": CHOICE,
}
_OTHER = " ".join(
    f"bedrock/{route}/" for route in ("agent", "agentcore", "async_invoke", "claude_platform", "mantle", "realtime")
)
"""Routes to something else than one of these operations on one of these models."""
_FORMATS = " ".join(
    f"bedrock/{way}{form}/"
    for way in ("", "invoke/", "converse/")
    for form in ("nova", "nova-2", "llama", "deepseek_r1", "qwen3", "qwen2", "openai", "anthropic", "moonshot")
)
"""How models are written that are ARNs: what stands before says what they understand."""
_CONVERSING = (
    r"bedrock/(?:[a-z]{2}(?:-gov)?-[a-z]+-\d/)?(?:[a-z-]+\.)?"
    r"(?:anthropic\.claude-|amazon\.nova-|meta\.llama[34]|deepseek\.|openai\.gpt-oss|qwen\.qwen3|writer\.palmyra"
    r"|mistral\.mistral-(?:large|small)|ai21\.jamba).*"
    r"|bedrock/nova(?:-2)?/.*|bedrock/arn:.*:application-inference-profile/.*"
    r"|bedrock/(?!.*(?:cohere|anthropic|mistral|amazon|meta|llama|ai21|nova|deepseek_r1|qwen[23]|twelvelabs|openai"
    r"|stability|moonshot))[^\0/]*"
)
"""Models that it knows for Converse, and those of no provider that it asks otherwise."""


def _completion(prefix: str, calls: tuple[str, ...], streams: tuple[str, ...], when: dict[str, str]) -> Made:
    return Made(
        "litellm",
        _ARGUMENTS,
        calls=calls,
        streams=streams,
        model_prefix=f"{prefix} {_FORMATS}",
        other_prefixes=_OTHER,
        when=when,
    )


_ANY = "bedrock/converse/ bedrock/invoke/ bedrock/"
_COMPLETION = (
    _completion("bedrock/converse/", (CONVERSE,), (CONVERSE_STREAM,), {MODEL: "bedrock/converse/.*"}),
    _completion("bedrock/invoke/", (INVOKE,), (INVOKE_STREAM,), {MODEL: "bedrock/invoke/.*"}),
    _completion("bedrock/", (CONVERSE,), (CONVERSE_STREAM,), {MODEL: _CONVERSING}),
    _completion(_ANY, (CONVERSE, INVOKE), (CONVERSE_STREAM, INVOKE_STREAM), {}),
)
_EMBEDDING = Made("litellm", _ARGUMENTS, calls=(INVOKE,), model_prefix="bedrock/", other_prefixes=_OTHER)
_RERANK = Made(
    "litellm",
    {name: role for name, role in _ARGUMENTS.items() if role in (MODEL, REGION, PROFILE, CREDENTIALS)},
    calls=("Rerank",),
    client=AGENTS,
    model_prefix="bedrock/",
)


def _built_on(library: str, arguments: Mapping[str, str], asked: str = "", streamed: str = "") -> tuple[Made, ...]:
    """What is made with the name of a model, and hands that on when it is asked."""
    return tuple(
        one._replace(
            library=library,
            arguments=arguments,
            methods=methods(asked, "|".join(one.calls)) | methods(streamed, "|".join(one.streams)),
            unknown=(*one.calls, *one.streams) if streamed or not asked else one.calls,
            calls=(),
            streams=(),
        )
        for one in _COMPLETION
    )


_DSPY = _built_on("dspy", _ARGUMENTS, "__call__ forward aforward acall")
"""`bedrock/…` is none of the providers that it asks by itself."""
_ADK = _built_on("google-adk", _ARGUMENTS)
_OPENAI_AGENTS = _built_on("openai-agents", {"model": MODEL, "0": MODEL, "base_url": ENDPOINT})
_SMOLAGENTS = _built_on(
    "smolagents",
    {name: role for name, role in _ARGUMENTS.items() if name not in ("model", "model_id")} | {"model_id": MODEL},
    "generate __call__",
    "generate_stream",
)
_STRANDS = _built_on(
    "strands-agents",
    {"model_id": MODEL} | {f"client_args.{name}": role for name, role in _ARGUMENTS.items() if name[:4] == "aws_"},
)
_STRANDS = tuple(one._replace(methods=methods("stream structured_output", "|".join(one.unknown))) for one in _STRANDS)

LIBRARIES: dict[str, Made | tuple[Made, ...]] = {
    "litellm.completion": _COMPLETION,
    "litellm.acompletion": _COMPLETION,
    "litellm.main.completion": _COMPLETION,
    "litellm.main.acompletion": _COMPLETION,
    "litellm.completion_with_retries": _COMPLETION,
    "litellm.acompletion_with_retries": _COMPLETION,
    "litellm.embedding": _EMBEDDING,
    "litellm.aembedding": _EMBEDDING,
    "litellm.image_generation": _EMBEDDING,
    "litellm.aimage_generation": _EMBEDDING,
    "litellm.rerank": _RERANK,
    "litellm.arerank": _RERANK,
    "dspy.LM": _DSPY,
    "dspy.clients.LM": _DSPY,
    "google.adk.models.lite_llm.LiteLlm": _ADK,
    "agents.extensions.models.litellm_model.LitellmModel": _OPENAI_AGENTS,
    "smolagents.LiteLLMModel": _SMOLAGENTS,
    "strands.models.litellm.LiteLLMModel": _STRANDS,
}
