"""What runs in a template: its role, its settings, its network, and what it calls of Bedrock without code."""

from __future__ import annotations

from functools import partial

import pytest
from stacks import open_text

from bedrock_policy_lint.deployment.deployment import Call, Workload
from bedrock_policy_lint.frontends import jobs
from bedrock_policy_lint.frontends.template import integrations, workloads
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.frontends.template.stack import Stack
from bedrock_policy_lint.sources.node import Node

ROLE = """\
  Role:
    Type: AWS::IAM::Role
    Properties: {RoleName: worker}
"""


def stack_of(resources: str) -> Stack:
    return open_text(f"Resources:\n{ROLE}{resources}")


def written(node: Node | None) -> str:
    """What stands in the file where a value is."""
    return "" if node is None else node.source.text[node.start : node.end]


def only(found: list[Workload]) -> Workload:
    (workload,) = found
    return workload


def settings(workload: Workload) -> dict[str, str]:
    return {setting.name: str(setting.node.value) for setting in workload.settings}


# Every kind

EVERY = {
    "Lambda function": """
  It:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment: {Variables: {MODEL: amazon.nova-lite-v1:0, SIZE: 3}}
""",
    "ECS task": """
  It:
    Type: AWS::ECS::TaskDefinition
    Properties:
      TaskRoleArn: !GetAtt Role.Arn
      ExecutionRoleArn: !GetAtt Other.Arn
      ContainerDefinitions:
        - Environment: [{Name: MODEL, Value: amazon.nova-lite-v1:0}]
        - Environment: [{Name: SIZE, Value: 3}]
""",
    "App Runner service": """
  It:
    Type: AWS::AppRunner::Service
    Properties:
      InstanceConfiguration: {InstanceRoleArn: !GetAtt Role.Arn}
      SourceConfiguration:
        ImageRepository:
          ImageConfiguration:
            RuntimeEnvironmentVariables: [{Name: MODEL, Value: amazon.nova-lite-v1:0}, {Name: SIZE, Value: 3}]
""",
    "Batch job": """
  It:
    Type: AWS::Batch::JobDefinition
    Properties:
      ContainerProperties:
        JobRoleArn: !GetAtt Role.Arn
        Environment: [{Name: MODEL, Value: amazon.nova-lite-v1:0}, {Name: SIZE, Value: 3}]
""",
    "CodeBuild project": """
  It:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !GetAtt Role.Arn
      Environment:
        EnvironmentVariables:
          - {Name: MODEL, Value: amazon.nova-lite-v1:0}
          - {Name: SIZE, Value: 3, Type: PLAINTEXT}
          - {Name: SECRET, Value: /app/secret, Type: PARAMETER_STORE}
""",
    "SageMaker model": """
  It:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer: {Environment: {MODEL: amazon.nova-lite-v1:0}}
      Containers: [{Environment: {SIZE: 3}}]
""",
    "SageMaker processing job": """
  It:
    Type: AWS::SageMaker::ProcessingJob
    Properties: {RoleArn: !GetAtt Role.Arn, Environment: {MODEL: amazon.nova-lite-v1:0, SIZE: 3}}
""",
    "Glue job": """
  It:
    Type: AWS::Glue::Job
    Properties: {Role: worker, DefaultArguments: {MODEL: amazon.nova-lite-v1:0, SIZE: 3}}
""",
    "AgentCore runtime": """
  It:
    Type: AWS::BedrockAgentCore::Runtime
    Properties: {RoleArn: !GetAtt Role.Arn, EnvironmentVariables: {MODEL: amazon.nova-lite-v1:0, SIZE: 3}}
""",
}


@pytest.mark.parametrize(("kind", "resource"), EVERY.items())
def test_a_workload_has_its_role_and_its_settings(kind: str, resource: str) -> None:
    workload = only(workloads.workloads(stack_of(resource)))

    assert (workload.name, workload.kind, workload.role) == ("It", kind, "Role")
    assert written(workload.node) == "It"
    assert settings(workload) == {"MODEL": "amazon.nova-lite-v1:0", "SIZE": "3"}
    assert written(workload.settings[0].node) == "amazon.nova-lite-v1:0"


@pytest.mark.parametrize(
    "properties",
    [
        "EcsProperties: {TaskProperties: [{TaskRoleArn: !GetAtt Role.Arn, Containers: [{Environment: [%s]}]}]}",
        "NodeProperties: {NodeRangeProperties: [{Container: {JobRoleArn: !GetAtt Role.Arn, Environment: [%s]}}]}",
        "NodeProperties: {NodeRangeProperties: [{EcsProperties: {TaskProperties: ["
        "{TaskRoleArn: !GetAtt Role.Arn, Containers: [{Environment: [%s]}]}]}}]}",
    ],
)
def test_every_form_of_a_batch_job_is_read(properties: str) -> None:
    written_so = properties % "{Name: MODEL, Value: x}"
    stack = stack_of(f"  It:\n    Type: AWS::Batch::JobDefinition\n    Properties: {{{written_so}}}\n")
    workload = only(workloads.workloads(stack))

    assert (workload.role, settings(workload)) == ("Role", {"MODEL": "x"})


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::EC2::Instance", "IamInstanceProfile: !Ref Profile"),
        ("AWS::EC2::LaunchTemplate", "LaunchTemplateData: {IamInstanceProfile: {Name: !Ref Profile}}"),
        ("AWS::EC2::LaunchTemplate", "LaunchTemplateData: {IamInstanceProfile: {Arn: !GetAtt Profile.Arn}}"),
        ("AWS::AutoScaling::LaunchConfiguration", "IamInstanceProfile: !Ref Profile"),
    ],
)
def test_an_instance_has_the_role_of_its_profile(kind: str, properties: str) -> None:
    profile = "  Profile:\n    Type: AWS::IAM::InstanceProfile\n    Properties: {Roles: [!Ref Role]}\n"
    stack = stack_of(f"{profile}  It:\n    Type: {kind}\n    Properties: {{{properties}}}\n")

    assert only(workloads.workloads(stack)).role == "Role"


def test_an_instance_profile_that_holds_itself_names_no_role() -> None:
    profile = "  Profile:\n    Type: AWS::IAM::InstanceProfile\n    Properties: {Roles: [!Ref Profile]}\n"
    host = "  It:\n    Type: AWS::EC2::Instance\n    Properties: {IamInstanceProfile: !Ref Profile}\n"
    stack = stack_of(profile + host)

    assert only(workloads.workloads(stack)).role is None


def test_a_role_elsewhere_is_none() -> None:
    stack = stack_of("  It:\n    Type: AWS::Lambda::Function\n    Properties: {Role: !ImportValue role}\n")

    assert only(workloads.workloads(stack)).role is None


def test_a_role_that_sam_makes_is_known_by_its_name() -> None:
    stack = stack_of(
        "  Chat:\n    Type: AWS::Serverless::Function\n    Properties: {}\n"
        "  It:\n    Type: AWS::Lambda::Function\n    Properties: {Role: !GetAtt ChatRole.Arn}\n"
        "  Not:\n    Type: AWS::Lambda::Function\n    Properties: {Role: !GetAtt OtherRole.Arn}\n"
    )

    assert [workload.role for workload in workloads.workloads(stack)] == ["ChatRole", None]


# Networks

NETWORK = """\
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt Role.Arn}}
"""
SERVICE = """\
  %s:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref Subnet]}}
"""


def test_the_subnets_of_a_function_are_its_network() -> None:
    function = "  It: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SubnetIds: [!Ref Subnet]}}}\n"
    workload = workloads.workloads(stack_of(NETWORK + function))[1]

    assert workload.network is not None
    assert written(workload.network.node) == "[!Ref Subnet]"


def test_a_task_runs_where_its_service_does() -> None:
    workload = only(workloads.workloads(stack_of(NETWORK + SERVICE % "Service")))

    assert workload.network is not None
    assert written(workload.network.node) == "[!Ref Subnet]"


def test_a_task_of_two_services_runs_nobody_knows_where() -> None:
    found = workloads.workloads(stack_of(NETWORK + SERVICE % "One" + SERVICE % "Two"))

    assert only(found).network is None


# Services that call by themselves


def called(call: Call) -> tuple[str, str, str, str, str]:
    """The client and operation, and what stands in the file for the model, the resource and the guardrail."""
    return call.client, call.operation, written(call.model), written(call.resource), written(call.guardrail)


def test_a_schedule_calls_what_its_target_names() -> None:
    stack = stack_of("""
  It:
    Type: AWS::Scheduler::Schedule
    Properties:
      Target:
        Arn: !Sub arn:${AWS::Partition}:scheduler:::aws-sdk:bedrockagentruntime:invokeAgent
        RoleArn: !GetAtt Role.Arn
        Input: '{"AgentId": "AGENT12345", "AgentAliasId": "ALIAS12345", "InputText": "x"}'
""")
    workload = only(integrations.workloads(stack))
    (call,) = workload.calls

    assert (workload.kind, workload.role) == ("schedule", "Role")
    assert (call.client, call.operation) == ("bedrock-agent-runtime", "InvokeAgent")
    assert call.resource is not None
    assert call.resource.value == "AGENT12345/ALIAS12345"
    assert written(call.node) == "arn:${AWS::Partition}:scheduler:::aws-sdk:bedrockagentruntime:invokeAgent"


@pytest.mark.parametrize("arn", ["arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "arn:aws:sqs:us-east-1:1:q", "x", "[]"])
def test_a_schedule_of_something_else_is_no_workload(arn: str) -> None:
    stack = stack_of(f"  It:\n    Type: AWS::Scheduler::Schedule\n    Properties: {{Target: {{Arn: '{arn}'}}}}\n")

    assert integrations.workloads(stack) == []


APPSYNC = """
  Data:
    Type: AWS::AppSync::DataSource
    Properties:
      Name: brain
      Type: %s
      ServiceRoleArn: !GetAtt Role.Arn
      %s
  Resolver:
    Type: AWS::AppSync::Resolver
    Properties:
      DataSourceName: brain
      Code: |
        %s
"""
HTTP = (
    "HttpConfig: {Endpoint: !Sub 'https://bedrock-runtime.${AWS::Region}.amazonaws.com', "
    "AuthorizationConfig: {AuthorizationType: AWS_IAM, AwsIamConfig: {SigningServiceName: %s}}}"
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return invokeModel({ modelId: 'amazon.nova-lite-v1:0' })", [("InvokeModel", "amazon.nova-lite-v1:0")]),
        (
            '{"operation": "Converse", "modelId": "us.amazon.nova-lite-v1:0"}',
            [("Converse", "us.amazon.nova-lite-v1:0")],
        ),
        ("return invokeModel({ modelId: ctx.args.model })", []),
        ("converse({ modelId: 'a.b' }); invokeModel({ modelId: 'c.d' })", []),
    ],
)
def test_a_resolver_on_bedrock_names_the_model_that_it_calls(code: str, expected: list[tuple[str, str]]) -> None:
    workload = only(integrations.workloads(stack_of(APPSYNC % ("AMAZON_BEDROCK_RUNTIME", "Description: x", code))))

    assert (workload.kind, workload.role) == ("AppSync data source", "Role")
    assert [(call.operation, written(call.model)) for call in workload.calls] == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("`/model/amazon.nova-lite-v1:0/converse`", [("Converse", "amazon.nova-lite-v1:0")]),
        ("'/model/amazon.nova-lite-v1%3A0/invoke'", [("InvokeModel", "amazon.nova-lite-v1%3A0")]),
        ("`/model/${ctx.args.model}/invoke`", [("InvokeModel", "")]),
        ("'/model/' + model + '/invoke'", []),
        ("'/model/a.b/invoke-other'", []),
    ],
)
def test_a_resolver_on_an_endpoint_names_a_path(path: str, expected: list[tuple[str, str]]) -> None:
    code = f"return {{ resourcePath: {path} }}"
    workload = only(integrations.workloads(stack_of(APPSYNC % ("HTTP", HTTP % "bedrock", code))))

    assert [(call.operation, written(call.model)) for call in workload.calls] == expected
    assert all("%" not in str(call.model.value) for call in workload.calls if call.model)


@pytest.mark.parametrize("config", [HTTP % "execute-api", "HttpConfig: {Endpoint: 'https://example.com'}"])
def test_an_endpoint_that_is_not_called_with_the_role_is_no_workload(config: str) -> None:
    code = "return { resourcePath: '/model/a.b/invoke' }"

    assert integrations.workloads(stack_of(APPSYNC % ("HTTP", config, code))) == []


URI = "arn:aws:apigateway:us-east-1:bedrock-runtime:path/model"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (f"{URI}/amazon.nova-lite-v1:0/invoke", ("bedrock-runtime", "InvokeModel", "amazon.nova-lite-v1:0", "", "")),
        (f"{URI}/{{model}}/converse-stream", ("bedrock-runtime", "ConverseStream", "", "", "")),
        (
            "arn:aws:apigateway:us-east-1:bedrock-agent-runtime:path/knowledgebases/KB12345678/retrieve",
            ("bedrock-agent-runtime", "Retrieve", "", "KB12345678", ""),
        ),
    ],
)
@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::ApiGateway::Method", "{Integration: {Type: AWS, Uri: '%s', Credentials: !GetAtt Role.Arn}}"),
        ("AWS::ApiGatewayV2::Integration", "{IntegrationUri: '%s', CredentialsArn: !GetAtt Role.Arn}"),
        (
            "AWS::ApiGateway::RestApi",
            "{Body: {paths: {/x: {post: {x-amazon-apigateway-integration: "
            "{uri: '%s', credentials: !GetAtt Role.Arn}}}}}}",
        ),
    ],
)
def test_an_integration_names_operation_and_model(
    kind: str, properties: str, uri: str, expected: tuple[str, ...]
) -> None:
    stack = stack_of(f"  It:\n    Type: {kind}\n    Properties: {properties % uri}\n")
    workload = only(integrations.workloads(stack))

    assert workload.role == "Role"
    assert [called(call) for call in workload.calls] == [expected]


def test_a_hole_in_a_path_stays_a_hole() -> None:
    uri = "!Sub 'arn:aws:apigateway:us-east-1:bedrock-runtime:path/model/${Model}/invoke'"
    stack = stack_of(f"  It:\n    Type: AWS::ApiGateway::Method\n    Properties: {{Integration: {{Uri: {uri}}}}}\n")
    (call,) = only(integrations.workloads(stack)).calls

    assert call.model is not None
    assert [hole.name for hole in call.model.value.holes] == ["Model"]
    assert str(call.model.value) == "${Model}"


def test_an_integration_with_something_else_is_no_workload() -> None:
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x/invocations"
    stack = stack_of(f"  It:\n    Type: AWS::ApiGateway::Method\n    Properties: {{Integration: {{Uri: '{uri}'}}}}\n")

    assert integrations.workloads(stack) == []


# Custom resources of the CDK

SDK_CALL = """\
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn}
  Logs:
    Type: Custom::AWS
    Properties:
      ServiceToken: !GetAtt Function.Arn
      Create:
        Fn::Join:
          - ""
          - - '{"service":"SERVICE","action":"putModelInvocationLoggingConfiguration",'
            - 'EXTRA"parameters":{"loggingConfig":{"cloudWatchConfig":{"logGroupName":"/bedrock","roleArn":"'
            - !GetAtt Role.Arn
            - '"}}}}'
      Update: '{"service":"SERVICE","action":"putModelInvocationLoggingConfiguration","parameters":{}}'
      Delete: '{"service":"SERVICE","action":"deleteModelInvocationLoggingConfiguration"}'
"""


@pytest.mark.parametrize("service", ["Bedrock", "@aws-sdk/client-bedrock"])
def test_a_custom_resource_makes_the_sdk_calls_that_it_is_told(service: str) -> None:
    stack = stack_of(SDK_CALL.replace("SERVICE", service).replace("EXTRA", ""))
    workload = only(integrations.workloads(stack))
    assert (workload.name, workload.kind, workload.role) == ("Logs", "custom resource", "Role")
    put, delete = workload.calls
    assert (put.operation, put.client) == ("PutModelInvocationLoggingConfiguration", "bedrock")
    assert delete.operation == "DeleteModelInvocationLoggingConfiguration"
    (logging,) = jobs.features([workload], partial(role_of, stack))
    assert (logging.kind, logging.role, [str(node.value) for node in logging.slots["log-group"]]) == (
        "logging",
        "Role",
        ["/bedrock"],
    )


@pytest.mark.parametrize("extra", ['"assumedRoleArn":"x",', '"region":"eu-west-1",'])
def test_a_custom_resource_that_calls_as_somebody_else_or_elsewhere_is_left_alone(extra: str) -> None:
    made = SDK_CALL.replace("SERVICE", "Bedrock").replace("EXTRA", extra)
    assert integrations.workloads(stack_of(made[: made.index("      Update:")])) == []
