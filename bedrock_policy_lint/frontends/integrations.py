"""What calls Bedrock itself when it is told to: schedules, AppSync, API Gateway."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Call, Workload
from bedrock_policy_lint.frontends import calls, http_paths
from bedrock_policy_lint.frontends.places import text_at, text_below
from bedrock_policy_lint.frontends.template.computed import excerpt
from bedrock_policy_lint.model.text import split
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bedrock_policy_lint.frontends.resources import AnyResources, Resource, RoleOf
    from bedrock_policy_lint.sources.node import Node

_host = re.compile(r"https://(?P<client>bedrock(?:-agent)?-runtime)(?:-fips)?\.").match
_code_model = re.compile(r"\bmodelId[\"']?\s*:\s*([\"'])(?P<model>[^\"'\s]+)\1")
_code_converse = re.compile(r"\bconverse\b", re.IGNORECASE)
_code_invoke = re.compile(r"\binvokeModel\b", re.IGNORECASE)


# EventBridge Scheduler: `arn:aws:scheduler:::aws-sdk:bedrockagentruntime:invokeFlow` with its parameters as JSON


def schedule(
    resources: AnyResources, component: Resource, role_of: RoleOf, target: Node | None, written: Node | None, role: str
) -> Iterator[Workload]:
    """A schedule with its call; `role` is the path of its role."""
    fields = split(target.value, ":", 5) if target is not None else []
    if target is None or len(fields) < 6 or fields[2] != "scheduler" or not isinstance(fields[5], str):
        return
    kind, _, rest = fields[5].partition(":")
    service, _, operation = rest.partition(":")
    if kind != "aws-sdk" or service not in calls.CLIENTS:
        return
    parameters = resources.embedded(written) if written is not None else None
    call = calls.call(resources, calls.CLIENTS[service], calls.operation_of(operation), target, parameters)
    yield Workload(component.name, "schedule", component.node, role_of(text_at(component, role)), calls=(call,))


# AppSync: a source of data that is Bedrock, and the resolvers and functions that ask it


def data_source(
    resources: AnyResources, component: Resource, role_of: RoleOf, names: Mapping[str, str], askers: Mapping[str, str]
) -> Iterator[Workload]:
    """A source of data of AppSync that is Bedrock.

    `names` has the paths of its `type`, `endpoint`, `service`, `role` and `name`; and for what asks it that of its
    `source`. `askers` has by type the paths of the code, with `|` between them.
    """
    kind, endpoint = text_at(component, names["type"]), text_at(component, names["endpoint"])
    # Requests that are not signed bear a key, or nothing.
    service = text_at(component, names["service"])
    is_signed = service is not None and service.value == "bedrock"
    host = _host(str(endpoint.value)) if endpoint is not None and is_signed else None
    is_runtime = kind is not None and kind.value == "AMAZON_BEDROCK_RUNTIME"
    if not is_runtime and host is None:
        return
    made = tuple(
        call
        for code in _codes(resources, component, names, askers)
        for call in (http_paths.calls_in(code, host["client"]) if host else _resolver_calls(code))
    )
    role = role_of(text_at(component, names["role"]))
    yield Workload(component.name, "AppSync data source", component.node, role, calls=made)


def _codes(
    resources: AnyResources, component: Resource, names: Mapping[str, str], askers: Mapping[str, str]
) -> Iterator[Node]:
    """The code and templates of the resolvers and functions that ask a source of data."""
    name = text_at(component, names["name"])
    for asker in resources.components(*askers):
        asked = text_at(asker, names["source"])
        if asked is None:
            continue
        owner = resources.owner(asked, component.type)
        if (owner is not None and owner.name == component.name) or (name is not None and asked.value == name.value):
            codes = (text_at(asker, path) for path in askers[asker.type].split("|"))
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


def gateway(component: Resource, role_of: RoleOf, uri: Node | None, role: Node | None) -> Iterator[Workload]:
    """An integration of API Gateway by its address and the role that it calls that with."""
    if uri is None:
        return
    fields = split(uri.value, ":", 5)
    service = fields[4] if len(fields) > 5 else ""
    if len(fields) < 6 or fields[2] != "apigateway" or not isinstance(service, str):
        return
    client = service.rpartition(".")[2]
    if client in (http_paths.RUNTIME, http_paths.AGENTS):
        called = tuple(http_paths.calls_in(uri, client))
        yield Workload(component.name, "API Gateway integration", component.node, role_of(role), calls=called)


def openapi(component: Resource, role_of: RoleOf, all_paths: Iterable[Node]) -> Iterator[Workload]:
    """The integrations in the `paths` of OpenAPI documents."""
    for paths in all_paths:
        for method in members(paths):
            for operation in members(method):
                for integration in members(operation, "x-amazon-apigateway-integration"):
                    uri, role = text_below(integration, "uri"), text_below(integration, "credentials")
                    yield from gateway(component, role_of, uri, role)


def members(node: Node, name: str = "") -> list[Node]:
    """The values in a mapping, all or those of a name."""
    if not isinstance(node.value, Object):
        return []
    return [value for key, value in node.value.pairs() if not name or key.value == name]
