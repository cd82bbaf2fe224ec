"""What runs code with a role in a template, and may call Bedrock: functions, tasks, jobs, hosts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends import workloads as shared
from bedrock_policy_lint.frontends.code_places import CodeForm
from bedrock_policy_lint.frontends.template.builds import TemplateBuilds
from bedrock_policy_lint.frontends.template.networks import network
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.frontends.workloads import Form, Placement

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.deployment import Workload
    from bedrock_policy_lint.frontends.template.stack import Stack

_CODE, _IMAGE = (
    "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables[]",
    "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables[]",
)
_ECS_JOB = ("Containers[].Environment[]",)
_CONTAINER = CodeForm(image=("Image",), entrypoint="EntryPoint", command="Command")
_CONTAINERS = _CONTAINER._replace(containers="Containers[]")
_ARTIFACT = "AgentRuntimeArtifact"
_SOURCE = f"{_ARTIFACT}.CodeConfiguration"


def _job(role: str, settings: tuple[str, ...], parts: str, code: CodeForm) -> Form:
    return Form("Batch job", (role,), settings, parts=parts, code=code)


FORMS: dict[str, tuple[Form, ...]] = {
    "AWS::Lambda::Function": (
        Form(
            "Lambda function",
            ("Role",),
            ("Environment.Variables",),
            "VpcConfig.SubnetIds",
            arn="Arn",
            code=CodeForm(
                ("Code",),
                ("Code.S3Key",),
                "Code.ZipFile",
                "Handler",
                "Runtime",
                ("Code.ImageUri",),
                "ImageConfig.EntryPoint",
                "ImageConfig.Command",
                layers="Layers[]",
            ),
        ),
    ),
    "AWS::ECS::TaskDefinition": (
        Form(
            "ECS task",
            ("TaskRoleArn",),
            ("ContainerDefinitions[].Environment[]",),
            code=_CONTAINER._replace(containers="ContainerDefinitions[]"),
        ),
    ),
    "AWS::AppRunner::Service": (
        Form(
            "App Runner service",
            ("InstanceConfiguration.InstanceRoleArn",),
            (_CODE, _IMAGE),
            code=CodeForm(image=("SourceConfiguration.ImageRepository.ImageIdentifier",)),
        ),
    ),
    "AWS::Batch::JobDefinition": (
        _job("JobRoleArn", ("Environment[]",), "ContainerProperties", _CONTAINER),
        _job("TaskRoleArn", _ECS_JOB, "EcsProperties.TaskProperties[]", _CONTAINERS),
        _job("JobRoleArn", ("Environment[]",), "NodeProperties.NodeRangeProperties[].Container", _CONTAINER),
        _job(
            "TaskRoleArn", _ECS_JOB, "NodeProperties.NodeRangeProperties[].EcsProperties.TaskProperties[]", _CONTAINERS
        ),
    ),
    "AWS::CodeBuild::Project": (
        # A variable of another type names a parameter or a secret, and holds what lies there.
        Form(
            "CodeBuild project",
            ("ServiceRole",),
            ("Environment.EnvironmentVariables[Type!=PARAMETER_STORE|SECRETS_MANAGER]",),
            "VpcConfig.Subnets",
        ),
    ),
    "AWS::SageMaker::Model": (
        Form(
            "SageMaker model",
            ("ExecutionRoleArn",),
            ("PrimaryContainer.Environment", "Containers[].Environment"),
            "VpcConfig.Subnets",
        ),
    ),
    "AWS::SageMaker::ProcessingJob": (
        Form("SageMaker processing job", ("RoleArn",), ("Environment",), "NetworkConfig.VpcConfig.Subnets"),
    ),
    # A notebook reaches the internet by itself unless that is turned off, whatever its subnet.
    "AWS::SageMaker::NotebookInstance": (Form("SageMaker notebook", ("RoleArn",)),),
    "AWS::Glue::Job": (
        Form(
            "Glue job",
            ("Role",),
            ("DefaultArguments", "NonOverridableArguments"),
            code=CodeForm(uploaded=("Command.ScriptLocation",)),
        ),
    ),
    "AWS::EC2::Instance": (Form("EC2 instance", ("IamInstanceProfile",), subnets="SubnetId"),),
    "AWS::EC2::LaunchTemplate": (
        Form(
            "EC2 launch template",
            ("LaunchTemplateData.IamInstanceProfile.Arn", "LaunchTemplateData.IamInstanceProfile.Name"),
        ),
    ),
    "AWS::AutoScaling::LaunchConfiguration": (Form("EC2 launch configuration", ("IamInstanceProfile",)),),
    "AWS::BedrockAgentCore::Runtime": (
        Form(
            "AgentCore runtime",
            ("RoleArn",),
            ("EnvironmentVariables",),
            "NetworkConfiguration.NetworkModeConfig.Subnets",
            code=CodeForm(
                uploaded=(f"{_SOURCE}.Code.S3.Prefix",),
                runtime=f"{_SOURCE}.Runtime",
                script=f"{_SOURCE}.EntryPoint[]",
                image=(f"{_ARTIFACT}.ContainerConfiguration.ContainerUri",),
            ),
        ),
    ),
}


PLACEMENTS = {
    "AWS::ECS::Service": Placement(
        "TaskDefinition",
        "AWS::ECS::TaskDefinition",
        "NetworkConfiguration.AwsvpcConfiguration.Subnets",
    ),
    "AWS::AppRunner::Service": Placement(
        "NetworkConfiguration.EgressConfiguration.VpcConnectorArn",
        "AWS::AppRunner::VpcConnector",
        "Subnets",
        is_placed=True,
    ),
}


def workloads(stack: Stack) -> list[Workload]:
    """Everything that runs code with a role."""
    roles, nets = partial(role_of, stack), partial(network, stack)
    return shared.workloads(stack, FORMS, PLACEMENTS, roles, nets, TemplateBuilds(stack))
