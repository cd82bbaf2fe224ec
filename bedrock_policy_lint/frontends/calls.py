"""Calls of Bedrock that are made without code: what the parameters of each operation name.

The members are those of the services' own API models; a service integration writes their names with a capital.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock import operations
from bedrock_policy_lint.deployment.deployment import Call
from bedrock_policy_lint.frontends.template.computed import placed
from bedrock_policy_lint.model.text import Hole, Template, is_text, join, parts_of
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from bedrock_policy_lint.bedrock.operations import Operation
    from bedrock_policy_lint.frontends.resources import AnyResources
    from bedrock_policy_lint.sources.node import Node

CLIENTS = {
    "bedrock": "bedrock",
    "bedrockruntime": "bedrock-runtime",
    "bedrockagent": "bedrock-agent",
    "bedrockagentruntime": "bedrock-agent-runtime",
    "bedrockagentcore": "bedrock-agentcore",
    "bedrockagentcorecontrol": "bedrock-agentcore-control",
    "bedrockdataautomation": "bedrock-data-automation",
    "bedrockdataautomationruntime": "bedrock-data-automation-runtime",
}
"""The SDK clients by the names that integrations of every SDK call have for them."""


class _Form(NamedTuple):
    """Where the parameters of an operation name things; the first that is there counts."""

    model: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    """What stands behind the resource's id to name a part of it: an alias."""
    guardrail: tuple[str, ...] = ()
    role: str = ""


def _form(operation: Operation) -> _Form:
    """The parameters of an operation as integrations write them: their names begin with capitals."""
    named: dict[str, list[str]] = {}
    for path, what in operation.parameters.items():
        written = ".".join(step[:1].upper() + step[1:] for step in path.split("."))
        named.setdefault(what, []).append(written)
    resources = tuple(path for what in _RESOURCES for path in named.get(what, ()))
    guardrail = tuple(named.get(operations.GUARDRAIL, ()))
    model, within, role = (tuple(named.get(what, ())) for what in (operations.MODEL, operations.ALIAS, operations.ROLE))
    if not model and not resources:  # it is the guardrail that is called
        resources, guardrail = guardrail, ()
    return _Form(model, resources, within, guardrail, next(iter(role), ""))


_RESOURCES = (operations.AGENT, operations.FLOW, operations.KNOWLEDGE_BASE, operations.PROJECT)
_FORMS = {name: _form(operation) for name, operation in operations.OPERATIONS.items()} | {
    "StartFlowExecution": _form(operations.OPERATIONS["InvokeFlow"]),
    "StartIngestionJob": _Form(resource=("KnowledgeBaseId",)),
    "InvokeDataAutomation": _form(operations.OPERATIONS["InvokeDataAutomationAsync"]),
    "InvokeAgentRuntime": _Form(resource=("AgentRuntimeArn",)),
    "CreateInferenceProfile": _Form(("ModelSource.CopyFrom",)),
    "PutModelInvocationLoggingConfiguration": _Form(role="LoggingConfig.CloudWatchConfig.RoleArn"),
}
_ALIASES = {
    "AWS::Bedrock::AgentAlias": "AgentAliasArn",
    "AWS::Bedrock::FlowAlias": "Arn",
    "aws_bedrockagent_agent_alias": "agent_alias_arn",
    "awscc_bedrock_agent_alias": "agent_alias_arn",
    "awscc_bedrock_flow_alias": "arn",
}
"""Which attribute is the ARN of a part that is named by two ids."""


def call(resources: AnyResources, client: str, operation: str, node: Node, parameters: Node | None) -> Call:
    """The call of an operation with these parameters; `node` is what names the operation."""
    form = _FORMS.get(operation, _Form())
    return Call(
        operation,
        node,
        _first(parameters, form.model),
        _resource(resources, parameters, form),
        _first(parameters, form.guardrail),
        client,
        given(parameters, form.role) if form.role else None,
        parameters,
    )


def operation_of(written: str) -> str:
    """The operation as SDKs name it, of `invokeModel.sync`."""
    name = written.partition(".")[0]
    return name[:1].upper() + name[1:]


def given(parameters: Node | None, path: str) -> Node | None:
    """The text at a path in parameters; a hole when it is known only when the call is made, None when it is absent."""
    node = parameters
    for name in path.split("."):
        if node is None or _is_expression(node):
            break
        node = _member(node, name)
    if node is None or not is_text(node) or node.value == "":
        return None
    return _later(node) if _is_expression(node) else node


def _first(parameters: Node | None, paths: tuple[str, ...]) -> Node | None:
    return next((found for path in paths if (found := given(parameters, path)) is not None), None)


def _member(node: Node, name: str) -> Node | None:
    if not isinstance(node.value, Object):
        return None
    # Schedules are lenient about the first letter. `ModelId.$` holds the path at which the value will lie.
    for written in (name, name[:1].lower() + name[1:]):
        if (found := node.value.get(written)) is not None:
            return found
    later = node.value.get(f"{name}.$")
    return _later(later) if later is not None and is_text(later) else None


def _is_expression(node: Node) -> bool:
    """Whether a text is a path or an expression of JSONata, whose value is not known before the call."""
    if not is_text(node):
        return False
    first = parts_of(node.value)[0]
    return isinstance(first, str) and first.lstrip().startswith(("$.", "$[", "$$", "$states", "{%"))


def _later(node: Node) -> Node:
    """A hole in place of a text that is only a way to find its value when the time has come."""
    written = str(node.value)
    # Two such expressions may read alike and yet differ in value, so that each is a hole of its own.
    return placed(Template((Hole(f"{written} at {node.start}", written),)), node)


def _resource(resources: AnyResources, parameters: Node | None, form: _Form) -> Node | None:
    whole = _first(parameters, form.resource)
    if not form.within:
        return whole
    part = _first(parameters, form.within)
    if part is None:
        return None
    owner = resources.owner(part, *_ALIASES)
    if owner is not None:
        return placed(resources.attribute(owner, _ALIASES[owner.type]), part)
    if whole is None or str(part.value).startswith("arn:"):
        return part
    return placed(join([*parts_of(whole.value), "/", *parts_of(part.value)]), part)
