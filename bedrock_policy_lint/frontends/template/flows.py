"""Flows: what the nodes of a definition call with the flow's role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Feature
from bedrock_policy_lint.frontends.buckets import bucket_address
from bedrock_policy_lint.frontends.places import below, text_at, texts
from bedrock_policy_lint.frontends.template.definitions import definition, substituted, substitutions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.places import ReadTree
    from bedrock_policy_lint.frontends.resources import AnyResources, Resource, RoleOf
    from bedrock_policy_lint.sources.node import Node

_SLOTS = {
    "model": ("Prompt.SourceConfiguration.Inline.ModelId", "KnowledgeBase.ModelId"),
    "rerank-model": ("KnowledgeBase.RerankingConfiguration.BedrockRerankingConfiguration.ModelConfiguration.ModelArn",),
    "prompt": ("Prompt.SourceConfiguration.Resource.PromptArn",),
    "knowledge-base": ("KnowledgeBase.KnowledgeBaseId",),
    "agent-alias": ("Agent.AgentAliasArn",),
    "guardrail": (
        "Prompt.GuardrailConfiguration.GuardrailIdentifier",
        "KnowledgeBase.GuardrailConfiguration.GuardrailIdentifier",
    ),
    "function": ("LambdaFunction.LambdaArn",),
    "bot": ("Lex.BotAliasArn",),
    "input-bucket": ("Retrieval.ServiceConfiguration.S3.BucketName",),
    "output-bucket": ("Storage.ServiceConfiguration.S3.BucketName",),
}
"""What the configuration of a node names, by paths."""


def features(resources: AnyResources, role_of: RoleOf, load: ReadTree | None = None) -> list[Feature]:
    """Every flow; `load` reads definitions in local files."""
    return [_flow(resources, component, role_of, load) for component in resources.components("AWS::Bedrock::Flow")]


def _flow(resources: AnyResources, component: Resource, role_of: RoleOf, load: ReadTree | None) -> Feature:
    arn = resources.attribute(component, "Arn")
    root = definition(resources, component, load, "DefinitionS3Location")
    values = substitutions(component)
    slots: dict[str, list[Node]] = {}
    for configuration in _configurations(root) if root is not None else ():
        for slot, paths in _SLOTS.items():
            for node in texts(found for path in paths for found in below(configuration, path, lenient=True)):
                filled = substituted(node, values)
                slots.setdefault(slot, []).append(bucket_address(filled) if "bucket" in slot else filled)
    slots["bucket"] = slots.get("input-bucket", []) + slots.get("output-bucket", [])
    key = text_at(component, "CustomerEncryptionKeyArn")
    slots["key"] = [key] if key is not None else []
    role_node = text_at(component, "ExecutionRoleArn")
    return Feature(
        "flow",
        component.name,
        component.node,
        role_of(role_node),
        role_node,
        {slot: texts(nodes) for slot, nodes in slots.items() if texts(nodes)},
        arn,
    )


def _configurations(root: Node) -> Iterator[Node]:
    """The configurations of the nodes, those in the bodies of loops included.

    In a definition that is a JSON text, as the API takes it, names begin with a small letter.
    """
    waiting = [root]
    while waiting:
        part = waiting.pop()
        for configuration in below(part, "Nodes[].Configuration", lenient=True):
            yield configuration
            waiting += below(configuration, "Loop.Definition", lenient=True)
