"""What calls Bedrock itself when it is told to: schedules, AppSync, API Gateway, custom resources of the CDK."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Call, Workload
from bedrock_policy_lint.frontends.template import calls, http_paths
from bedrock_policy_lint.frontends.template.computed import excerpt
from bedrock_policy_lint.frontends.template.places import find, text_at, text_below
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.model.text import split
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.sources.node import Node

_host = re.compile(r"https://(?P<client>bedrock(?:-agent)?-runtime)(?:-fips)?\.").match
_code_model = re.compile(r"\bmodelId[\"']?\s*:\s*([\"'])(?P<model>[^\"'\s]+)\1")
_code_converse = re.compile(r"\bconverse\b", re.IGNORECASE)
_code_invoke = re.compile(r"\binvokeModel\b", re.IGNORECASE)


def workloads(stack: Stack) -> list[Workload]:
    """What calls Bedrock without code of its own, with the calls that the template settles."""
    found: list[Workload] = []
    for component in stack.components(*_READERS):
        found += _READERS[component.type](stack, component)
    return found


# EventBridge Scheduler: `arn:aws:scheduler:::aws-sdk:bedrockagentruntime:invokeFlow` with its parameters as JSON


def _schedule(stack: Stack, component: Component) -> Iterator[Workload]:
    target = text_at(component, "Target.Arn")
    fields = split(target.value, ":", 5) if target is not None else []
    if target is None or len(fields) < 6 or fields[2] != "scheduler" or not isinstance(fields[5], str):
        return
    kind, _, rest = fields[5].partition(":")
    service, _, operation = rest.partition(":")
    if kind != "aws-sdk" or service not in calls.CLIENTS:
        return
    written = text_at(component, "Target.Input")
    parameters = stack.embedded(written) if written is not None else None
    call = calls.call(stack, calls.CLIENTS[service], calls.operation_of(operation), target, parameters)
    role = role_of(stack, text_at(component, "Target.RoleArn"))
    yield Workload(component.name, "schedule", component.node, role, calls=(call,))


# AppSync: a source of data that is Bedrock, and the resolvers and functions that ask it


def _data_source(stack: Stack, component: Component) -> Iterator[Workload]:
    kind = text_at(component, "Type")
    endpoint = text_at(component, "HttpConfig.Endpoint")
    host = _host(str(endpoint.value)) if endpoint is not None and _is_signed(component) else None
    is_runtime = kind is not None and kind.value == "AMAZON_BEDROCK_RUNTIME"
    if not is_runtime and host is None:
        return
    made = tuple(
        call
        for code in _codes(stack, component)
        for call in (http_paths.calls_in(code, host["client"]) if host else _resolver_calls(code))
    )
    role = role_of(stack, text_at(component, "ServiceRoleArn"))
    yield Workload(component.name, "AppSync data source", component.node, role, calls=made)


def _is_signed(component: Component) -> bool:
    """Whether its requests are signed with its role; without that they bear a key, or nothing."""
    service = text_at(component, "HttpConfig.AuthorizationConfig.AwsIamConfig.SigningServiceName")
    return service is not None and service.value == "bedrock"


def _codes(stack: Stack, component: Component) -> Iterator[Node]:
    """The code and templates of the resolvers and functions that ask a source of data."""
    name = text_at(component, "Name")
    for asker in stack.components("AWS::AppSync::Resolver", "AWS::AppSync::FunctionConfiguration"):
        asked = text_at(asker, "DataSourceName")
        if asked is None:
            continue
        owner = stack.owner(asked, component.type)
        if (owner is not None and owner.name == component.name) or (name is not None and asked.value == name.value):
            codes = (text_at(asker, "Code"), text_at(asker, "RequestMappingTemplate"))
            yield from (code for code in codes if code is not None)


def _resolver_calls(code: Node) -> Iterator[Call]:
    """Calls by an id of a model that is written out in a resolver; the operation is the only one named there."""
    text = str(code.value)
    converses, invokes = bool(_code_converse.search(text)), bool(_code_invoke.search(text))
    if converses == invokes:
        return
    for match in _code_model.finditer(text):
        model = excerpt(code, *match.span("model"))
        yield Call("Converse" if converses else "InvokeModel", model, model, client=http_paths.RUNTIME)


# API Gateway: `arn:aws:apigateway:REGION:bedrock-runtime:path/model/ID/invoke`


def _method(stack: Stack, component: Component) -> Iterator[Workload]:
    uri, role = text_at(component, "Integration.Uri"), text_at(component, "Integration.Credentials")
    yield from _gateway(stack, component, uri, role)


def _integration(stack: Stack, component: Component) -> Iterator[Workload]:
    yield from _gateway(stack, component, text_at(component, "IntegrationUri"), text_at(component, "CredentialsArn"))


def _api(stack: Stack, component: Component) -> Iterator[Workload]:
    """The integrations in an OpenAPI document that stands in the template."""
    name = "DefinitionBody" if component.type.startswith("AWS::Serverless::") else "Body"
    for paths in find(component, f"{name}.paths"):
        for method in _values(paths):
            for operation in _values(method):
                for integration in _values(operation, "x-amazon-apigateway-integration"):
                    uri, role = text_below(integration, "uri"), text_below(integration, "credentials")
                    yield from _gateway(stack, component, uri, role)


def _values(node: Node, name: str = "") -> list[Node]:
    if not isinstance(node.value, Object):
        return []
    return [value for key, value in node.value.pairs() if not name or key.value == name]


def _gateway(stack: Stack, component: Component, uri: Node | None, role: Node | None) -> Iterator[Workload]:
    if uri is None:
        return
    fields = split(uri.value, ":", 5)
    service = fields[4] if len(fields) > 5 else ""
    if len(fields) < 6 or fields[2] != "apigateway" or not isinstance(service, str):
        return
    client = service.rpartition(".")[2]
    if client not in (http_paths.RUNTIME, http_paths.AGENTS):
        return
    called = tuple(http_paths.calls_in(uri, client))
    yield Workload(component.name, "API Gateway integration", component.node, role_of(stack, role), calls=called)


# The CDK's `AwsCustomResource`: a function of its own that makes the calls written in JSON texts


def _custom(stack: Stack, component: Component) -> Iterator[Workload]:
    made = {
        call.operation: call for event in ("Update", "Create", "Delete") for call in _events(stack, component, event)
    }
    token = text_at(component, "ServiceToken")
    function = stack.owner(token, "AWS::Lambda::Function") if token is not None else None
    role = role_of(stack, text_at(function, "Role")) if function is not None else None
    if made:
        yield Workload(component.name, "custom resource", component.node, role, calls=tuple(made.values()))


def _events(stack: Stack, component: Component, event: str) -> Iterator[Call]:
    """The call at an event, with the role of the function and in the Region of the template."""
    written = text_at(component, event)
    told = stack.embedded(written) if written is not None else None
    if told is None or any(_values(told, name) for name in ("assumedRoleArn", "region")):
        return
    service, action = text_below(told, "service"), text_below(told, "action")
    if service is None or action is None or not isinstance(action.value, str):
        return
    name = str(service.value).removeprefix("@aws-sdk/client-").replace("-", "").lower()
    if name in calls.CLIENTS:
        parameters = next(iter(_values(told, "parameters")), None)
        operation = calls.operation_of(action.value.removesuffix("Command"))
        yield calls.call(stack, calls.CLIENTS[name], operation, action, parameters)


_READERS: dict[str, Callable[[Stack, Component], Iterator[Workload]]] = {
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::AppSync::DataSource": _data_source,
    "AWS::ApiGateway::Method": _method,
    "AWS::ApiGatewayV2::Integration": _integration,
    "AWS::ApiGateway::RestApi": _api,
    "AWS::ApiGatewayV2::Api": _api,
    "AWS::Serverless::Api": _api,
    "AWS::Serverless::HttpApi": _api,
    "Custom::AWS": _custom,
}
