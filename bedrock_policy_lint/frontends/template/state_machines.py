"""State machines of Step Functions: the tasks that call Bedrock, however deep they lie in the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Call, Workload
from bedrock_policy_lint.frontends.template import calls
from bedrock_policy_lint.frontends.template.definitions import definition, substituted, substitutions
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.model.text import is_text, split
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.frontends.template.places import ReadTree
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.sources.node import Node

_TYPE, _SAM_TYPE = "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"


def workloads(stack: Stack, load: ReadTree | None = None) -> list[Workload]:
    """Every state machine with the calls in it; `load` reads definitions in local files."""
    return [_workload(stack, component, load) for component in stack.components(_TYPE, _SAM_TYPE)]


def _workload(stack: Stack, component: Component, load: ReadTree | None) -> Workload:
    if component.type == _SAM_TYPE:
        given = component.get("Role")
        role = f"{component.name}Role" if given is None else role_of(stack, given)
    else:
        role = role_of(stack, component.get("RoleArn"))
    root = definition(stack, component, load, "DefinitionS3Location", "DefinitionUri")
    made = tuple(_calls(stack, root, substitutions(component))) if root is not None else ()
    return Workload(component.name, "state machine", component.node, role, calls=made)


# Tasks


def _calls(stack: Stack, root: Node, values: Mapping[str, Node]) -> Iterator[Call]:
    for state in _states(root):
        resource = state.get("Resource")
        if resource is None or not is_text(resource):
            continue
        resource = substituted(resource, values)
        client, operation = _integration(resource)
        if not client:
            continue
        parameters = state.get("Parameters") or state.get("Arguments")
        given = substituted(parameters, values) if parameters is not None else None
        yield calls.call(stack, client, operation, resource, given)


def _states(root: Node) -> Iterator[Object]:
    """The states of a machine, and then those of the machines inside its Parallel and Map states."""
    waiting = [root]
    while waiting:
        machine = waiting.pop().value
        states = machine.get("States") if isinstance(machine, Object) else None
        inner: list[Node] = []
        for _, state in states.value.pairs() if states and isinstance(states.value, Object) else ():
            if not isinstance(state.value, Object):
                continue
            yield state.value
            branches = state.value.get("Branches")
            inner += branches.items if branches else []
            inner += [found for name in ("ItemProcessor", "Iterator") if (found := state.value.get(name))]
        waiting += reversed(inner)


def _integration(resource: Node) -> tuple[str, str]:
    """The client and operation of Bedrock that a task's resource names; empty when it names something else."""
    if not is_text(resource):
        return "", ""
    fields = split(resource.value, ":", 5)
    if len(fields) < 6 or fields[2] != "states" or not isinstance(fields[5], str):
        return "", ""
    service, _, rest = fields[5].partition(":")
    if service == "aws-sdk":
        service, _, operation = rest.partition(":")
        return calls.CLIENTS.get(service, ""), calls.operation_of(operation)
    # Of what is optimised, InvokeModel belongs to the client of the runtime.
    operation = calls.operation_of(rest)
    client = {"InvokeModel": "bedrock-runtime", "CreateModelCustomizationJob": "bedrock"}.get(operation, "")
    return (client if service == "bedrock" else ""), operation
