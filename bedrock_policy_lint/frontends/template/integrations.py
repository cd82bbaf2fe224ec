"""What calls Bedrock itself when a template tells it to: schedules, AppSync, API Gateway, custom resources of the
CDK."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Workload
from bedrock_policy_lint.frontends import calls, integrations
from bedrock_policy_lint.frontends.integrations import members
from bedrock_policy_lint.frontends.places import find, text_at, text_below
from bedrock_policy_lint.frontends.template.role_names import role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.deployment.deployment import Call
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.sources.node import Node


def workloads(stack: Stack) -> list[Workload]:
    """What calls Bedrock without code of its own, with the calls that the template settles."""
    found: list[Workload] = []
    for component in stack.components(*_READERS):
        found += _READERS[component.type](stack, component)
    return found


def _schedule(stack: Stack, component: Component) -> Iterator[Workload]:
    target, written = text_at(component, "Target.Arn"), text_at(component, "Target.Input")
    return integrations.schedule(stack, component, partial(role_of, stack), target, written, "Target.RoleArn")


_SOURCE = {
    "type": "Type",
    "endpoint": "HttpConfig.Endpoint",
    "service": "HttpConfig.AuthorizationConfig.AwsIamConfig.SigningServiceName",
    "role": "ServiceRoleArn",
    "name": "Name",
    "source": "DataSourceName",
}
_CODE = "Code|RequestMappingTemplate"
_ASKERS = {"AWS::AppSync::Resolver": _CODE, "AWS::AppSync::FunctionConfiguration": _CODE}


def _data_source(stack: Stack, component: Component) -> Iterator[Workload]:
    return integrations.data_source(stack, component, partial(role_of, stack), _SOURCE, _ASKERS)


def _method(stack: Stack, component: Component) -> Iterator[Workload]:
    uri, role = text_at(component, "Integration.Uri"), text_at(component, "Integration.Credentials")
    return integrations.gateway(component, partial(role_of, stack), uri, role)


def _integration(stack: Stack, component: Component) -> Iterator[Workload]:
    uri, role = text_at(component, "IntegrationUri"), text_at(component, "CredentialsArn")
    return integrations.gateway(component, partial(role_of, stack), uri, role)


def _api(stack: Stack, component: Component) -> Iterator[Workload]:
    """The integrations in an OpenAPI document that stands in the template."""
    name = "DefinitionBody" if component.type.startswith("AWS::Serverless::") else "Body"
    return integrations.openapi(component, partial(role_of, stack), find(component, f"{name}.paths"))


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
    told: Node | None = stack.embedded(written) if written is not None else None
    if told is None or any(members(told, name) for name in ("assumedRoleArn", "region")):
        return
    service, action = text_below(told, "service"), text_below(told, "action")
    if service is None or action is None or not isinstance(action.value, str):
        return
    name = str(service.value).removeprefix("@aws-sdk/client-").replace("-", "").lower()
    if name in calls.CLIENTS:
        parameters = next(iter(members(told, "parameters")), None)
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
