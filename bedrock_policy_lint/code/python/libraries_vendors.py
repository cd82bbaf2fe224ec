"""What the SDKs of Anthropic and OpenAI call of Bedrock, and Instructor, which is put around them."""

# Read in their packages on 2026-11-20: anthropic 2.11.0, openai 3.52.0, instructor 1.17.0.

from __future__ import annotations

from bedrock_policy_lint.code.libraries import (
    CHAT_COMPLETIONS,
    CHOICE,
    CLIENT,
    CONVERSE,
    INNER,
    INVOKE,
    INVOKE_STREAM,
    MANTLE,
    MESSAGES,
    RESPONSES,
    RUNTIME,
    Made,
    methods,
)
from bedrock_policy_lint.code.site import CREDENTIALS, ENDPOINT, MODEL, PROFILE, REGION

_COPIES = methods("copy with_options with_middleware with_raw_response with_streaming_response")

_ANTHROPIC = Made(
    "anthropic",
    {
        "model": MODEL,
        "aws_region": REGION,
        "aws_access_key": CREDENTIALS,
        "aws_profile": PROFILE,
        "api_key": CREDENTIALS,
        "base_url": ENDPOINT,
    },
    _COPIES | methods("messages beta") | methods("create parse tool_runner", INVOKE) | methods("stream", INVOKE_STREAM),
    unknown=(INVOKE, INVOKE_STREAM),
    streams=(INVOKE_STREAM,),
)
_ANTHROPIC_MANTLE = _ANTHROPIC._replace(
    methods=_COPIES | methods("messages beta") | methods("create parse tool_runner stream", MESSAGES),
    unknown=(MESSAGES,),
    streams=(),
    client=MANTLE,
)

_OPENAI = Made(
    "openai",
    {"model": MODEL, "base_url": ENDPOINT, "api_key": CREDENTIALS},
    _COPIES
    | methods("chat completions responses beta")
    | methods("chat.completions.create chat.completions.parse chat.completions.stream", CHAT_COMPLETIONS)
    | methods("beta.chat.completions.parse beta.chat.completions.stream", CHAT_COMPLETIONS)
    | methods("responses.create responses.parse responses.stream", RESPONSES),
    unknown=(CHAT_COMPLETIONS, RESPONSES),
)
_OPENAI_ENDPOINTS = (
    _OPENAI._replace(client=RUNTIME, endpoint_holds="bedrock-runtime."),
    _OPENAI._replace(client=MANTLE, endpoint_holds="bedrock-mantle."),
)
"""OpenAI's own client is one of Bedrock by its endpoint alone."""
_BEDROCK_OPENAI_ARGUMENTS = {
    "model": MODEL,
    "aws_region": REGION,
    "aws_profile": PROFILE,
    "aws_access_key_id": CREDENTIALS,
    "api_key": CREDENTIALS,
    "bedrock_token_provider": CREDENTIALS,
    "base_url": ENDPOINT,
}
_BEDROCK_OPENAI = (
    _OPENAI._replace(arguments=_BEDROCK_OPENAI_ARGUMENTS, client=RUNTIME, endpoint_holds="bedrock-runtime."),
    _OPENAI._replace(arguments=_BEDROCK_OPENAI_ARGUMENTS, client=MANTLE, endpoint_holds="bedrock-mantle."),
    _OPENAI._replace(arguments=_BEDROCK_OPENAI_ARGUMENTS, client=MANTLE, when={ENDPOINT: ""}),
)
"""Its compatibility client goes to bedrock-mantle where no endpoint is named."""
_PROVIDED = {"provider": INNER, "model": MODEL}
_OPENAI_PROVIDER = {
    "region": REGION,
    "profile": PROFILE,
    "access_key_id": CREDENTIALS,
    "api_key": CREDENTIALS,
    "token_provider": CREDENTIALS,
    "base_url": ENDPOINT,
    "endpoint": CHOICE,
}
_PROVIDER_METHODS = {name: operations for name, operations in _OPENAI.methods.items() if operations}
_PROVIDER = tuple(
    Made("openai", _OPENAI_PROVIDER, _PROVIDER_METHODS, client=client, when=when)
    for client, when in (
        (RUNTIME, {CHOICE: "runtime"}),
        (RUNTIME, {CHOICE: "", ENDPOINT: r"https://bedrock-runtime.*"}),
        (MANTLE, {CHOICE: "mantle"}),
        (MANTLE, {CHOICE: "", ENDPOINT: r"https://bedrock-mantle.*"}),
        (MANTLE, {CHOICE: "", ENDPOINT: ""}),
    )
)
"""`OpenAI(provider=bedrock(…))`: it goes to bedrock-mantle unless told otherwise."""
_OPENAI_PROVIDED = _OPENAI._replace(
    arguments=_PROVIDED,
    methods={name: (name,) if operations else () for name, operations in _OPENAI.methods.items()},
)

_CREATE = (
    "create create_with_completion messages.create messages.create_with_completion chat.completions.create "
    "chat.completions.create_with_completion"
)
_PARTIAL = "create_partial create_iterable chat.completions.create_partial chat.completions.create_iterable"
_FROM_BEDROCK = Made(
    "instructor",
    {"client": CLIENT, "0": CLIENT, "model": MODEL, "modelId": MODEL},
    methods(_CREATE, CONVERSE),
    unknown=(CONVERSE,),
)
_FROM_PROVIDER = Made(
    "instructor",
    {"model": MODEL, "0": MODEL, "modelId": MODEL, "region": REGION, "aws_access_key_id": CREDENTIALS},
    methods(_CREATE, CONVERSE),
    unknown=(CONVERSE,),
    model_prefix="bedrock/",
)
_FROM_ANTHROPIC = Made(
    "instructor",
    {"client": INNER, "0": INNER, "model": MODEL},
    methods(_CREATE, "create") | methods(_PARTIAL, "stream"),
)
_FROM_OPENAI = Made(
    "instructor",
    {"client": INNER, "0": INNER, "model": MODEL},
    methods(f"{_CREATE} {_PARTIAL}", "chat.completions.create"),
)

LIBRARIES: dict[str, Made | tuple[Made, ...]] = {
    "anthropic.AnthropicBedrock": _ANTHROPIC,
    "anthropic.AsyncAnthropicBedrock": _ANTHROPIC,
    "anthropic.lib.bedrock.AnthropicBedrock": _ANTHROPIC,
    "anthropic.lib.bedrock.AsyncAnthropicBedrock": _ANTHROPIC,
    "anthropic.AnthropicBedrockMantle": _ANTHROPIC_MANTLE,
    "anthropic.AsyncAnthropicBedrockMantle": _ANTHROPIC_MANTLE,
    "openai.OpenAI": (*_OPENAI_ENDPOINTS, _OPENAI_PROVIDED),
    "openai.AsyncOpenAI": (*_OPENAI_ENDPOINTS, _OPENAI_PROVIDED),
    "openai.Client": _OPENAI_ENDPOINTS,
    "openai.AsyncClient": _OPENAI_ENDPOINTS,
    "openai.BedrockOpenAI": _BEDROCK_OPENAI,
    "openai.AsyncBedrockOpenAI": _BEDROCK_OPENAI,
    "openai.providers.bedrock": _PROVIDER,
    "openai.providers.bedrock.bedrock": _PROVIDER,
    "instructor.from_bedrock": _FROM_BEDROCK,
    "instructor.from_provider": _FROM_PROVIDER,
    "instructor.from_anthropic": _FROM_ANTHROPIC,
    "instructor.from_openai": _FROM_OPENAI,
}
