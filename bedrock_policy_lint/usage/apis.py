"""The ways to call Bedrock that a usage can name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog, Operation
    from bedrock_policy_lint.usage.usage import Usage

RUNTIME, AGENTS, CONTROL, AUTOMATION, MANTLE = (
    "bedrock-runtime",
    "bedrock-agent-runtime",
    "bedrock",
    "bedrock-data-automation-runtime",
    "bedrock-mantle",
)


class Api(NamedTuple):
    """One way to call Bedrock. What its operations ask for stands in the catalogue."""

    name: str
    client: str
    """The SDK client, as the catalogue names it."""
    operations: tuple[str, ...]
    """The SDK operations; every one is a word for this API, the first says what is asked."""
    takes_model: bool = False
    """Whether a usage names a model, or what stands for one."""
    family: str = ""
    """The key of `Model.apis` that tells whether a model can be called so; empty where none does."""
    streams: bool = False
    """Whether the model answers with a stream."""
    resources: tuple[str, ...] = ()
    """What a usage can name beside or without a model, as ARNs write the type; the first is what a bare id means."""

    @property
    def service(self) -> str:
        """The prefix of its actions, which is the name of its endpoint too."""
        return MANTLE if self.client == MANTLE else CONTROL

    def operation(self, catalog: Catalog) -> Operation | None:
        """What it asks for; None for what is a permission and no operation."""
        return catalog.operation(self.operations[0], self.client) if self.operations else None


_APIS = (
    Api("invoke-model", RUNTIME, ("InvokeModel",), True, "invoke"),
    Api("invoke-model-stream", RUNTIME, ("InvokeModelWithResponseStream",), True, "invoke", True),
    Api("converse", RUNTIME, ("Converse",), True, "converse"),
    Api("converse-stream", RUNTIME, ("ConverseStream",), True, "converse_stream", True),
    Api("bidirectional-stream", RUNTIME, ("InvokeModelWithBidirectionalStream",), True, "bidirectional_stream", True),
    Api("async-invoke", RUNTIME, ("StartAsyncInvoke",), True, "async_invoke"),
    Api("count-tokens", RUNTIME, ("CountTokens",), True),
    Api("apply-guardrail", RUNTIME, ("ApplyGuardrail",), resources=("guardrail",)),
    Api("batch", CONTROL, ("CreateModelInvocationJob",), True),
    Api("invoke-agent", AGENTS, ("InvokeAgent",), resources=("agent-alias",)),
    Api("invoke-inline-agent", AGENTS, ("InvokeInlineAgent",), True),
    Api("invoke-flow", AGENTS, ("InvokeFlow",), resources=("flow",)),
    Api("retrieve", AGENTS, ("Retrieve",), resources=("knowledge-base",)),
    Api(
        "retrieve-and-generate",
        AGENTS,
        ("RetrieveAndGenerate", "RetrieveAndGenerateStream"),
        True,
        resources=("knowledge-base",),
    ),
    Api("rerank", AGENTS, ("Rerank",), True),
    Api("render-prompt", AGENTS, (), resources=("prompt",)),
    Api("data-automation", AUTOMATION, ("InvokeDataAutomationAsync",), resources=("data-automation-project",)),
    Api("mantle", MANTLE, ("Messages",), True, resources=("project",)),
    Api("responses", RUNTIME, ("Responses",), True, "responses", resources=("project",)),
    Api("chat-completions", RUNTIME, ("ChatCompletions",), True, "chat_completions", resources=("project",)),
    Api("list", CONTROL, ("ListFoundationModels", "ListInferenceProfiles")),
    Api("list-models", CONTROL, ("ListFoundationModels",)),
    Api("list-profiles", CONTROL, ("ListInferenceProfiles",)),
    Api("get-profile", CONTROL, ("GetInferenceProfile",), True),
)
SERVICE_ROLE = Api("service-role", CONTROL, ())
"""What services do with the role that they were given: nobody calls or declares it, see `Usage.needs`."""


def names() -> tuple[str, ...]:
    """Every name, in the order of the documentation."""
    return tuple(api.name for api in _APIS)


def find(word: str) -> Api | None:
    """The API of a name or of an SDK operation, whatever its case, hyphens and underscores."""
    return _by_word().get(_plain(word))


def called(operation: str, client: str) -> Api | None:
    """The API of an operation of a client: what it asks for hangs on the endpoint."""
    return find("mantle") if client == MANTLE else find(operation)


def of(usage: Usage) -> Api | None:
    """The API of a usage."""
    return SERVICE_ROLE if usage.api == SERVICE_ROLE.name else find(usage.api)


@cache
def _by_word() -> dict[str, Api]:
    found = {_plain(operation): api for api in _APIS for operation in api.operations}
    return found | {_plain(api.name): api for api in _APIS}


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
