"""The operations of AWS's own SDKs that call Bedrock, and which of their parameters say what is called.

Parameters are named as the API does; Python's SDK writes operations in snake case, the command line both in kebab case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

MODEL, GUARDRAIL, GUARDRAIL_VERSION, ROLE, TIER = "model", "guardrail", "guardrail-version", "role", "tier"
AGENT, ALIAS, FLOW, KNOWLEDGE_BASE, PROJECT = "agent", "alias", "flow", "knowledge-base", "project"
"""What a parameter says of a call."""


class Operation(NamedTuple):
    """One that calls Bedrock."""

    client: str
    """As the catalogue names it."""
    parameters: Mapping[str, str]
    """By the path of a parameter, with dots: what it is, in the words above."""


_INVOKE = {
    "modelId": MODEL,
    "guardrailIdentifier": GUARDRAIL,
    "guardrailVersion": GUARDRAIL_VERSION,
    "serviceTier": TIER,
}
_CONVERSE = {
    "modelId": MODEL,
    "guardrailConfig.guardrailIdentifier": GUARDRAIL,
    "guardrailConfig.guardrailVersion": GUARDRAIL_VERSION,
    "serviceTier.type": TIER,
}
_MODEL = {"modelId": MODEL}
_KNOWLEDGE = "retrieveAndGenerateConfiguration.knowledgeBaseConfiguration."
_SOURCES = "retrieveAndGenerateConfiguration.externalSourcesConfiguration."
_GENERATE = {
    f"{_KNOWLEDGE}knowledgeBaseId": KNOWLEDGE_BASE,
    f"{_KNOWLEDGE}modelArn": MODEL,
    f"{_KNOWLEDGE}generationConfiguration.guardrailConfiguration.guardrailId": GUARDRAIL,
    f"{_KNOWLEDGE}generationConfiguration.guardrailConfiguration.guardrailVersion": GUARDRAIL_VERSION,
    f"{_SOURCES}modelArn": MODEL,
    f"{_SOURCES}generationConfiguration.guardrailConfiguration.guardrailId": GUARDRAIL,
    f"{_SOURCES}generationConfiguration.guardrailConfiguration.guardrailVersion": GUARDRAIL_VERSION,
}

CLIENTS = ("bedrock-runtime", "bedrock-agent-runtime", "bedrock", "bedrock-data-automation-runtime")
"""The clients of these operations, as SDKs and the command line name them."""

OPERATIONS: Mapping[str, Operation] = {
    "Converse": Operation("bedrock-runtime", _CONVERSE),
    "ConverseStream": Operation("bedrock-runtime", _CONVERSE),
    "InvokeModel": Operation("bedrock-runtime", _INVOKE),
    "InvokeModelWithResponseStream": Operation("bedrock-runtime", _INVOKE),
    "InvokeModelWithBidirectionalStream": Operation("bedrock-runtime", _MODEL),
    "StartAsyncInvoke": Operation("bedrock-runtime", _MODEL),
    "CountTokens": Operation("bedrock-runtime", _MODEL),
    "ApplyGuardrail": Operation(
        "bedrock-runtime", {"guardrailIdentifier": GUARDRAIL, "guardrailVersion": GUARDRAIL_VERSION}
    ),
    "CreateModelInvocationJob": Operation("bedrock", {"modelId": MODEL, "roleArn": ROLE}),
    "CreateModelCustomizationJob": Operation("bedrock", {"baseModelIdentifier": MODEL, "roleArn": ROLE}),
    "CreateModelImportJob": Operation("bedrock", {"roleArn": ROLE}),
    "CreateEvaluationJob": Operation("bedrock", {"roleArn": ROLE}),
    "ListFoundationModels": Operation("bedrock", {}),
    "ListInferenceProfiles": Operation("bedrock", {}),
    "GetInferenceProfile": Operation("bedrock", {"inferenceProfileIdentifier": MODEL}),
    "InvokeAgent": Operation("bedrock-agent-runtime", {"agentId": AGENT, "agentAliasId": ALIAS}),
    "InvokeInlineAgent": Operation(
        "bedrock-agent-runtime",
        {
            "foundationModel": MODEL,
            "guardrailConfiguration.guardrailIdentifier": GUARDRAIL,
            "guardrailConfiguration.guardrailVersion": GUARDRAIL_VERSION,
        },
    ),
    "InvokeFlow": Operation("bedrock-agent-runtime", {"flowIdentifier": FLOW, "flowAliasIdentifier": ALIAS}),
    "Retrieve": Operation(
        "bedrock-agent-runtime",
        {
            "knowledgeBaseId": KNOWLEDGE_BASE,
            "guardrailConfiguration.guardrailId": GUARDRAIL,
            "guardrailConfiguration.guardrailVersion": GUARDRAIL_VERSION,
        },
    ),
    "RetrieveAndGenerate": Operation("bedrock-agent-runtime", _GENERATE),
    "RetrieveAndGenerateStream": Operation("bedrock-agent-runtime", _GENERATE),
    "Rerank": Operation(
        "bedrock-agent-runtime",
        {"rerankingConfiguration.bedrockRerankingConfiguration.modelConfiguration.modelArn": MODEL},
    ),
    "InvokeDataAutomationAsync": Operation(
        "bedrock-data-automation-runtime", {"dataAutomationConfiguration.dataAutomationProjectArn": PROJECT}
    ),
}
