"""What Haystack and Semantic Kernel call of Bedrock."""

# Read in their packages on 2026-11-20: amazon-bedrock-haystack 9.0.0, semantic-kernel 1.45.0.

from __future__ import annotations

from bedrock_policy_lint.code.libraries import (
    AGENTS,
    CLIENT,
    CONVERSE,
    CONVERSE_STREAM,
    INVOKE,
    INVOKE_STREAM,
    STREAM,
    Made,
    methods,
)
from bedrock_policy_lint.code.site import (
    CREDENTIALS,
    GUARDRAIL,
    GUARDRAIL_VERSION,
    MODEL,
    PROFILE,
    REGION,
)

_HAYSTACK = {
    "aws_region_name": REGION,
    "aws_profile_name": PROFILE,
    "aws_access_key_id": CREDENTIALS,
}
_RUN = "run run_async"
_CHAT_GENERATOR = Made(
    "amazon-bedrock-haystack",
    _HAYSTACK
    | {
        "model": MODEL,
        "0": MODEL,
        "guardrail_config.guardrailIdentifier": GUARDRAIL,
        "guardrail_config.guardrailVersion": GUARDRAIL_VERSION,
        "streaming_callback": STREAM,
    },
    methods(_RUN, CONVERSE),
    unknown=(CONVERSE,),
    streams=(CONVERSE_STREAM,),
)
_EMBEDDER = Made(
    "amazon-bedrock-haystack",
    _HAYSTACK | {"model": MODEL, "0": MODEL},
    methods(_RUN, INVOKE),
    unknown=(INVOKE,),
)
_RANKER = Made(
    "amazon-bedrock-haystack",
    _HAYSTACK | {"model": MODEL, "0": MODEL},
    methods(_RUN, "Rerank"),
    unknown=("Rerank",),
    client=AGENTS,
    default_model="cohere.rerank-v3-5:0",
)

_KERNEL = {"model_id": MODEL, "0": MODEL, "runtime_client": CLIENT}
_KERNEL_CHAT = Made(
    "semantic-kernel",
    _KERNEL,
    methods("get_chat_message_content get_chat_message_contents", CONVERSE)
    | methods("get_streaming_chat_message_content get_streaming_chat_message_contents", CONVERSE_STREAM),
    unknown=(CONVERSE, CONVERSE_STREAM),
)
_KERNEL_TEXT = Made(
    "semantic-kernel",
    _KERNEL,
    methods("get_text_content get_text_contents", INVOKE)
    | methods("get_streaming_text_content get_streaming_text_contents", INVOKE_STREAM),
    unknown=(INVOKE, INVOKE_STREAM),
)
_KERNEL_EMBEDDING = Made(
    "semantic-kernel",
    _KERNEL,
    methods("generate_embeddings generate_raw_embeddings", INVOKE),
    unknown=(INVOKE,),
)

_COMPONENTS = "haystack_integrations.components"
_SERVICES = "semantic_kernel.connectors.ai.bedrock"

LIBRARIES: dict[str, Made | tuple[Made, ...]] = {
    f"{_COMPONENTS}.generators.amazon_bedrock.AmazonBedrockChatGenerator": _CHAT_GENERATOR,
    f"{_COMPONENTS}.embedders.amazon_bedrock.AmazonBedrockTextEmbedder": _EMBEDDER,
    f"{_COMPONENTS}.embedders.amazon_bedrock.AmazonBedrockDocumentEmbedder": _EMBEDDER,
    f"{_COMPONENTS}.embedders.amazon_bedrock.AmazonBedrockDocumentImageEmbedder": _EMBEDDER,
    f"{_COMPONENTS}.rankers.amazon_bedrock.AmazonBedrockRanker": _RANKER,
    f"{_SERVICES}.BedrockChatCompletion": _KERNEL_CHAT,
    f"{_SERVICES}.services.bedrock_chat_completion.BedrockChatCompletion": _KERNEL_CHAT,
    f"{_SERVICES}.BedrockTextCompletion": _KERNEL_TEXT,
    f"{_SERVICES}.BedrockTextEmbedding": _KERNEL_EMBEDDING,
}
