"""Calls through libraries: what each of them makes, and which operations of Bedrock that calls.

Read in the published packages on 2026-11-20: @ai-sdk/amazon-bedrock 4.0.186 and 5.0.101, ai 6.0.326 and 7.0.173,
@langchain/aws 1.4.5, @langchain/community 0.0.57, 0.3.57 and 1.1.29, langchain 0.0.212 and 0.1.37,
@anthropic-ai/bedrock-sdk 1.1.2, openai 6.49.0, @llamaindex/aws 0.0.121, @llamaindex/community 0.0.104,
@strands-agents/sdk 1.16.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bedrock_policy_lint.bedrock.operations import CLIENTS
from bedrock_policy_lint.code import site as words
from bedrock_policy_lint.code.javascript.packages import package_of
from bedrock_policy_lint.code.libraries import (
    AGENTS,
    CHAT_COMPLETIONS,
    CLIENT,
    CONVERSE,
    CONVERSE_STREAM,
    INNER,
    INVOKE,
    INVOKE_STREAM,
    MANTLE,
    MESSAGES,
    RESPONSES,
    Made,
)

GENERATE, STREAM = "generate", "stream"
"""What the AI SDK does with a model."""

_AI = "@ai-sdk/amazon-bedrock"
_PROVIDER = {
    "0": words.MODEL,
    "region": words.REGION,
    "baseURL": words.ENDPOINT,
    "apiKey": words.CREDENTIALS,
    "accessKeyId": words.CREDENTIALS,
    "credentialProvider": words.CREDENTIALS,
}
_CHAT = Made(
    _AI,
    _PROVIDER,
    {GENERATE: (CONVERSE,), STREAM: (CONVERSE_STREAM,)},
    unknown=(CONVERSE, CONVERSE_STREAM),
)
_MESSAGES = _CHAT._replace(methods={GENERATE: (INVOKE,), STREAM: (INVOKE_STREAM,)}, unknown=(INVOKE, INVOKE_STREAM))
_INVOKED = _CHAT._replace(methods={GENERATE: (INVOKE,)}, unknown=(INVOKE,))
_RERANKED = _CHAT._replace(methods={GENERATE: ("Rerank",)}, unknown=("Rerank",), client=AGENTS)
_CHAT_ON_MANTLE = _CHAT._replace(
    methods={GENERATE: (CHAT_COMPLETIONS,), STREAM: (CHAT_COMPLETIONS,)}, unknown=(CHAT_COMPLETIONS,), client=MANTLE
)
_RESPONSES_ON_MANTLE = _CHAT_ON_MANTLE._replace(
    methods={GENERATE: (RESPONSES,), STREAM: (RESPONSES,)}, unknown=(RESPONSES,)
)
_MADE_BY_PROVIDER = {
    "": _CHAT,
    ".languageModel": _CHAT,
    **dict.fromkeys((".embedding", ".embeddingModel", ".textEmbedding", ".textEmbeddingModel"), _INVOKED),
    **dict.fromkeys((".image", ".imageModel"), _INVOKED),
    **dict.fromkeys((".reranking", ".rerankingModel"), _RERANKED),
}


def _of_providers(names: tuple[str, ...], made: Mapping[str, Made]) -> dict[str, Made]:
    return {f"{name}{method}()": row for name in names for method, row in made.items()}


_LANGCHAIN = {
    "region": words.REGION,
    "clientOptions.region": words.REGION,
    "endpointHost": words.ENDPOINT,
    "credentials": words.CREDENTIALS,
    "clientOptions.credentials": words.CREDENTIALS,
    "bedrockApiKey": words.CREDENTIALS,
    "bedrockBearerToken": words.CREDENTIALS,
    "awsAccessKeyId": words.CREDENTIALS,
    "profile": words.PROFILE,
    "client": CLIENT,
}
_GUARDED = {
    "guardrailConfig.guardrailIdentifier": words.GUARDRAIL,
    "guardrailConfig.guardrailVersion": words.GUARDRAIL_VERSION,
}
_ASKS = ("invoke", "batch", "call", "generate", "predict")
_STREAMS = ("stream", "streamEvents", "streamLog")


def _chat(library: str, once: str, streamed: str, arguments: Mapping[str, str], model: str = "") -> Made:
    methods = {**dict.fromkeys(_ASKS, (once,)), **dict.fromkeys(_STREAMS, (streamed,))}
    return Made(library, arguments, methods, (once, streamed), streams=(streamed,), default_model=model)


_MODEL = {"applicationInferenceProfile": words.MODEL, "model": words.MODEL}
_CONVERSE_CHAT = _chat(
    "@langchain/aws",
    CONVERSE,
    CONVERSE_STREAM,
    {"0": words.MODEL, **_MODEL, **_LANGCHAIN, **_GUARDED, "serviceTier": words.TIER},
)
_COMMUNITY = "@langchain/community"
_COMMUNITY_CHAT = _chat(
    _COMMUNITY,
    INVOKE,
    INVOKE_STREAM,
    {**_MODEL, **_LANGCHAIN, "guardrailIdentifier": words.GUARDRAIL, "guardrailVersion": words.GUARDRAIL_VERSION},
)
_EMBEDS = {"embedQuery": (INVOKE,), "embedDocuments": (INVOKE,)}
_EMBEDDINGS = Made(
    "@langchain/aws",
    {"model": words.MODEL, **_LANGCHAIN},
    _EMBEDS,
    (INVOKE,),
    default_model="amazon.titan-embed-text-v1",
)
_RETRIEVES = ("Retrieve",)
_RETRIEVER = Made(
    "@langchain/aws",
    {"knowledgeBaseId": words.KNOWLEDGE_BASE, **_LANGCHAIN},
    dict.fromkeys(
        ("invoke", "batch", "getRelevantDocuments", "_getRelevantDocuments", "queryKnowledgeBase"), _RETRIEVES
    ),
    _RETRIEVES,
    client=AGENTS,
)

_ANTHROPIC = "@anthropic-ai/bedrock-sdk"
_ANTHROPIC_ARGUMENTS = {
    "model": words.MODEL,
    "awsRegion": words.REGION,
    "baseURL": words.ENDPOINT,
    "apiKey": words.CREDENTIALS,
    "awsAccessKey": words.CREDENTIALS,
    "providerChainResolver": words.CREDENTIALS,
}
_ANTHROPIC_METHODS = {
    **dict.fromkeys(("messages.create", "messages.parse", "beta.messages.create", "beta.messages.parse"), (INVOKE,)),
    **dict.fromkeys(("messages.stream", "beta.messages.stream"), (INVOKE_STREAM,)),
    "beta.messages.toolRunner": (INVOKE,),
}
_ANTHROPIC_CLIENT = Made(_ANTHROPIC, _ANTHROPIC_ARGUMENTS, _ANTHROPIC_METHODS, streams=(INVOKE_STREAM,))
_ANTHROPIC_MANTLE = Made(
    _ANTHROPIC,
    {**_ANTHROPIC_ARGUMENTS, "awsProfile": words.PROFILE},
    dict.fromkeys(_ANTHROPIC_METHODS, (MESSAGES,)),
    client=MANTLE,
)

_OPENAI_METHODS = {
    **dict.fromkeys(
        (f"{kind}chat.completions.{verb}" for kind in ("", "beta.") for verb in ("create", "parse", "stream")),
        (CHAT_COMPLETIONS,),
    ),
    **dict.fromkeys(("responses.create", "responses.parse", "responses.stream"), (RESPONSES,)),
}
_OPENAI = Made(
    "openai",
    {"model": words.MODEL, "baseURL": words.ENDPOINT, "provider": INNER},
    _OPENAI_METHODS,
    endpoint_holds="bedrock-",
)
_BEDROCK_OPENAI = Made(
    "openai",
    {
        "model": words.MODEL,
        "awsRegion": words.REGION,
        "baseURL": words.ENDPOINT,
        "apiKey": words.CREDENTIALS,
        "bedrockTokenProvider": words.CREDENTIALS,
    },
    _OPENAI_METHODS,
    client=MANTLE,
)

_LLAMA = Made(
    "@llamaindex/aws",
    {"model": words.MODEL, "region": words.REGION, "endpoint": words.ENDPOINT, "credentials": words.CREDENTIALS},
    {"chat": (INVOKE,), "complete": (INVOKE,), "streamChat": (INVOKE_STREAM,)},
    (INVOKE, INVOKE_STREAM),
    streams=(INVOKE_STREAM,),
)

_STRANDS = Made(
    "@strands-agents/sdk",
    {
        "modelId": words.MODEL,
        "region": words.REGION,
        "clientConfig.region": words.REGION,
        "clientConfig.endpoint": words.ENDPOINT,
        "clientConfig.credentials": words.CREDENTIALS,
        "apiKey": words.CREDENTIALS,
        **_GUARDED,
    },
    {},
    (CONVERSE,),
    streams=(CONVERSE_STREAM,),
    streams_by_default=True,
    preset="strands",
)

_STRANDS_AGENT = _STRANDS._replace(arguments={"model": words.MODEL})


def _of_community(package: str) -> dict[str, dict[str, Made]]:
    """What `langchain` handed on of `@langchain/community` before its release 0.2."""
    chat = dict.fromkeys(("BedrockChat()", "ChatBedrock()"), _COMMUNITY_CHAT._replace(library=package))
    model = {"Bedrock()": _COMMUNITY_CHAT._replace(library=package)}
    return {
        **dict.fromkeys((f"{package}/chat_models/bedrock", f"{package}/chat_models/bedrock/web"), chat),
        **dict.fromkeys((f"{package}/llms/bedrock", f"{package}/llms/bedrock/web"), model),
        f"{package}/embeddings/bedrock": {"BedrockEmbeddings()": _EMBEDDINGS._replace(library=package)},
    }


LIBRARIES: Mapping[str, Mapping[str, Made]] = {
    _AI: _of_providers(("bedrock", "amazonBedrock", "createAmazonBedrock()"), _MADE_BY_PROVIDER),
    f"{_AI}/anthropic": _of_providers(
        ("bedrockAnthropic", "createBedrockAnthropic()", "amazonBedrockAnthropic", "createAmazonBedrockAnthropic()"),
        dict.fromkeys(("", ".languageModel", ".chat", ".messages"), _MESSAGES),
    ),
    f"{_AI}/mantle": _of_providers(
        ("bedrockMantle", "createBedrockMantle()"),
        {**dict.fromkeys(("", ".languageModel", ".chat"), _CHAT_ON_MANTLE), ".responses": _RESPONSES_ON_MANTLE},
    ),
    "@langchain/aws": {
        "ChatBedrockConverse()": _CONVERSE_CHAT,
        "BedrockEmbeddings()": _EMBEDDINGS,
        "AmazonKnowledgeBaseRetriever()": _RETRIEVER,
    },
    **_of_community(_COMMUNITY),
    **_of_community("langchain"),
    f"{_COMMUNITY}/retrievers/amazon_knowledge_base": {
        "AmazonKnowledgeBaseRetriever()": _RETRIEVER._replace(library=_COMMUNITY)
    },
    _ANTHROPIC: {
        "AnthropicBedrock()": _ANTHROPIC_CLIENT,
        "default()": _ANTHROPIC_CLIENT,
        "AnthropicBedrockMantle()": _ANTHROPIC_MANTLE,
    },
    "openai": {"OpenAI()": _OPENAI, "default()": _OPENAI, "BedrockOpenAI()": _BEDROCK_OPENAI},
    "@llamaindex/aws": {
        "Bedrock()": _LLAMA,
        "AmazonKnowledgeBaseRetriever()": _RETRIEVER._replace(library="@llamaindex/aws"),
    },
    "@llamaindex/community": {"Bedrock()": _LLAMA._replace(library="@llamaindex/community")},
    "@strands-agents/sdk": {"BedrockModel()": _STRANDS, "Agent()": _STRANDS_AGENT},
    "@strands-agents/sdk/models/bedrock": {"BedrockModel()": _STRANDS},
}
"""By package, then by what leads to what is made from what the package exports."""

PACKAGES = frozenset({"aws-sdk", *(f"@aws-sdk/client-{client}" for client in CLIENTS), *map(package_of, LIBRARIES)})
"""Without one of these, in a file or in those that it loads, nothing in it calls Bedrock."""

TAKE_NAMES = frozenset({"Agent()"})
"""What calls Bedrock by itself only where its model is a name or not given at all; else it uses one made before."""

TOLD_BY_METHODS = frozenset({_ANTHROPIC, "openai", "@llamaindex/aws", "@llamaindex/community"})
"""Libraries whose methods are told the model, or whether to stream."""

OPENAI_PROVIDERS = ("openai/providers/bedrock", "openai/providers/bedrock/aws")
"""What makes OpenAI's own client one of bedrock-mantle."""


class Use(NamedTuple):
    """A call that does something with a model of the AI SDK: which argument that is, and what is done with it."""

    argument: str
    method: str


_USED_ONCE = (
    "generateText",
    "generateObject",
    "embed",
    "embedMany",
    "generateImage",
    "experimental_generateImage",
    "rerank",
)
_AGENTS = ("ToolLoopAgent", "Experimental_Agent", "Agent")

USES: Mapping[str, Mapping[str, Use]] = {
    "ai": {
        **{f"{name}()": Use("model", GENERATE) for name in _USED_ONCE},
        **{f"{name}()": Use("model", STREAM) for name in ("streamText", "streamObject")},
        **{f"{name}().generate()": Use("model", GENERATE) for name in _AGENTS},
        **{f"{name}().stream()": Use("model", STREAM) for name in _AGENTS},
    },
}

WRAPS: Mapping[str, Mapping[str, str]] = {
    "ai": dict.fromkeys(("wrapLanguageModel()", "experimental_wrapLanguageModel()", "wrapEmbeddingModel()"), "model")
}
"""What gives back the model that one of its arguments is."""

SAME = frozenset(
    {"bindTools", "withStructuredOutput", "withConfig", "withRetry", "bind", "withFallbacks", "withOptions"}
)
"""Methods that give back what they are called on, with other settings."""
