"""State machines of Step Functions, with the calls that their definitions make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Workload
from bedrock_policy_lint.frontends import tasks
from bedrock_policy_lint.frontends.template.definitions import definition, substituted, substitutions
from bedrock_policy_lint.frontends.template.role_names import role_of

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.places import ReadTree
    from bedrock_policy_lint.frontends.template.stack import Component, Stack

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
    values = substitutions(component)
    made = tuple(tasks.calls_in(stack, root, lambda node: substituted(node, values))) if root is not None else ()
    return Workload(component.name, "state machine", component.node, role, calls=made)
