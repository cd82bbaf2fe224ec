"""What a template makes of Bedrock itself: roles, slots, and where their values stand; and nothing from wrong types."""

from __future__ import annotations

import copy
import json
from functools import partial
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stacks import open_text
from trees import plain

from bedrock_policy_lint.deployment.deployment import Feature
from bedrock_policy_lint.frontends import jobs
from bedrock_policy_lint.frontends.template import features, integrations, state_machines, tree, workloads
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.frontends.template.stack import Stack
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties: {}
"""


def read(resources: str) -> list[Feature]:
    return made(open_text(f"Resources:{ROLE}{resources}"))


def made(stack: Stack) -> list[Feature]:
    """The features of a template, jobs that it starts included."""
    return [*features.features(stack), *jobs.features(state_machines.workloads(stack), partial(role_of, stack))]


def of(kind: str, resources: str) -> Feature:
    (feature,) = (feature for feature in read(resources) if feature.kind == kind)
    return feature


def slots(feature: Feature) -> dict[str, list[str]]:
    return {slot: [str(node.value) for node in nodes] for slot, nodes in feature.slots.items()}


AGENT = """
  It:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentResourceRoleArn: !GetAtt Role.Arn
      FoundationModel: !GetAtt Profile.InferenceProfileArn
      CustomerEncryptionKeyArn: key-1
      GuardrailConfiguration: {GuardrailIdentifier: !Ref Guard, GuardrailVersion: DRAFT}
      AgentCollaboration: SUPERVISOR
      AgentCollaborators: [{AgentDescriptor: {AliasArn: alias-1}}]
      KnowledgeBases:
        - {KnowledgeBaseId: KB1}
        - {KnowledgeBaseId: KB2, KnowledgeBaseState: DISABLED}
      ActionGroups:
        - ActionGroupExecutor: {Lambda: function-1}
          ApiSchema: {S3: {S3BucketName: !Ref Bucket, S3ObjectKey: api/schema.json}}
        - ActionGroupState: DISABLED
          ActionGroupExecutor: {Lambda: function-2}
          ApiSchema: {S3: {S3BucketName: other, S3ObjectKey: schema.json}}
      PromptOverrideConfiguration:
        OverrideLambda: function-3
        PromptConfigurations:
          - {FoundationModel: model-2}
          - {FoundationModel: model-3, PromptState: DISABLED}
"""
BASE = """
  Base:
    Type: AWS::Bedrock::KnowledgeBase
    Properties:
      RoleArn: !GetAtt Role.Arn
      KnowledgeBaseConfiguration:
        Type: VECTOR
        VectorKnowledgeBaseConfiguration:
          EmbeddingModelArn: embedding-1
          SupplementalDataStorageConfiguration:
            SupplementalDataStorageLocations:
              - SupplementalDataStorageLocationType: S3
                S3Location: {URI: s3://media/x}
"""
OPENSEARCH = """
      StorageConfiguration:
        Type: OPENSEARCH_SERVERLESS
        OpensearchServerlessConfiguration: {CollectionArn: collection-1}
"""
VECTORS = """
      StorageConfiguration:
        Type: S3_VECTORS
        S3VectorsConfiguration: {VectorBucketArn: !GetAtt Bucket.Arn, IndexName: index-1}
"""
AURORA = """
      StorageConfiguration:
        Type: RDS
        RdsConfiguration: {ResourceArn: cluster-1, CredentialsSecretArn: secret-1}
"""
SQL = """
  It:
    Type: AWS::Bedrock::KnowledgeBase
    Properties:
      RoleArn: !GetAtt Role.Arn
      KnowledgeBaseConfiguration:
        Type: SQL
        SqlKnowledgeBaseConfiguration:
          RedshiftConfiguration:
            QueryEngineConfiguration:
              ServerlessConfiguration:
                WorkgroupArn: workgroup-1
                AuthConfiguration: {UsernamePasswordSecretArn: secret-1}
"""
SOURCE = """
  It:
    Type: AWS::Bedrock::DataSource
    Properties:
      KnowledgeBaseId: !Ref Base
      ServerSideEncryptionConfiguration: {KmsKeyArn: key-1}
      DataSourceConfiguration:
        Type: S3
        S3Configuration: {BucketArn: bucket-1, InclusionPrefixes: [docs/, more/], BucketOwnerAccountId: '111122223333'}
      VectorIngestionConfiguration:
        ParsingConfiguration:
          ParsingStrategy: BEDROCK_FOUNDATION_MODEL
          BedrockFoundationModelConfiguration: {ModelArn: parser-1}
        ContextEnrichmentConfiguration:
          BedrockFoundationModelConfiguration: {ModelArn: enricher-1}
        CustomTransformationConfiguration:
          IntermediateStorage: {S3Location: {URI: s3://between/x}}
          Transformations:
            - TransformationFunction: {TransformationLambdaConfiguration: {LambdaArn: function-1}}
"""
FLOW = """
  It:
    Type: AWS::Bedrock::Flow
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      CustomerEncryptionKeyArn: key-1
      DefinitionSubstitutions: {Model: !Ref Chosen}
      Definition:
        Nodes:
          - Configuration:
              Prompt:
                SourceConfiguration: {Inline: {ModelId: '${Model}'}}
                GuardrailConfiguration: {GuardrailIdentifier: guard-1}
          - Configuration: {Prompt: {SourceConfiguration: {Resource: {PromptArn: prompt-1}}}}
          - Configuration: {KnowledgeBase: {KnowledgeBaseId: KB1, ModelId: model-2}}
          - Configuration: {Agent: {AgentAliasArn: alias-1}}
          - Configuration: {LambdaFunction: {LambdaArn: function-1}}
          - Configuration: {Lex: {BotAliasArn: bot-1}}
          - Configuration: {Retrieval: {ServiceConfiguration: {S3: {BucketName: in}}}}
          - Configuration: {Storage: {ServiceConfiguration: {S3: {BucketName: out}}}}
          - Configuration: {Loop: {Definition: {Nodes: [{Configuration: {LambdaFunction: {LambdaArn: function-2}}}]}}}
"""
PROMPT = """
  It:
    Type: AWS::Bedrock::Prompt
    Properties:
      CustomerEncryptionKeyArn: key-1
      Variants:
        - {ModelId: model-1, TemplateConfiguration: {Text: {TextS3Location: {Bucket: b, Key: k}}}}
        - {GenAiResource: {Agent: {AgentIdentifier: alias-1}}}
"""
GUARDRAIL = """
  It:
    Type: AWS::Bedrock::Guardrail
    Properties:
      KmsKeyArn: key-1
      CrossRegionConfig: {GuardrailProfileArn: profile-1}
      AutomatedReasoningPolicyConfig: {Policies: [policy-1]}
"""
PROFILE = """
  It:
    Type: AWS::Bedrock::ApplicationInferenceProfile
    Properties: {ModelSource: {CopyFrom: !Sub 'arn:aws:bedrock:${AWS::Region}::foundation-model/a.b'}}
"""
ROUTER = """
  It:
    Type: AWS::Bedrock::IntelligentPromptRouter
    Properties: {Models: [{ModelArn: model-1}, {ModelArn: model-2}], FallbackModel: {ModelArn: model-1}}
"""
PROJECT = """
  It:
    Type: AWS::Bedrock::DataAutomationProject
    Properties: {KmsKeyId: key-1, CustomOutputConfiguration: {Blueprints: [{BlueprintArn: blueprint-1}]}}
"""
RUNTIME = """
  It:
    Type: AWS::BedrockAgentCore::Runtime
    Properties:
      RoleArn: !GetAtt Role.Arn
      EnvironmentVariables: {MODEL: model-1, LEVEL: info}
      AgentRuntimeArtifact:
        ContainerConfiguration: {ContainerUri: image-1}
        CodeConfiguration: {Code: {S3: {Bucket: code, Prefix: agent.zip}}}
"""
GATEWAY = """
  It:
    Type: AWS::BedrockAgentCore::Gateway
    Properties:
      RoleArn: !GetAtt Role.Arn
      KmsKeyArn: key-1
      PolicyEngineConfiguration: {Arn: engine-1}
      InterceptorConfigurations: [{Interceptor: {Lambda: {Arn: function-1}}}]
  Target:
    Type: AWS::BedrockAgentCore::GatewayTarget
    Properties:
      GatewayIdentifier: !GetAtt It.GatewayIdentifier
      TargetConfiguration: {Mcp: {Lambda: {LambdaArn: function-2, ToolSchema: {S3: {Uri: s3://tools/x.json}}}}}
      CredentialProviderConfigurations: [{CredentialProvider: {ApiKeyCredentialProvider: {ProviderArn: provider-1}}}]
  OfAnother:
    Type: AWS::BedrockAgentCore::GatewayTarget
    Properties: {GatewayIdentifier: gw-2, TargetConfiguration: {Mcp: {Lambda: {LambdaArn: function-3}}}}
"""
MEMORY = """
  It:
    Type: AWS::BedrockAgentCore::Memory
    Properties:
      MemoryExecutionRoleArn: !GetAtt Role.Arn
      EncryptionKeyArn: key-1
      StreamDeliveryResources: {Resources: [{Kinesis: {DataStreamArn: stream-1}}]}
      MemoryStrategies:
        - CustomMemoryStrategy:
            Configuration: {SemanticOverride: {Extraction: {ModelId: model-1}, Consolidation: {ModelId: model-2}}}
        - CustomMemoryStrategy:
            Configuration:
              SelfManagedConfiguration:
                InvocationConfiguration: {TopicArn: topic-1, PayloadDeliveryBucketName: payloads}
"""
BROWSER = """
  It:
    Type: AWS::BedrockAgentCore::BrowserCustom
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      RecordingConfig: {Enabled: true, S3Location: {Bucket: recordings, Prefix: x/}}
"""
EVALUATION = """
  Judge:
    Type: AWS::BedrockAgentCore::Evaluator
    Properties:
      EvaluatorConfig: {LlmAsAJudge: {ModelConfig: {BedrockEvaluatorModelConfig: {ModelId: model-1}}}}
  It:
    Type: AWS::BedrockAgentCore::OnlineEvaluationConfig
    Properties:
      EvaluationExecutionRoleArn: !GetAtt Role.Arn
      Evaluators: [{EvaluatorId: !Ref Judge}, {EvaluatorId: Builtin.Helpfulness}]
      DataSourceConfig: {CloudWatchLogs: {LogGroupNames: [/agents]}}
"""
JOB = """
  It:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        States:
          Batch:
            Type: Task
            Resource: arn:aws:states:::aws-sdk:bedrock:createModelInvocationJob
            Parameters:
              ModelId: model-1
              RoleArn: !GetAtt Role.Arn
              InputDataConfig: {S3InputDataConfig: {S3Uri: s3://in/x}}
              OutputDataConfig: {S3OutputDataConfig: {S3Uri.$: $.output}}
"""

CORE = "arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}"
EXPECTED: list[tuple[str, str, str | None, dict[str, list[str]]]] = [
    (
        "agent",
        AGENT,
        "Role",
        {
            "model": ["${Profile.InferenceProfileArn}"],
            "override-model": ["model-2"],
            "guardrail": ["${Guard}"],
            "knowledge-base": ["KB1"],
            "schema-bucket": ["s3://${Bucket}/api/schema.json"],
            "collaborator": ["alias-1"],
            "function": ["function-1", "function-3"],
            "key": ["key-1"],
        },
    ),
    (
        "knowledge-base",
        BASE + OPENSEARCH,
        "Role",
        {
            "embedding-model": ["embedding-1"],
            "multimodal-bucket": ["s3://media/x"],
            "store-kind": ["opensearch-serverless"],
            "collection": ["collection-1"],
        },
    ),
    (
        "knowledge-base",
        BASE + VECTORS,
        "Role",
        {
            "embedding-model": ["embedding-1"],
            "multimodal-bucket": ["s3://media/x"],
            "store-kind": ["s3-vectors"],
            "vector-bucket": ["${Bucket.Arn}"],
            "vector-index": ["${Bucket.Arn}/index/index-1"],
        },
    ),
    (
        "knowledge-base",
        BASE + AURORA,
        "Role",
        {
            "embedding-model": ["embedding-1"],
            "multimodal-bucket": ["s3://media/x"],
            "store-kind": ["rds"],
            "cluster": ["cluster-1"],
            "secret": ["secret-1"],
        },
    ),
    ("knowledge-base", SQL, "Role", {"store-kind": ["sql"], "workgroup": ["workgroup-1"], "secret": ["secret-1"]}),
    (
        "data-source",
        BASE + SOURCE,
        "Role",
        {
            "knowledge-base": ["${Base}"],
            "bucket": ["bucket-1"],
            "bucket-prefix": ["docs/", "more/"],
            "bucket-owner": ["111122223333"],
            "parsing-model": ["parser-1"],
            "enrichment-model": ["enricher-1"],
            "function": ["function-1"],
            "transformation-bucket": ["s3://between/x"],
            "key": ["key-1"],
        },
    ),
    (
        "flow",
        FLOW,
        "Role",
        {
            "model": ["${Chosen}", "model-2"],
            "guardrail": ["guard-1"],
            "prompt": ["prompt-1"],
            "knowledge-base": ["KB1"],
            "agent-alias": ["alias-1"],
            "function": ["function-1", "function-2"],
            "bot": ["bot-1"],
            "input-bucket": ["s3://in"],
            "output-bucket": ["s3://out"],
            "bucket": ["s3://in", "s3://out"],
            "key": ["key-1"],
        },
    ),
    (
        "prompt",
        PROMPT,
        None,
        {"model": ["model-1"], "agent-alias": ["alias-1"], "text-bucket": ["s3://b/k"], "key": ["key-1"]},
    ),
    ("guardrail", GUARDRAIL, None, {"profile": ["profile-1"], "reasoning-policy": ["policy-1"], "key": ["key-1"]}),
    (
        "application-inference-profile",
        PROFILE,
        None,
        {"source": ["arn:aws:bedrock:${AWS::Region}::foundation-model/a.b"]},
    ),
    ("prompt-router", ROUTER, None, {"model": ["model-1", "model-2"], "fallback-model": ["model-1"]}),
    ("data-automation-project", PROJECT, None, {"blueprint": ["blueprint-1"], "key": ["key-1"]}),
    (
        "agentcore-runtime",
        RUNTIME,
        "Role",
        {"container-image": ["image-1"], "code-bucket": ["s3://code/agent.zip"]},
    ),
    (
        "agentcore-gateway",
        GATEWAY,
        "Role",
        {
            "function": ["function-1", "function-2"],
            "target": ["Target"],
            "schema-bucket": ["s3://tools/x.json"],
            "credential-provider": ["provider-1"],
            "policy-engine": ["engine-1"],
            "key": ["key-1"],
        },
    ),
    (
        "agentcore-memory",
        MEMORY,
        "Role",
        {
            "model": ["model-1", "model-2"],
            "topic": ["topic-1"],
            "output-bucket": ["s3://payloads"],
            "stream": ["stream-1"],
            "key": ["key-1"],
        },
    ),
    ("agentcore-browser", BROWSER, "Role", {"recording-bucket": ["s3://recordings/x/"]}),
    ("evaluator", EVALUATION, None, {"model": ["model-1"]}),
    (
        "agentcore-online-evaluation",
        EVALUATION,
        "Role",
        {
            "evaluator": [f"{CORE}:evaluator/${{Judge.EvaluatorId}}", "Builtin.Helpfulness"],
            "model": ["model-1"],
            "log-group": ["/agents"],
        },
    ),
    ("batch-job", JOB, "Role", {"model": ["model-1"], "input-bucket": ["s3://in/x"], "output-bucket": ["$.output"]}),
]


@pytest.mark.parametrize(("kind", "resources", "role", "expected"), EXPECTED)
def test_a_feature_has_its_role_and_its_slots(
    kind: str, resources: str, role: str | None, expected: dict[str, list[str]]
) -> None:
    feature = of(kind, resources)

    assert feature.role == role
    assert slots(feature) == expected
    assert (feature.role_node is None) == (role is None)


@pytest.mark.parametrize(("kind", "resources"), [(kind, resources) for kind, resources, _, _ in EXPECTED])
def test_a_twin_in_json_gives_the_same(kind: str, resources: str) -> None:
    root = tree.parse(Source("template.yaml", f"Resources:{ROLE}{resources}")).root
    assert root is not None
    twin = made(open_text(json.dumps(plain(root))))

    assert [slots(feature) for feature in twin] == [slots(feature) for feature in read(resources)]


def test_values_know_where_they_stand() -> None:
    def written(node: Node) -> str:
        return node.source.text[node.start : node.end]

    feature = of("agent", AGENT)

    assert {slot: [written(node) for node in nodes] for slot, nodes in feature.slots.items()} == {
        "model": ["Profile.InferenceProfileArn"],
        "override-model": ["model-2"],
        "guardrail": ["Guard"],
        "knowledge-base": ["KB1"],
        "schema-bucket": ["Bucket"],
        "collaborator": ["alias-1"],
        "function": ["function-1", "function-3"],
        "key": ["key-1"],
    }
    assert written(feature.node) == "It"
    assert feature.role_node is not None
    assert written(feature.role_node) == "Role.Arn"


def test_an_arn_is_what_the_attribute_comes_to() -> None:
    assert str(of("agent", AGENT).arn) == "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:agent/${It}"


def test_a_data_source_of_a_base_elsewhere_has_no_role() -> None:
    assert of("data-source", SOURCE).role is None


def test_an_agent_that_works_alone_has_no_collaborators() -> None:
    alone = AGENT.replace("AgentCollaboration: SUPERVISOR", "AgentCollaboration: DISABLED")

    assert "collaborator" not in of("agent", alone).slots


def test_a_browser_that_records_nothing_fills_no_bucket() -> None:
    assert of("agentcore-browser", BROWSER.replace("true", "false")).slots == {}


def test_a_source_that_bedrock_parses_itself_says_so() -> None:
    automated = SOURCE.replace("BEDROCK_FOUNDATION_MODEL", "BEDROCK_DATA_AUTOMATION")

    assert "parsing-automation" in of("data-source", automated).slots
    assert "parsing-automation" not in of("data-source", SOURCE).slots


@pytest.mark.parametrize(
    "definition",
    [
        {"Nodes": [{"Configuration": {"Prompt": {"SourceConfiguration": {"Inline": {"ModelId": "${M}"}}}}}]},
        {"nodes": [{"configuration": {"prompt": {"sourceConfiguration": {"inline": {"modelId": "${M}"}}}}}]},
    ],
)
def test_a_flow_in_a_string_is_read(definition: dict[str, Any]) -> None:
    properties = {"DefinitionString": json.dumps(definition), "DefinitionSubstitutions": {"M": "a.b"}}
    text = json.dumps({"Resources": {"It": {"Type": "AWS::Bedrock::Flow", "Properties": properties}}})

    assert slots(made(open_text(text))[0]) == {"model": ["a.b"]}


# Wrong types

WHOLE = [resources for _, resources, _, _ in EXPECTED]
MORE = """
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn, Environment: {Variables: {A: b}}, VpcConfig: {SubnetIds: [!Ref Subnet]}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {TaskRoleArn: !GetAtt Role.Arn, ContainerDefinitions: [{Environment: [{Name: A, Value: b}]}]}
  Service:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref Subnet]}}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
  Host: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref Profile}}
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Target:
        Arn: arn:aws:scheduler:::aws-sdk:bedrockagentruntime:invokeAgent
        RoleArn: !GetAtt Role.Arn
        Input: '{"AgentId": "A", "AgentAliasId": "B"}'
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Model: a.b}
      Definition:
        States:
          A: {Type: Map, ItemProcessor: {States: {B: {Type: Parallel, Branches: [{States: {C: {Type: Pass}}}]}}}}
          D:
            Type: Task
            Resource: arn:aws:states:::bedrock:invokeModel
            Parameters: {ModelId: '${Model}', GuardrailIdentifier: '${Model}-x'}
  Data:
    Type: AWS::AppSync::DataSource
    Properties:
      Name: brain
      Type: HTTP
      HttpConfig:
        Endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
        AuthorizationConfig: {AwsIamConfig: {SigningServiceName: bedrock}}
  Resolver:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: brain, Code: "'/model/a.b/invoke'"}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        paths:
          /x:
            post:
              x-amazon-apigateway-integration:
                uri: arn:aws:apigateway:us-east-1:bedrock-runtime:path/model/a%3Ab/invoke
                credentials: !GetAtt Role.Arn
"""
WRONG = st.sampled_from(
    [
        None,
        True,
        0,
        1.5,
        "",
        "${Model}",
        "${",
        "$.x",
        "{% x %}",
        "s3://",
        "arn:::::",
        "{}",
        "[[",
        [],
        [[]],
        [None],
        {},
        {"": ""},
        {"Ref": "Role"},
        {"Ref": "It"},
        {"Ref": "Nothing"},
        {"Fn::GetAtt": ["Role", "Arn"]},
        {"Name": [], "Value": {}},
        {"States": 1, "Nodes": 2},
    ]
)


def plain_template(resources: str) -> dict[str, Any]:
    root = tree.parse(Source("template.yaml", f"Resources:{ROLE}{resources}")).root
    assert root is not None
    found = plain(root)
    assert isinstance(found, dict)
    return found


TEMPLATES = [plain_template(resources) for resources in (*WHOLE, MORE)]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, child in inside for found in ((*path, key), *places(child, (*path, key)))]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_wrong_types_give_nothing_and_no_exception(data: st.DataObject) -> None:
    template = copy.deepcopy(data.draw(st.sampled_from(TEMPLATES)))
    for _ in range(data.draw(st.integers(1, 3))):
        within = [
            (name, *path)
            for name, resource in template["Resources"].items()
            for path in places(resource.get("Properties"), ("Properties",))
        ]
        if not within:
            break
        *way, last = data.draw(st.sampled_from(within))
        holder = template["Resources"]
        for step in way:
            holder = holder[step]
        holder[last] = copy.deepcopy(data.draw(WRONG))
    text = json.dumps(template) if data.draw(st.booleans()) else yaml.safe_dump(template)
    stack = open_text(text)

    found = [*made(stack), *integrations.workloads(stack), *workloads.workloads(stack)]
    for one in found:
        nodes = [node for slot in one.slots.values() for node in slot] if isinstance(one, Feature) else []
        for node in nodes:
            assert isinstance(str(node.value), str)
            assert len(node.offsets()) >= 1


def test_what_a_macro_may_add_names_nothing() -> None:
    include = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}}"

    assert of("agent", f"\n  It: {{Type: AWS::Bedrock::Agent, Properties: {include}}}\n").slots == {}
