"""What runs code with a role and may call Bedrock: functions, tasks, jobs, hosts, and what their settings are.

Every setting is kept; whether one names a model is told by its value, elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Setting, Workload
from bedrock_policy_lint.frontends.template.networks import network
from bedrock_policy_lint.frontends.template.places import below, find, member, text_at
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.sources.node import Node


class _Form(NamedTuple):
    """How a kind of resource gives a workload what it needs; paths are those of `places`."""

    kind: str
    role: tuple[str, ...]
    """The first that is there counts."""
    settings: tuple[str, ...] = ()
    """Mappings of names to values, or lists of `Name` and `Value`."""
    subnets: str = ""
    parts: str = ""
    """Where the workloads stand that the other paths begin at; empty for the resource itself."""


_CODE, _IMAGE = (
    "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables[]",
    "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables[]",
)
_ECS_JOB = ("Containers[].Environment[]",)
_FUNCTION = "AWS::Lambda::Function"
_FORMS: dict[str, tuple[_Form, ...]] = {
    _FUNCTION: (_Form("Lambda function", ("Role",), ("Environment.Variables",), "VpcConfig.SubnetIds"),),
    "AWS::ECS::TaskDefinition": (_Form("ECS task", ("TaskRoleArn",), ("ContainerDefinitions[].Environment[]",)),),
    "AWS::AppRunner::Service": (
        _Form("App Runner service", ("InstanceConfiguration.InstanceRoleArn",), (_CODE, _IMAGE)),
    ),
    "AWS::Batch::JobDefinition": (
        _Form("Batch job", ("JobRoleArn",), ("Environment[]",), parts="ContainerProperties"),
        _Form("Batch job", ("TaskRoleArn",), _ECS_JOB, parts="EcsProperties.TaskProperties[]"),
        _Form("Batch job", ("JobRoleArn",), ("Environment[]",), parts="NodeProperties.NodeRangeProperties[].Container"),
        _Form(
            "Batch job",
            ("TaskRoleArn",),
            _ECS_JOB,
            parts="NodeProperties.NodeRangeProperties[].EcsProperties.TaskProperties[]",
        ),
    ),
    "AWS::CodeBuild::Project": (
        # A variable of another type names a parameter or a secret, and holds what lies there.
        _Form(
            "CodeBuild project",
            ("ServiceRole",),
            ("Environment.EnvironmentVariables[Type!=PARAMETER_STORE|SECRETS_MANAGER]",),
            "VpcConfig.Subnets",
        ),
    ),
    "AWS::SageMaker::Model": (
        _Form(
            "SageMaker model",
            ("ExecutionRoleArn",),
            ("PrimaryContainer.Environment", "Containers[].Environment"),
            "VpcConfig.Subnets",
        ),
    ),
    "AWS::SageMaker::ProcessingJob": (
        _Form("SageMaker processing job", ("RoleArn",), ("Environment",), "NetworkConfig.VpcConfig.Subnets"),
    ),
    # A notebook reaches the internet by itself unless that is turned off, whatever its subnet.
    "AWS::SageMaker::NotebookInstance": (_Form("SageMaker notebook", ("RoleArn",)),),
    "AWS::Glue::Job": (_Form("Glue job", ("Role",), ("DefaultArguments", "NonOverridableArguments")),),
    "AWS::EC2::Instance": (_Form("EC2 instance", ("IamInstanceProfile",), subnets="SubnetId"),),
    "AWS::EC2::LaunchTemplate": (
        _Form(
            "EC2 launch template",
            ("LaunchTemplateData.IamInstanceProfile.Arn", "LaunchTemplateData.IamInstanceProfile.Name"),
        ),
    ),
    "AWS::AutoScaling::LaunchConfiguration": (_Form("EC2 launch configuration", ("IamInstanceProfile",)),),
    "AWS::BedrockAgentCore::Runtime": (
        _Form(
            "AgentCore runtime",
            ("RoleArn",),
            ("EnvironmentVariables",),
            "NetworkConfiguration.NetworkModeConfig.Subnets",
        ),
    ),
}


_PLACED = {
    "AWS::ECS::Service": (
        "TaskDefinition",
        "AWS::ECS::TaskDefinition",
        "NetworkConfiguration.AwsvpcConfiguration.Subnets",
    ),
    "AWS::AppRunner::Service": (
        "NetworkConfiguration.EgressConfiguration.VpcConnectorArn",
        "AWS::AppRunner::VpcConnector",
        "Subnets",
    ),
}
"""What tells where something runs: which property refers to the other resource, and where the subnets stand."""


def workloads(stack: Stack) -> list[Workload]:
    """Everything that runs code with a role."""
    subnets = _subnets_beside(stack)
    return [made for component in stack.components(*_FORMS) for made in _workloads(stack, component, subnets)]


def _workloads(stack: Stack, component: Component, subnets: dict[str, list[Node]]) -> Iterator[Workload]:
    arn = stack.attribute(component, "Arn") if component.type == _FUNCTION else ""
    for form in _FORMS[component.type]:
        where = subnets.get(component.name) or (find(component, form.subnets) if form.subnets else [])
        # Of services in several networks, nobody can say where the one task runs.
        runs_in = network(stack, where[0]) if len(where) == 1 else None
        for part in find(component, form.parts) if form.parts else (None,):
            role = role_of(stack, _role(component, part, form))
            settings = tuple(_settings(component, part, form))
            yield Workload(component.name, form.kind, component.node, role, settings, network=runs_in, arn=arn)


def _subnets_beside(stack: Stack) -> dict[str, list[Node]]:
    """The subnets that resources beside a workload put it in, by the workload's name."""
    found: dict[str, list[Node]] = {}
    for component in stack.components(*_PLACED):
        reference, other, path = _PLACED[component.type]
        named = text_at(component, reference)
        owner = stack.owner(named, other) if named is not None else None
        if owner is None:
            continue
        placed, placer = (owner, component) if component.type == "AWS::ECS::Service" else (component, owner)
        found.setdefault(placed.name, []).extend(find(placer, path))
    return found


def _at(component: Component, part: Node | None, path: str) -> list[Node]:
    return find(component, path) if part is None else below(part, path)


def _role(component: Component, part: Node | None, form: _Form) -> Node | None:
    return next((node for path in form.role for node in _at(component, part, path) if is_text(node)), None)


def _settings(component: Component, part: Node | None, form: _Form) -> Iterator[Setting]:
    for path in form.settings:
        pairs = (_pair(item) if path.endswith("]") else settings_in(item) for item in _at(component, part, path))
        yield from (setting for found in pairs for setting in found)


def settings_in(mapping: Node) -> Iterator[Setting]:
    """The members of a mapping as settings."""
    if isinstance(mapping.value, Object):
        for key, value in mapping.value.pairs():
            if isinstance(key.value, str) and _is_scalar(value):
                yield Setting(key.value, value)


def _pair(item: Node) -> Iterator[Setting]:
    name = member(item, "Name")
    if isinstance(name, str):
        yield from (Setting(name, value) for value in below(item, "Value") if _is_scalar(value))


def _is_scalar(node: Node) -> bool:
    return node.value is not None and not isinstance(node.value, list)
