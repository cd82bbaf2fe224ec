"""What LangChain and LangGraph call of Bedrock."""

# Read in their packages on 2026-11-20: langchain-aws 1.9.1, langchain-community 0.3.27 and 0.4.2, langchain 0.3.27 and
# 1.5.0, langchain-core 0.3.72 and 1.8.1, langgraph-prebuilt 1.1.2.

from __future__ import annotations

from bedrock_policy_lint.code.libraries import (
    AGENTS,
    CHOICE,
    CLIENT,
    CONVERSE,
    CONVERSE_STREAM,
    INNER,
    INVOKE,
    INVOKE_STREAM,
    MANTLE,
    MESSAGES,
    STREAM,
    Made,
    methods,
)
from bedrock_policy_lint.code.site import (
    CREDENTIALS,
    ENDPOINT,
    GUARDRAIL,
    GUARDRAIL_VERSION,
    KNOWLEDGE_BASE,
    MODEL,
    PROFILE,
    REGION,
    TIER,
)

_ASKED = (
    "invoke ainvoke batch abatch batch_as_completed abatch_as_completed generate agenerate generate_prompt "
    "agenerate_prompt __call__ predict apredict predict_messages apredict_messages call_as_llm"
)
_STREAMED = "stream astream stream_events astream_events astream_log transform atransform"
_SAME = (
    "bind bind_tools with_config with_retry with_structured_output with_fallbacks with_types with_listeners "
    "with_alisteners configurable_fields configurable_alternatives pipe map pick assign"
)
_RUN = "invoke ainvoke batch abatch batch_as_completed abatch_as_completed"
_EMBED = (
    "embed_documents embed_query aembed_documents aembed_query embed_image embed_images embed_audio embed_video "
    "aembed_image aembed_images aembed_audio aembed_video"
)


def _chat(asked: str, streamed: str) -> dict[str, tuple[str, ...]]:
    """What the methods of a chat model call. With `streaming=True` the first ones stream too."""
    return methods(_ASKED, asked) | methods(_STREAMED, streamed) | methods(_SAME)


_AWS = {
    "region_name": REGION,
    "endpoint_url": ENDPOINT,
    "credentials_profile_name": PROFILE,
    "aws_access_key_id": CREDENTIALS,
    "client": CLIENT,
}
_MODEL = {"model": MODEL, "model_id": MODEL}
_GUARDED = {
    f"{name}.{key}": role
    for name in ("guardrails", "guardrail_config")
    for key, role in (("guardrailIdentifier", GUARDRAIL), ("guardrailVersion", GUARDRAIL_VERSION))
}
_CONVERSE = (
    _AWS
    | _MODEL
    | _GUARDED
    | {
        "base_url": ENDPOINT,
        "api_key": CREDENTIALS,
        "bedrock_api_key": CREDENTIALS,
        "service_tier": TIER,
        "streaming": STREAM,
    }
)
_INVOKE = _CONVERSE | {"region": REGION, "beta_use_converse_api": CHOICE}

_BOTH = f"{CONVERSE}|{INVOKE}"
_BOTH_STREAM = f"{CONVERSE_STREAM}|{INVOKE_STREAM}"
_ON_CONVERSE = Made(
    "langchain-aws",
    _CONVERSE,
    _chat(CONVERSE, CONVERSE_STREAM),
    unknown=(CONVERSE, CONVERSE_STREAM),
    streams=(CONVERSE_STREAM,),
)
_ON_INVOKE = Made(
    "langchain-aws",
    _INVOKE,
    _chat(INVOKE, INVOKE_STREAM),
    unknown=(INVOKE, INVOKE_STREAM),
    streams=(INVOKE_STREAM,),
)
_NOVA = r".*amazon\.nova.*"
_NOT_NOVA = r"(?:[a-z]+\.)?(?:anthropic|cohere|meta|mistral)\..*|(?!.*(?:nova|application-inference-profile))[^\0]*"
_CHAT_BEDROCK = (
    _ON_CONVERSE._replace(arguments=_INVOKE, when={CHOICE: "True"}),
    _ON_INVOKE._replace(when={CHOICE: "False"}),
    _ON_CONVERSE._replace(arguments=_INVOKE, when={CHOICE: "", MODEL: _NOVA}),
    _ON_INVOKE._replace(when={CHOICE: "", MODEL: _NOT_NOVA}),
    _ON_INVOKE._replace(
        methods=_chat(_BOTH, _BOTH_STREAM),
        unknown=(CONVERSE, CONVERSE_STREAM, INVOKE, INVOKE_STREAM),
        streams=(CONVERSE_STREAM, INVOKE_STREAM),
    ),
)
"""It goes by `beta_use_converse_api`; without that Nova is asked through Converse, and what is behind an application
inference profile is looked up when it runs."""
_BEDROCK_LLM = _ON_INVOKE._replace(arguments={name: role for name, role in _INVOKE.items() if role != CHOICE})
_ANTHROPIC = _ON_INVOKE._replace(
    arguments={"model": MODEL, "model_name": MODEL, "region_name": REGION, "aws_access_key_id": CREDENTIALS}
    | _GUARDED
    | {"streaming": STREAM}
)
_ANTHROPIC_MANTLE = Made(
    "langchain-aws",
    {
        "model": MODEL,
        "model_name": MODEL,
        "region_name": REGION,
        "base_url": ENDPOINT,
        "aws_access_key_id": CREDENTIALS,
        "bedrock_api_key": CREDENTIALS,
    },
    _chat(MESSAGES, MESSAGES),
    unknown=(MESSAGES,),
    client=MANTLE,
)
_EMBEDDINGS = Made(
    "langchain-aws",
    _AWS | {"model_id": MODEL},
    methods(_EMBED, INVOKE),
    unknown=(INVOKE,),
    default_model="amazon.titan-embed-text-v1",
)
_KNOWLEDGE = Made(
    "langchain-aws",
    _AWS
    | {"knowledge_base_id": KNOWLEDGE_BASE}
    | {
        f"{name}.{key}": role
        for name in ("guardrails", "guardrail_config")
        for key, role in (("guardrailId", GUARDRAIL), ("guardrailVersion", GUARDRAIL_VERSION))
    },
    methods(f"{_RUN} stream astream get_relevant_documents aget_relevant_documents", "Retrieve") | methods(_SAME),
    unknown=("Retrieve",),
    client=AGENTS,
)
_RERANK = Made(
    "langchain-aws",
    _AWS | {"base_url": ENDPOINT, "model_arn": MODEL},
    methods("rerank compress_documents acompress_documents", "Rerank"),
    unknown=("Rerank",),
    client=AGENTS,
)

_COMMUNITY = {
    "model_id": MODEL,
    "guardrails.id": GUARDRAIL,
    "guardrails.version": GUARDRAIL_VERSION,
    "streaming": STREAM,
}
_OLD = _ON_INVOKE._replace(library="langchain-community", arguments=_AWS | _COMMUNITY)

_PROVIDERS = {
    "bedrock_converse": (_ON_CONVERSE,),
    "bedrock": _CHAT_BEDROCK,
    "anthropic_bedrock": (_ANTHROPIC,),
    "bedrock_mantle_anthropic": (_ANTHROPIC_MANTLE,),
}
"""By the names that `init_chat_model` knows them by. ChatBedrock's own choice is left open there."""


def _named(name: str, provider: str, ways: tuple[Made, ...]) -> tuple[Made, ...]:
    """What `init_chat_model` makes: the provider stands before the model, or in an argument of its own."""
    made = ways[-1]
    arguments = {path: role for path, role in made.arguments.items() if role != CHOICE} | {name: CHOICE, "0": MODEL}
    prefix = f"{provider}:"
    return (
        made._replace(arguments=arguments, model_prefix=prefix, when={CHOICE: "", MODEL: f"{prefix}.*"}),
        made._replace(arguments=arguments, when={CHOICE: provider.replace("_", "[-_]")}),
    )


_AGENT = methods(_RUN, "invoke") | methods(_STREAMED, "invoke|stream") | methods(_SAME)


def _agent(library: str) -> tuple[Made, ...]:
    """An agent: given a chat model, or the name of one as `init_chat_model` takes it. What streams of it may be its
    steps alone."""
    return (
        *(
            Made(
                library,
                {"model": MODEL, "0": MODEL},
                {
                    name: tuple("|".join(ways[-1].methods[inner][0] for inner in called.split("|")) for called in calls)
                    for name, calls in _AGENT.items()
                },
                unknown=ways[-1].unknown,
                client=ways[-1].client,
                model_prefix=f"{provider}:",
                when={MODEL: f"{provider}:.*"},
            )
            for provider, ways in _PROVIDERS.items()
        ),
        Made(library, {"model": INNER, "0": INNER}, _AGENT, when={MODEL: ""}),
    )


_INIT = tuple(one for provider, ways in _PROVIDERS.items() for one in _named("model_provider", provider, ways))
_INIT_EMBEDDINGS = tuple(one._replace(default_model="") for one in _named("provider", "bedrock", (_EMBEDDINGS,)))

LIBRARIES: dict[str, Made | tuple[Made, ...]] = {
    "langchain_aws.ChatBedrockConverse": _ON_CONVERSE,
    "langchain_aws.chat_models.ChatBedrockConverse": _ON_CONVERSE,
    "langchain_aws.chat_models.bedrock_converse.ChatBedrockConverse": _ON_CONVERSE,
    "langchain_aws.ChatBedrock": _CHAT_BEDROCK,
    "langchain_aws.chat_models.ChatBedrock": _CHAT_BEDROCK,
    "langchain_aws.chat_models.bedrock.ChatBedrock": _CHAT_BEDROCK,
    "langchain_aws.BedrockLLM": _BEDROCK_LLM,
    "langchain_aws.llms.BedrockLLM": _BEDROCK_LLM,
    "langchain_aws.llms.bedrock.BedrockLLM": _BEDROCK_LLM,
    "langchain_aws.ChatAnthropicBedrock": _ANTHROPIC,
    "langchain_aws.chat_models.ChatAnthropicBedrock": _ANTHROPIC,
    "langchain_aws.chat_models.anthropic.ChatAnthropicBedrock": _ANTHROPIC,
    "langchain_aws.ChatAnthropicMantle": _ANTHROPIC_MANTLE,
    "langchain_aws.chat_models.ChatAnthropicMantle": _ANTHROPIC_MANTLE,
    "langchain_aws.BedrockEmbeddings": _EMBEDDINGS,
    "langchain_aws.embeddings.BedrockEmbeddings": _EMBEDDINGS,
    "langchain_aws.embeddings.bedrock.BedrockEmbeddings": _EMBEDDINGS,
    "langchain_aws.AmazonKnowledgeBasesRetriever": _KNOWLEDGE,
    "langchain_aws.retrievers.AmazonKnowledgeBasesRetriever": _KNOWLEDGE,
    "langchain_aws.retrievers.bedrock.AmazonKnowledgeBasesRetriever": _KNOWLEDGE,
    "langchain_aws.BedrockRerank": _RERANK,
    "langchain_aws.document_compressors.rerank.BedrockRerank": _RERANK,
    "langchain_community.chat_models.BedrockChat": _OLD,
    "langchain_community.chat_models.bedrock.BedrockChat": _OLD,
    "langchain_community.llms.Bedrock": _OLD,
    "langchain_community.llms.bedrock.Bedrock": _OLD,
    "langchain_community.embeddings.BedrockEmbeddings": _EMBEDDINGS._replace(library="langchain-community"),
    "langchain_community.embeddings.bedrock.BedrockEmbeddings": _EMBEDDINGS._replace(library="langchain-community"),
    "langchain_community.retrievers.AmazonKnowledgeBasesRetriever": _KNOWLEDGE._replace(library="langchain-community"),
    "langchain_community.retrievers.bedrock.AmazonKnowledgeBasesRetriever": _KNOWLEDGE._replace(
        library="langchain-community"
    ),
    "langchain.chat_models.BedrockChat": _OLD,
    "langchain.chat_models.bedrock.BedrockChat": _OLD,
    "langchain.llms.Bedrock": _OLD,
    "langchain.llms.bedrock.Bedrock": _OLD,
    "langchain.embeddings.BedrockEmbeddings": _EMBEDDINGS._replace(library="langchain-community"),
    "langchain.embeddings.bedrock.BedrockEmbeddings": _EMBEDDINGS._replace(library="langchain-community"),
    "langchain.chat_models.init_chat_model": _INIT,
    "langchain.chat_models.base.init_chat_model": _INIT,
    "langchain.embeddings.init_embeddings": _INIT_EMBEDDINGS,
    "langchain.embeddings.base.init_embeddings": _INIT_EMBEDDINGS,
    "langchain.agents.create_agent": _agent("langchain"),
    "langgraph.prebuilt.create_react_agent": _agent("langgraph"),
    "langgraph.prebuilt.chat_agent_executor.create_react_agent": _agent("langgraph"),
}
