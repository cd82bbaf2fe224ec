"""What LlamaIndex calls of Bedrock."""

# Read in their packages on 2026-11-20: llama-index-llms-bedrock 0.6.0, -llms-bedrock-converse 0.15.5,
# -embeddings-bedrock 0.9.0, -postprocessor-bedrock-rerank 0.7.0, -retrievers-bedrock 0.7.0, llama-index-core 0.14.25.

from __future__ import annotations

from bedrock_policy_lint.code.libraries import (
    AGENTS,
    CLIENT,
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
    KNOWLEDGE_BASE,
    MODEL,
    PROFILE,
    REGION,
)

_ASKED = (
    "complete acomplete chat achat predict apredict chat_with_tools achat_with_tools predict_and_call "
    "apredict_and_call structured_predict astructured_predict"
)
_STREAMED = (
    "stream_complete astream_complete stream_chat astream_chat stream astream stream_chat_with_tools "
    "astream_chat_with_tools stream_structured_predict astream_structured_predict"
)
_SAME = "as_structured_llm"
_EMBED = (
    "get_query_embedding aget_query_embedding get_text_embedding aget_text_embedding get_text_embedding_batch "
    "aget_text_embedding_batch get_agg_embedding_from_queries aget_agg_embedding_from_queries __call__ acall"
)


def _llm(asked: str, streamed: str) -> dict[str, tuple[str, ...]]:
    return methods(_ASKED, asked) | methods(_STREAMED, streamed) | methods(_SAME)


_AWS = {
    "region_name": REGION,
    "profile_name": PROFILE,
    "aws_access_key_id": CREDENTIALS,
    "client": CLIENT,
}
_GUARDED = {"guardrail_identifier": GUARDRAIL, "guardrail_version": GUARDRAIL_VERSION}
_PROFILE = {"application_inference_profile_arn": INSTEAD}

_CONVERSE = Made(
    "llama-index-llms-bedrock-converse",
    _AWS | _GUARDED | _PROFILE | {"model": MODEL, "0": MODEL, "endpoint_url": ENDPOINT},
    _llm(CONVERSE, CONVERSE_STREAM),
    unknown=(CONVERSE, CONVERSE_STREAM),
)
_INVOKE = Made(
    "llama-index-llms-bedrock",
    _AWS | _GUARDED | {"model": MODEL, "0": MODEL},
    _llm(INVOKE, INVOKE_STREAM),
    unknown=(INVOKE, INVOKE_STREAM),
)
_EMBEDDING = Made(
    "llama-index-embeddings-bedrock",
    _AWS | _PROFILE | {"model_name": MODEL, "0": MODEL},
    methods(_EMBED, INVOKE),
    unknown=(INVOKE,),
    default_model="amazon.titan-embed-text-v1",
)
_RERANK = Made(
    "llama-index-postprocessor-bedrock-rerank",
    _AWS | {"rerank_model_name": MODEL, "rerank_model_arn": INSTEAD},
    methods("postprocess_nodes apostprocess_nodes", "Rerank"),
    unknown=("Rerank",),
    client=AGENTS,
    default_model="cohere.rerank-v3-5:0",
)
_KNOWLEDGE = Made(
    "llama-index-retrievers-bedrock",
    _AWS | {"knowledge_base_id": KNOWLEDGE_BASE, "0": KNOWLEDGE_BASE},
    methods("retrieve aretrieve", "Retrieve"),
    unknown=("Retrieve",),
    client=AGENTS,
)

LIBRARIES: dict[str, Made | tuple[Made, ...]] = {
    "llama_index.llms.bedrock_converse.BedrockConverse": _CONVERSE,
    "llama_index.llms.bedrock_converse.base.BedrockConverse": _CONVERSE,
    "llama_index.llms.bedrock.Bedrock": _INVOKE,
    "llama_index.llms.bedrock.base.Bedrock": _INVOKE,
    "llama_index.embeddings.bedrock.BedrockEmbedding": _EMBEDDING,
    "llama_index.embeddings.bedrock.base.BedrockEmbedding": _EMBEDDING,
    "llama_index.postprocessor.bedrock_rerank.BedrockRerank": _RERANK,
    "llama_index.postprocessor.bedrock_rerank.AWSBedrockRerank": _RERANK,
    "llama_index.retrievers.bedrock.AmazonKnowledgeBasesRetriever": _KNOWLEDGE,
}
