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

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Feature
from bedrock_policy_lint.frontends.template import flows, knowledge
from bedrock_policy_lint.frontends.template.buckets import bucket_address
from bedrock_policy_lint.frontends.template.places import find, text_at, text_below, texts
from bedrock_policy_lint.frontends.template.role_names import role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bedrock_policy_lint.frontends.template.places import ReadTree
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.sources.node import Node

    More = Callable[[Stack, Component], dict[str, list[Node]]]
    """Slots that no path tells."""


class _Form(NamedTuple):
    """How a type of resource becomes a feature; paths are those of `places`."""

    kind: str
    arn: str
    """The attribute that is its ARN; empty where `Ref` gives it, or where it has none."""
    role: str = ""
    slots: Mapping[str, tuple[str, ...]] = {}
    more: More | None = None


# What takes more than a path


def _agent(stack: Stack, agent: Component) -> dict[str, list[Node]]:
    places = find(agent, "ActionGroups[ActionGroupState!=DISABLED].ApiSchema.S3")
    found: dict[str, list[Node]] = {"schema-bucket": _objects(places, "S3BucketName", "S3ObjectKey")}
    if _value(agent, "AgentCollaboration") != "DISABLED":
        found["collaborator"] = find(agent, "AgentCollaborators[].AgentDescriptor.AliasArn")
    return found


def _prompt(stack: Stack, prompt: Component) -> dict[str, list[Node]]:
    places = find(prompt, "Variants[].TemplateConfiguration.Text.TextS3Location")
    return {"text-bucket": _objects(places, "Bucket", "Key")}


def _runtime(stack: Stack, runtime: Component) -> dict[str, list[Node]]:
    places = find(runtime, "AgentRuntimeArtifact.CodeConfiguration.Code.S3")
    return {"code-bucket": _objects(places, "Bucket", "Prefix")}


def _browser(stack: Stack, browser: Component) -> dict[str, list[Node]]:
    if _value(browser, "RecordingConfig", "Enabled") in (None, False, "false"):
        return {}
    return {"recording-bucket": _objects(find(browser, "RecordingConfig.S3Location"), "Bucket", "Prefix")}


def _memory(stack: Stack, memory: Component) -> dict[str, list[Node]]:
    delivered = "MemoryStrategies[].CustomMemoryStrategy.Configuration.SelfManagedConfiguration.InvocationConfiguration"
    return {"output-bucket": _objects(find(memory, delivered), "PayloadDeliveryBucketName")}


_SCHEMAS = ("OpenApiSchema.S3.Uri", "SmithyModel.S3.Uri", "Lambda.ToolSchema.S3.Uri")


def _gateway(stack: Stack, gateway: Component) -> dict[str, list[Node]]:
    """What its targets ask of it: they work with the gateway's role."""
    found: dict[str, list[Node]] = {"target": [], "function": [], "schema-bucket": [], "credential-provider": []}
    for target in stack.components("AWS::BedrockAgentCore::GatewayTarget"):
        named = text_at(target, "GatewayIdentifier")
        owner = stack.owner(named, gateway.type) if named is not None else None
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


def _online_evaluation(stack: Stack, evaluation: Component) -> dict[str, list[Node]]:
    """What its evaluators ask for, as far as they are declared beside it: they work with its role."""
    found: dict[str, list[Node]] = {"model": [], "function": []}
    for named in texts(find(evaluation, "Evaluators[].EvaluatorId")):
        owner = stack.owner(named, "AWS::BedrockAgentCore::Evaluator")
        if owner is not None:
            for slot in found:
                found[slot] += find(owner, *_EVALUATOR[slot])
    return found


def _value(component: Component, *path: str) -> object:
    """The value of a property; None when it is absent."""
    node = component.get(*path)
    return None if node is None else node.value


def _objects(places: Iterable[Node], bucket: str, key: str = "") -> list[Node]:
    """The addresses of what lies in buckets that are given by name, each with a key or prefix."""
    return [
        bucket_address(name, text_below(place, key) if key else None)
        for place in places
        if (name := text_below(place, bucket)) is not None
    ]


# The table

_GROUPS = "ActionGroups[ActionGroupState!=DISABLED]"
_OVERRIDES = "PromptOverrideConfiguration.PromptConfigurations[PromptState!=DISABLED]"
_MEMORY = "MemoryStrategies[].CustomMemoryStrategy.Configuration"
_EVALUATOR = {
    "model": ("EvaluatorConfig.LlmAsAJudge.ModelConfig.BedrockEvaluatorModelConfig.ModelId",),
    "function": ("EvaluatorConfig.CodeBased.LambdaConfig.LambdaArn",),
}
_FORMS = {
    "AWS::Bedrock::Agent": _Form(
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
    "AWS::Bedrock::AgentAlias": _Form("agent-alias", "AgentAliasArn", slots={"agent": ("AgentId",)}),
    "AWS::Bedrock::KnowledgeBase": _Form(
        "knowledge-base", "KnowledgeBaseArn", "RoleArn", knowledge.SLOTS, knowledge.base
    ),
    "AWS::Bedrock::DataSource": _Form("data-source", "", slots=knowledge.SOURCE_SLOTS, more=knowledge.source),
    "AWS::Bedrock::FlowAlias": _Form("flow-alias", "Arn", slots={"flow": ("FlowArn",)}),
    "AWS::Bedrock::Prompt": _Form(
        "prompt",
        "Arn",
        slots={
            "model": ("Variants[].ModelId",),
            "agent-alias": ("Variants[].GenAiResource.Agent.AgentIdentifier",),
            "key": ("CustomerEncryptionKeyArn",),
        },
        more=_prompt,
    ),
    "AWS::Bedrock::PromptVersion": _Form("prompt-version", "Arn", slots={"prompt": ("PromptArn",)}),
    "AWS::Bedrock::IntelligentPromptRouter": _Form(
        "prompt-router",
        "PromptRouterArn",
        slots={"model": ("Models[].ModelArn",), "fallback-model": ("FallbackModel.ModelArn",)},
    ),
    "AWS::Bedrock::Guardrail": _Form(
        "guardrail",
        "GuardrailArn",
        slots={
            "profile": ("CrossRegionConfig.GuardrailProfileArn",),
            "reasoning-policy": ("AutomatedReasoningPolicyConfig.Policies[]",),
            "key": ("KmsKeyArn",),
        },
    ),
    "AWS::Bedrock::EnforcedGuardrailConfiguration": _Form(
        "enforced-guardrail", "", slots={"guardrail": ("GuardrailIdentifier",)}
    ),
    "AWS::Bedrock::AutomatedReasoningPolicy": _Form("reasoning-policy", "PolicyArn", slots={"key": ("KmsKeyId",)}),
    "AWS::Bedrock::ApplicationInferenceProfile": _Form(
        "application-inference-profile", "InferenceProfileArn", slots={"source": ("ModelSource.CopyFrom",)}
    ),
    "AWS::Bedrock::DataAutomationProject": _Form(
        "data-automation-project",
        "ProjectArn",
        slots={"blueprint": ("CustomOutputConfiguration.Blueprints[].BlueprintArn",), "key": ("KmsKeyId",)},
    ),
    "AWS::Bedrock::DataAutomationLibrary": _Form(
        "data-automation-library", "LibraryArn", slots={"key": ("EncryptionConfiguration.KmsKeyId",)}
    ),
    "AWS::Bedrock::Blueprint": _Form("blueprint", "BlueprintArn", slots={"key": ("KmsKeyId",)}),
    "AWS::BedrockMantle::Project": _Form("mantle-project", "Arn"),
    "AWS::BedrockAgentCore::Runtime": _Form(
        "agentcore-runtime",
        "AgentRuntimeArn",
        "RoleArn",
        {"container-image": ("AgentRuntimeArtifact.ContainerConfiguration.ContainerUri",)},
        _runtime,
    ),
    "AWS::BedrockAgentCore::Gateway": _Form(
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
    "AWS::BedrockAgentCore::Memory": _Form(
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
    "AWS::BedrockAgentCore::BrowserCustom": _Form(
        "agentcore-browser",
        "BrowserArn",
        "ExecutionRoleArn",
        {"secret": ("Certificates[].CertificateLocation.SecretArn",)},
        _browser,
    ),
    "AWS::BedrockAgentCore::CodeInterpreterCustom": _Form(
        "agentcore-code-interpreter",
        "CodeInterpreterArn",
        "ExecutionRoleArn",
        {"secret": ("Certificates[].CertificateLocation.SecretArn",)},
    ),
    "AWS::BedrockAgentCore::Evaluator": _Form("evaluator", "EvaluatorArn", slots=_EVALUATOR | {"key": ("KmsKeyArn",)}),
    "AWS::BedrockAgentCore::OnlineEvaluationConfig": _Form(
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
    "AWS::BedrockAgentCore::PolicyEngine": _Form(
        "agentcore-policy-engine", "PolicyEngineArn", slots={"key": ("EncryptionKeyArn",)}
    ),
}


def features(stack: Stack, load: ReadTree | None = None) -> list[Feature]:
    """Everything of Bedrock's that the template makes; `load` reads definitions of flows in local files."""
    found = [_feature(stack, component, _FORMS[component.type]) for component in stack.components(*_FORMS)]
    return found + flows.features(stack, load)


def _feature(stack: Stack, component: Component, form: _Form) -> Feature:
    slots = {slot: [node for path in paths for node in find(component, path)] for slot, paths in form.slots.items()}
    for slot, nodes in form.more(stack, component).items() if form.more else ():
        slots.setdefault(slot, []).extend(nodes)
    role_node = text_at(component, form.role) if form.role else _borrowed(stack, component)
    return Feature(
        form.kind,
        component.name,
        component.node,
        role_of(stack, role_node),
        role_node,
        {slot: texts(nodes) for slot, nodes in slots.items() if texts(nodes)},
        stack.attribute(component, form.arn) if form.arn else "",
    )


def _borrowed(stack: Stack, component: Component) -> Node | None:
    """The role of the knowledge base that a data source fills."""
    base = knowledge.base_of(stack, component)
    return text_at(base, "RoleArn") if base is not None else None
