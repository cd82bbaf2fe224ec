"""What a template makes of Bedrock itself, with the roles that Bedrock works with and all that it names.

The types are those that the CloudFormation registry had on 2026-11-20, the properties those of their schemas. There is no
type for the logging of invocations nor for jobs; what a state machine or schedule starts as a job is found in `jobs`.

A feature's slots, each a tuple of texts:

| kind | slots |
| --- | --- |
| `agent` | model, override-model, guardrail, knowledge-base, schema-bucket, collaborator, function, key |
| `agent-alias` | agent |
| `knowledge-base` | embedding-model, store-kind, collection, domain, vector-bucket, vector-index, cluster, graph, kendra-index, workgroup, secret, multimodal-bucket |
| `data-source` | knowledge-base, bucket, bucket-prefix, bucket-owner, parsing-model, parsing-automation, enrichment-model, function, transformation-bucket, secret, key |
| `flow` | model, rerank-model, prompt, knowledge-base, agent-alias, guardrail, function, bot, bucket, input-bucket, output-bucket, key |
| `flow-alias` | flow |
| `prompt` | model, agent-alias, text-bucket, key |
| `prompt-version` | prompt |
| `prompt-router` | model, fallback-model |
| `guardrail` | profile, reasoning-policy, key |
| `enforced-guardrail` | guardrail |
| `reasoning-policy` | key |
| `application-inference-profile` | source |
| `data-automation-project` | blueprint, key |
| `data-automation-library`, `blueprint` | key |
| `batch-job`, `custom-model` | model, input-bucket, output-bucket, key |
| `mantle-project` | |
| `agentcore-runtime` | container-image, code-bucket |
| `agentcore-gateway` | function, target, schema-bucket, credential-provider, policy-engine, key |
| `agentcore-memory` | model, output-bucket, topic, stream, key |
| `agentcore-browser` | recording-bucket, secret |
| `agentcore-code-interpreter` | secret |
| `agentcore-online-evaluation` | evaluator, model, function, log-group, output-log-group |
| `evaluator` | model, function, key |
| `agentcore-policy-engine` | key |

A bucket is an ARN, or an address that begins with `s3://` and goes on with the key or prefix where there is one.
`store-kind` is one of the words of `knowledge`. A data source works with the role of its knowledge base, and a gateway
does what its targets ask for. A runtime is a workload as well: its settings, which may name models, are there.
"""  # noqa: E501 - rows of a table

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends import features as shared
from bedrock_policy_lint.frontends.buckets import objects
from bedrock_policy_lint.frontends.features import Form
from bedrock_policy_lint.frontends.places import find, text_at, texts
from bedrock_policy_lint.frontends.template import flows, knowledge
from bedrock_policy_lint.frontends.template.role_names import role_of

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.deployment import Feature
    from bedrock_policy_lint.frontends.places import ReadTree
    from bedrock_policy_lint.frontends.resources import AnyResources, Resource
    from bedrock_policy_lint.frontends.template.stack import Stack
    from bedrock_policy_lint.sources.node import Node

# What takes more than a path


def _agent(resources: AnyResources, agent: Resource) -> dict[str, list[Node]]:
    places = find(agent, "ActionGroups[ActionGroupState!=DISABLED].ApiSchema.S3")
    found: dict[str, list[Node]] = {"schema-bucket": objects(places, "S3BucketName", "S3ObjectKey")}
    if _value(agent, "AgentCollaboration") != "DISABLED":
        found["collaborator"] = find(agent, "AgentCollaborators[].AgentDescriptor.AliasArn")
    return found


def _prompt(resources: AnyResources, prompt: Resource) -> dict[str, list[Node]]:
    places = find(prompt, "Variants[].TemplateConfiguration.Text.TextS3Location")
    return {"text-bucket": objects(places, "Bucket", "Key")}


def _runtime(resources: AnyResources, runtime: Resource) -> dict[str, list[Node]]:
    places = find(runtime, "AgentRuntimeArtifact.CodeConfiguration.Code.S3")
    return {"code-bucket": objects(places, "Bucket", "Prefix")}


def _browser(resources: AnyResources, browser: Resource) -> dict[str, list[Node]]:
    if _value(browser, "RecordingConfig", "Enabled") in (None, False, "false"):
        return {}
    return {"recording-bucket": objects(find(browser, "RecordingConfig.S3Location"), "Bucket", "Prefix")}


def _memory(resources: AnyResources, memory: Resource) -> dict[str, list[Node]]:
    delivered = "MemoryStrategies[].CustomMemoryStrategy.Configuration.SelfManagedConfiguration.InvocationConfiguration"
    return {"output-bucket": objects(find(memory, delivered), "PayloadDeliveryBucketName")}


_SCHEMAS = ("OpenApiSchema.S3.Uri", "SmithyModel.S3.Uri", "Lambda.ToolSchema.S3.Uri")


def _gateway(resources: AnyResources, gateway: Resource) -> dict[str, list[Node]]:
    """What its targets ask of it: they work with the gateway's role."""
    found: dict[str, list[Node]] = {"target": [], "function": [], "schema-bucket": [], "credential-provider": []}
    for target in resources.components("AWS::BedrockAgentCore::GatewayTarget"):
        named = text_at(target, "GatewayIdentifier")
        owner = resources.owner(named, gateway.type) if named is not None else None
        if owner is None or owner.name != gateway.name:
            continue
        found["target"].append(target.node)
        found["function"] += find(target, "TargetConfiguration.Mcp.Lambda.LambdaArn")
        for path in _SCHEMAS:
            found["schema-bucket"] += find(target, f"TargetConfiguration.Mcp.{path}")
        for provider in ("OauthCredentialProvider", "ApiKeyCredentialProvider"):
            path = f"CredentialProviderConfigurations[].CredentialProvider.{provider}.ProviderArn"
            found["credential-provider"] += find(target, path)
    return found


def _online_evaluation(resources: AnyResources, evaluation: Resource) -> dict[str, list[Node]]:
    """What its evaluators ask for, as far as they are declared beside it: they work with its role."""
    found: dict[str, list[Node]] = {"model": [], "function": []}
    for named in texts(find(evaluation, "Evaluators[].EvaluatorId")):
        owner = resources.owner(named, "AWS::BedrockAgentCore::Evaluator")
        if owner is not None:
            for slot in found:
                found[slot] += find(owner, *_EVALUATOR[slot])
    return found


def _value(component: Resource, *path: str) -> object:
    """The value of a property; None when it is absent."""
    node = component.get(*path)
    return None if node is None else node.value


# The table

_GROUPS = "ActionGroups[ActionGroupState!=DISABLED]"
_OVERRIDES = "PromptOverrideConfiguration.PromptConfigurations[PromptState!=DISABLED]"
_MEMORY = "MemoryStrategies[].CustomMemoryStrategy.Configuration"
_EVALUATOR = {
    "model": ("EvaluatorConfig.LlmAsAJudge.ModelConfig.BedrockEvaluatorModelConfig.ModelId",),
    "function": ("EvaluatorConfig.CodeBased.LambdaConfig.LambdaArn",),
}
FORMS = {
    "AWS::Bedrock::Agent": Form(
        "agent",
        "AgentArn",
        "AgentResourceRoleArn",
        {
            "model": ("FoundationModel",),
            "override-model": (f"{_OVERRIDES}.FoundationModel",),
            "guardrail": ("GuardrailConfiguration.GuardrailIdentifier",),
            "knowledge-base": ("KnowledgeBases[KnowledgeBaseState!=DISABLED].KnowledgeBaseId",),
            "function": (
                f"{_GROUPS}.ActionGroupExecutor.Lambda",
                "CustomOrchestration.Executor.Lambda",
                "PromptOverrideConfiguration.OverrideLambda",
            ),
            "key": ("CustomerEncryptionKeyArn",),
        },
        _agent,
    ),
    "AWS::Bedrock::AgentAlias": Form("agent-alias", "AgentAliasArn", slots={"agent": ("AgentId",)}),
    "AWS::Bedrock::KnowledgeBase": Form(
        "knowledge-base", "KnowledgeBaseArn", "RoleArn", knowledge.SLOTS, knowledge.base
    ),
    "AWS::Bedrock::DataSource": Form(
        "data-source", slots=knowledge.SOURCE_SLOTS, more=knowledge.source, borrow=knowledge.borrowed
    ),
    "AWS::Bedrock::FlowAlias": Form("flow-alias", "Arn", slots={"flow": ("FlowArn",)}),
    "AWS::Bedrock::Prompt": Form(
        "prompt",
        "Arn",
        slots={
            "model": ("Variants[].ModelId",),
            "agent-alias": ("Variants[].GenAiResource.Agent.AgentIdentifier",),
            "key": ("CustomerEncryptionKeyArn",),
        },
        more=_prompt,
    ),
    "AWS::Bedrock::PromptVersion": Form("prompt-version", "Arn", slots={"prompt": ("PromptArn",)}),
    "AWS::Bedrock::IntelligentPromptRouter": Form(
        "prompt-router",
        "PromptRouterArn",
        slots={"model": ("Models[].ModelArn",), "fallback-model": ("FallbackModel.ModelArn",)},
    ),
    "AWS::Bedrock::Guardrail": Form(
        "guardrail",
        "GuardrailArn",
        slots={
            "profile": ("CrossRegionConfig.GuardrailProfileArn",),
            "reasoning-policy": ("AutomatedReasoningPolicyConfig.Policies[]",),
            "key": ("KmsKeyArn",),
        },
    ),
    "AWS::Bedrock::EnforcedGuardrailConfiguration": Form(
        "enforced-guardrail", slots={"guardrail": ("GuardrailIdentifier",)}
    ),
    "AWS::Bedrock::AutomatedReasoningPolicy": Form("reasoning-policy", "PolicyArn", slots={"key": ("KmsKeyId",)}),
    "AWS::Bedrock::ApplicationInferenceProfile": Form(
        "application-inference-profile", "InferenceProfileArn", slots={"source": ("ModelSource.CopyFrom",)}
    ),
    "AWS::Bedrock::DataAutomationProject": Form(
        "data-automation-project",
        "ProjectArn",
        slots={"blueprint": ("CustomOutputConfiguration.Blueprints[].BlueprintArn",), "key": ("KmsKeyId",)},
    ),
    "AWS::Bedrock::DataAutomationLibrary": Form(
        "data-automation-library", "LibraryArn", slots={"key": ("EncryptionConfiguration.KmsKeyId",)}
    ),
    "AWS::Bedrock::Blueprint": Form("blueprint", "BlueprintArn", slots={"key": ("KmsKeyId",)}),
    "AWS::BedrockMantle::Project": Form("mantle-project", "Arn"),
    "AWS::BedrockAgentCore::Runtime": Form(
        "agentcore-runtime",
        "AgentRuntimeArn",
        "RoleArn",
        {"container-image": ("AgentRuntimeArtifact.ContainerConfiguration.ContainerUri",)},
        _runtime,
    ),
    "AWS::BedrockAgentCore::Gateway": Form(
        "agentcore-gateway",
        "GatewayArn",
        "RoleArn",
        {
            "function": ("InterceptorConfigurations[].Interceptor.Lambda.Arn",),
            "policy-engine": ("PolicyEngineConfiguration.Arn",),
            "key": ("KmsKeyArn",),
        },
        _gateway,
    ),
    "AWS::BedrockAgentCore::Memory": Form(
        "agentcore-memory",
        "MemoryArn",
        "MemoryExecutionRoleArn",
        {
            "model": tuple(
                f"{_MEMORY}.{override}.{step}.ModelId"
                for override in ("SemanticOverride", "SummaryOverride", "UserPreferenceOverride", "EpisodicOverride")
                for step in ("Extraction", "Consolidation", "Reflection")
            ),
            "topic": (f"{_MEMORY}.SelfManagedConfiguration.InvocationConfiguration.TopicArn",),
            "stream": ("StreamDeliveryResources.Resources[].Kinesis.DataStreamArn",),
            "key": ("EncryptionKeyArn",),
        },
        _memory,
    ),
    "AWS::BedrockAgentCore::BrowserCustom": Form(
        "agentcore-browser",
        "BrowserArn",
        "ExecutionRoleArn",
        {"secret": ("Certificates[].CertificateLocation.SecretArn",)},
        _browser,
    ),
    "AWS::BedrockAgentCore::CodeInterpreterCustom": Form(
        "agentcore-code-interpreter",
        "CodeInterpreterArn",
        "ExecutionRoleArn",
        {"secret": ("Certificates[].CertificateLocation.SecretArn",)},
    ),
    "AWS::BedrockAgentCore::Evaluator": Form("evaluator", "EvaluatorArn", slots=_EVALUATOR | {"key": ("KmsKeyArn",)}),
    "AWS::BedrockAgentCore::OnlineEvaluationConfig": Form(
        "agentcore-online-evaluation",
        "OnlineEvaluationConfigArn",
        "EvaluationExecutionRoleArn",
        {
            "evaluator": ("Evaluators[].EvaluatorId",),
            "log-group": ("DataSourceConfig.CloudWatchLogs.LogGroupNames[]",),
            "output-log-group": ("OutputConfig.CloudWatchConfig.LogGroupName",),
        },
        _online_evaluation,
    ),
    "AWS::BedrockAgentCore::PolicyEngine": Form(
        "agentcore-policy-engine", "PolicyEngineArn", slots={"key": ("EncryptionKeyArn",)}
    ),
}


def features(stack: Stack, load: ReadTree | None = None) -> list[Feature]:
    """Everything of Bedrock's that the template makes; `load` reads definitions of flows in local files."""
    roles = partial(role_of, stack)
    return shared.features(stack, FORMS, roles) + flows.features(stack, roles, load)
