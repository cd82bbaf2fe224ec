"""Definitions of state machines: the tasks that call Bedrock, however deep they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends import calls
from bedrock_policy_lint.model.text import is_text, split
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.deployment.deployment import Call
    from bedrock_policy_lint.frontends.resources import AnyResources


def calls_in(resources: AnyResources, root: Node, filled: Callable[[Node], Node]) -> Iterator[Call]:
    """The calls of Bedrock in a definition; `filled` puts values in place of what stands for them."""
    for state in _states(root):
        resource = state.get("Resource")
        if resource is None or not is_text(resource):
            continue
        resource = filled(resource)
        client, operation = _integration(resource)
        if not client:
            continue
        parameters = state.get("Parameters") or state.get("Arguments")
        given = filled(parameters) if parameters is not None else None
        yield calls.call(resources, client, operation, resource, given)


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
