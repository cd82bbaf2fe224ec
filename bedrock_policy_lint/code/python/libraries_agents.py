"""What frameworks for agents call of Bedrock."""

# Read in their packages on 2026-11-20: strands-agents 1.0.0 and 1.62.0, pydantic-ai-slim 2.68.0, crewai 1.15.30,
# smolagents 1.26.0, agno 3.1.10.

from __future__ import annotations

from bedrock_policy_lint.code.libraries import (
    CLIENT,
    CONVERSE,
    CONVERSE_STREAM,
    INNER,
    INSTEAD,
    INVOKE,
    INVOKE_STREAM,
    SESSION,
    SETUP,
    STREAM,
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
    TIER,
)

_CONVERSES = (CONVERSE, CONVERSE_STREAM)

# Strands. Its default model changed between the releases that were read.
_STRANDS_MODEL = Made(
    "strands-agents",
    {
        "model_id": MODEL,
        "region_name": REGION,
        "boto_session": SESSION,
        "endpoint_url": ENDPOINT,
        "api_key": CREDENTIALS,
        "guardrail_id": GUARDRAIL,
        "guardrail_version": GUARDRAIL_VERSION,
        "service_tier": TIER,
        "streaming": STREAM,
    },
    {"stream": (CONVERSE,), "structured_output": (CONVERSE,)},
    unknown=(CONVERSE,),
    streams=(CONVERSE_STREAM,),
    streams_by_default=True,
)
_STRANDS_AGENT = Made(
    "strands-agents",
    {"model": INNER, "0": INNER},
    methods("__call__ invoke_async stream_async structured_output structured_output_async", "stream"),
    unknown=(CONVERSE_STREAM,),
    is_bedrock_by_default=True,
)

# Pydantic AI.
_PYDANTIC_MODEL = Made(
    "pydantic-ai",
    {
        "model_name": MODEL,
        "0": MODEL,
        "provider": SETUP,
        "settings.bedrock_inference_profile": INSTEAD,
        "settings.bedrock_guardrail_config.guardrailIdentifier": GUARDRAIL,
        "settings.bedrock_guardrail_config.guardrailVersion": GUARDRAIL_VERSION,
        "settings.bedrock_service_tier.type": TIER,
    },
    {"request": (CONVERSE,), "request_stream": (CONVERSE_STREAM,)},
    unknown=_CONVERSES,
)
_PYDANTIC_PROVIDER = Made(
    "pydantic-ai",
    {
        "bedrock_client": CLIENT,
        "region_name": REGION,
        "profile_name": PROFILE,
        "aws_access_key_id": CREDENTIALS,
        "api_key": CREDENTIALS,
        "base_url": ENDPOINT,
    },
)
_RUN = methods("run run_sync", CONVERSE)
_RUN_STREAM = methods("run_stream run_stream_sync run_stream_events", CONVERSE_STREAM)
_RUN_EITHER = methods("iter to_cli to_cli_sync", f"{CONVERSE}|{CONVERSE_STREAM}")
_PYDANTIC_SETTINGS = {
    f"model_settings.bedrock_{name}": role
    for name, role in (
        ("inference_profile", INSTEAD),
        ("guardrail_config.guardrailIdentifier", GUARDRAIL),
        ("guardrail_config.guardrailVersion", GUARDRAIL_VERSION),
        ("service_tier.type", TIER),
    )
}
_PYDANTIC_AGENT = (
    Made(
        "pydantic-ai",
        _PYDANTIC_SETTINGS | {"model": MODEL, "0": MODEL},
        _RUN | _RUN_STREAM | _RUN_EITHER,
        unknown=_CONVERSES,
        model_prefix="bedrock:",
        when={MODEL: "bedrock:.*"},
    ),
    Made(
        "pydantic-ai",
        _PYDANTIC_SETTINGS | {"model": INNER, "0": INNER},
        dict.fromkeys(_RUN, ("request",))
        | dict.fromkeys(_RUN_STREAM, ("request_stream",))
        | dict.fromkeys(_RUN_EITHER, ("request|request_stream",)),
        unknown=_CONVERSES,
        model_prefix="bedrock:",
    ),
)
_PYDANTIC_DIRECT = Made(
    "pydantic-ai",
    {"model": MODEL, "0": MODEL},
    calls=(CONVERSE,),
    model_prefix="bedrock:",
)
_PYDANTIC_EMBEDDER = Made(
    "pydantic-ai",
    {"model": MODEL, "0": MODEL, "settings.bedrock_inference_profile": INSTEAD},
    methods("embed embed_query embed_documents embed_sync embed_query_sync embed_documents_sync", INVOKE),
    unknown=(INVOKE,),
    model_prefix="bedrock:",
)

# CrewAI: its own client of Converse for `bedrock/…`; releases before that one went through LiteLLM.
_CREWAI_LLM = Made(
    "crewai",
    {
        "model": MODEL,
        "0": MODEL,
        "region_name": REGION,
        "aws_region_name": REGION,
        "aws_access_key_id": CREDENTIALS,
        "guardrail_config.guardrailIdentifier": GUARDRAIL,
        "guardrail_config.guardrailVersion": GUARDRAIL_VERSION,
    },
    methods("call acall", CONVERSE),
    unknown=(CONVERSE,),
    streams=(CONVERSE_STREAM,),
    model_prefix="bedrock/ bedrock/converse/",
)
_CREWAI_AGENT = Made(
    "crewai",
    {"llm": INNER},
    methods("kickoff kickoff_async execute_task", "call"),
    unknown=(CONVERSE,),
    model_prefix="bedrock/ bedrock/converse/",
)

# smolagents: it asks through Converse alone, and streams nothing.
_SMOL_MODEL = Made(
    "smolagents",
    {
        "model_id": MODEL,
        "0": MODEL,
        "client": CLIENT,
        "client_kwargs.region_name": REGION,
        "client_kwargs.endpoint_url": ENDPOINT,
        "client_kwargs.aws_access_key_id": CREDENTIALS,
        "guardrailConfig.guardrailIdentifier": GUARDRAIL,
        "guardrailConfig.guardrailVersion": GUARDRAIL_VERSION,
    },
    methods("generate __call__", CONVERSE),
    unknown=(CONVERSE,),
)
_SMOL_AGENT = Made("smolagents", {"model": INNER}, {"run": ("generate",), "__call__": ("generate",)})

# Agno. Its default models are those of one release.
_AGNO_BEDROCK = Made(
    "agno",
    {"id": MODEL, "aws_region": REGION, "aws_access_key_id": CREDENTIALS, "session": SESSION, "client": CLIENT},
    methods("invoke ainvoke response aresponse", CONVERSE)
    | methods("invoke_stream ainvoke_stream response_stream aresponse_stream", CONVERSE_STREAM),
    unknown=_CONVERSES,
)
_AGNO_CLAUDE = Made(
    "agno",
    {"id": MODEL, "aws_region": REGION, "aws_access_key": CREDENTIALS, "session": SESSION},
    methods("invoke ainvoke response aresponse", INVOKE)
    | methods("invoke_stream ainvoke_stream response_stream aresponse_stream", INVOKE_STREAM),
    unknown=(INVOKE, INVOKE_STREAM),
)
_AGNO_AGENT = Made(
    "agno",
    {"model": INNER},
    methods("run arun print_response aprint_response cli_app acli_app", "response|response_stream"),
)

LIBRARIES: dict[str, Made | tuple[Made, ...]] = {
    "strands.models.BedrockModel": _STRANDS_MODEL,
    "strands.models.bedrock.BedrockModel": _STRANDS_MODEL,
    "strands.Agent": _STRANDS_AGENT,
    "strands.agent.Agent": _STRANDS_AGENT,
    "strands.agent.agent.Agent": _STRANDS_AGENT,
    "pydantic_ai.Agent": _PYDANTIC_AGENT,
    "pydantic_ai.agent.Agent": _PYDANTIC_AGENT,
    "pydantic_ai.models.bedrock.BedrockConverseModel": _PYDANTIC_MODEL,
    "pydantic_ai.providers.bedrock.BedrockProvider": _PYDANTIC_PROVIDER,
    "pydantic_ai.direct.model_request": _PYDANTIC_DIRECT,
    "pydantic_ai.direct.model_request_sync": _PYDANTIC_DIRECT,
    "pydantic_ai.direct.model_request_stream": _PYDANTIC_DIRECT._replace(calls=(CONVERSE_STREAM,)),
    "pydantic_ai.direct.model_request_stream_sync": _PYDANTIC_DIRECT._replace(calls=(CONVERSE_STREAM,)),
    "pydantic_ai.Embedder": _PYDANTIC_EMBEDDER,
    "pydantic_ai.embeddings.Embedder": _PYDANTIC_EMBEDDER,
    "crewai.LLM": _CREWAI_LLM,
    "crewai.llm.LLM": _CREWAI_LLM,
    "crewai.Agent": _CREWAI_AGENT,
    "smolagents.AmazonBedrockModel": _SMOL_MODEL,
    "smolagents.AmazonBedrockServerModel": _SMOL_MODEL,
    "smolagents.CodeAgent": _SMOL_AGENT,
    "smolagents.ToolCallingAgent": _SMOL_AGENT,
    "agno.models.aws.AwsBedrock": _AGNO_BEDROCK,
    "agno.models.aws.bedrock.AwsBedrock": _AGNO_BEDROCK,
    "agno.models.aws.Claude": _AGNO_CLAUDE,
    "agno.models.aws.claude.Claude": _AGNO_CLAUDE,
    "agno.agent.Agent": _AGNO_AGENT,
}
