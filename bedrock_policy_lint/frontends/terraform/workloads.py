"""What runs code with a role in a configuration, or calls Bedrock itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Workload
from bedrock_policy_lint.frontends import integrations, tasks
from bedrock_policy_lint.frontends import workloads as shared
from bedrock_policy_lint.frontends.code_places import CodeForm
from bedrock_policy_lint.frontends.places import below, text_at
from bedrock_policy_lint.frontends.template import workloads as twinned
from bedrock_policy_lint.frontends.terraform.builds import TerraformBuilds
from bedrock_policy_lint.frontends.terraform.paths import blocks
from bedrock_policy_lint.frontends.terraform.providers import elsewhere
from bedrock_policy_lint.frontends.terraform.role_names import role_of
from bedrock_policy_lint.frontends.terraform.twins import Twins
from bedrock_policy_lint.frontends.terraform.unfolded import Unfolded
from bedrock_policy_lint.frontends.terraform.vpcs import networks
from bedrock_policy_lint.frontends.workloads import Form, Placement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.frontends.resources import RoleOf
    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration

_PAIR = ("name", "value")
_CODE, _IMAGE = (
    "code_repository.code_configuration.code_configuration_values.runtime_environment_variables",
    "image_repository.image_configuration.runtime_environment_variables",
)
_TASKS = "taskProperties[]"


def _batch(parts: str, role: str, settings: str, code: CodeForm) -> Form:
    return Form("Batch job", (role,), (settings,), parts=parts, pair=_PAIR, code=code)


_IMAGES = CodeForm(image=("image",), entrypoint="entryPoint", command="command")
_CONTAINER = ("jobRoleArn", "environment[]", _IMAGES)
_TASK = ("taskRoleArn", "containers[].environment[]", _IMAGES._replace(containers="containers[]"))
_FORMS: dict[str, tuple[Form, ...]] = {
    "aws_lambda_function": (
        Form(
            "Lambda function",
            ("role",),
            (blocks("environment.variables"),),
            blocks("vpc_config.subnet_ids"),
            arn="arn",
            code=CodeForm(
                ("filename",),
                ("s3_key",),
                "",
                "handler",
                "runtime",
                ("image_uri",),
                blocks("image_config.entry_point"),
                blocks("image_config.command"),
                layers="layers[]",
            ),
        ),
    ),
    "aws_ecs_task_definition": (
        Form(
            "ECS task",
            ("task_role_arn",),
            ("container_definitions[].environment[]",),
            pair=_PAIR,
            code=_IMAGES._replace(containers="container_definitions[]"),
        ),
    ),
    "aws_apprunner_service": (
        Form(
            "App Runner service",
            (blocks("instance_configuration.instance_role_arn"),),
            tuple(blocks(f"source_configuration.{path}") for path in (_CODE, _IMAGE)),
            code=CodeForm(image=(blocks("source_configuration.image_repository.image_identifier"),)),
        ),
    ),
    "aws_batch_job_definition": (
        _batch("container_properties", *_CONTAINER),
        _batch(f"ecs_properties.{_TASKS}", *_TASK),
        _batch("node_properties.nodeRangeProperties[].container", *_CONTAINER),
        _batch(f"node_properties.nodeRangeProperties[].ecsProperties.{_TASKS}", *_TASK),
    ),
    "aws_codebuild_project": (
        # A variable of another type names a parameter or a secret, and holds what lies there.
        Form(
            "CodeBuild project",
            ("service_role",),
            ("environment[].environment_variable[type!=PARAMETER_STORE|SECRETS_MANAGER]",),
            blocks("vpc_config.subnets"),
            pair=_PAIR,
        ),
    ),
    "aws_sagemaker_model": (
        Form(
            "SageMaker model",
            ("execution_role_arn",),
            (blocks("primary_container.environment"), blocks("container.environment")),
            blocks("vpc_config.subnets"),
        ),
    ),
    # A notebook reaches the internet by itself unless that is turned off, whatever its subnet.
    "aws_sagemaker_notebook_instance": (Form("SageMaker notebook", ("role_arn",)),),
    "aws_glue_job": (Form("Glue job", ("role_arn",), ("default_arguments", "non_overridable_arguments")),),
    "aws_instance": (Form("EC2 instance", ("iam_instance_profile",), subnets="subnet_id"),),
    "aws_launch_template": (
        Form("EC2 launch template", (blocks("iam_instance_profile.arn"), blocks("iam_instance_profile.name"))),
    ),
    "aws_launch_configuration": (Form("EC2 launch configuration", ("iam_instance_profile",)),),
}
_TEXTS = {
    "aws_ecs_task_definition": ("container_definitions",),
    "aws_batch_job_definition": ("container_properties", "ecs_properties", "node_properties"),
}
"""Arguments that are JSON texts."""

_PLACEMENTS = {
    "aws_ecs_service": Placement("task_definition", "aws_ecs_task_definition", blocks("network_configuration.subnets")),
    "aws_apprunner_service": Placement(
        blocks("network_configuration.egress_configuration.vpc_connector_arn"),
        "aws_apprunner_vpc_connector",
        "subnets",
        is_placed=True,
    ),
}


def workloads(configuration: Configuration) -> list[Workload]:
    """Everything that runs code with a role, and what calls Bedrock without code of its own."""
    roles, twins = partial(role_of, configuration), Twins(configuration)
    unfolded, nets = Unfolded(configuration, _TEXTS), networks(configuration, twins)
    builds = TerraformBuilds(configuration)
    found = [
        *shared.workloads(unfolded, _FORMS, _PLACEMENTS, roles, nets.of, builds),
        *shared.workloads(twins, twinned.FORMS, twinned.PLACEMENTS, roles, nets.of, builds),
    ]
    for component in configuration.components(*_READERS):
        found += _READERS[component.type](configuration, component, roles)
    return [_placed(configuration, workload) for workload in found]


def _placed(configuration: Configuration, workload: Workload) -> Workload:
    """The same in its own Region; networks are known in that of the deployment alone."""
    region = elsewhere(configuration, workload.name)
    return workload._replace(region=region, network=None) if region else workload


# What calls Bedrock without code of its own


def _machine(configuration: Configuration, component: Component, roles: RoleOf) -> Iterator[Workload]:
    definition = text_at(component, "definition")
    root = configuration.embedded(definition) if definition is not None else None
    made = tuple(tasks.calls_in(configuration, root, lambda node: node)) if root is not None else ()
    yield Workload(component.name, "state machine", component.node, roles(text_at(component, "role_arn")), calls=made)


def _schedule(configuration: Configuration, component: Component, roles: RoleOf) -> Iterator[Workload]:
    target, written = text_at(component, "target[].arn"), text_at(component, "target[].input")
    return integrations.schedule(configuration, component, roles, target, written, "target[].role_arn")


_SOURCE = {
    "type": "type",
    "endpoint": blocks("http_config.endpoint"),
    "service": blocks("http_config.authorization_config.aws_iam_config.signing_service_name"),
    "role": "service_role_arn",
    "name": "name",
    "source": "data_source",
}
_ASKERS = {"aws_appsync_resolver": "code|request_template", "aws_appsync_function": "code|request_mapping_template"}


def _data_source(configuration: Configuration, component: Component, roles: RoleOf) -> Iterator[Workload]:
    return integrations.data_source(configuration, component, roles, _SOURCE, _ASKERS)


def _method(configuration: Configuration, component: Component, roles: RoleOf) -> Iterator[Workload]:
    uri, role = text_at(component, "uri"), text_at(component, "credentials")
    return integrations.gateway(component, roles, uri, role)


def _integration(configuration: Configuration, component: Component, roles: RoleOf) -> Iterator[Workload]:
    uri, role = text_at(component, "integration_uri"), text_at(component, "credentials_arn")
    return integrations.gateway(component, roles, uri, role)


def _api(configuration: Configuration, component: Component, roles: RoleOf) -> Iterator[Workload]:
    body = text_at(component, "body")
    root = configuration.embedded(body) if body is not None else None
    return integrations.openapi(component, roles, below(root, "paths") if root is not None else ())


_READERS: dict[str, Callable[[Configuration, Component, RoleOf], Iterator[Workload]]] = {
    "aws_sfn_state_machine": _machine,
    "aws_scheduler_schedule": _schedule,
    "aws_appsync_datasource": _data_source,
    "aws_api_gateway_integration": _method,
    "aws_apigatewayv2_integration": _integration,
    "aws_api_gateway_rest_api": _api,
    "aws_apigatewayv2_api": _api,
}
