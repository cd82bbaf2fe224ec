"""The policies that a template attaches to resources: buckets, keys, secrets, functions, what Bedrock shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.layers import ResourcePolicy
from bedrock_policy_lint.deployment.deployment import AccessPolicy, Permission
from bedrock_policy_lint.frontends.access_policies import grants
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Hole, Template, is_text, join, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.template.policies import Policies
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_RESOURCE = Attachment("resource", True)


class _Form(NamedTuple):
    """How a type of resource holds a policy."""

    document: str
    """The property with the document."""
    targets: tuple[str, ...] = ()
    """The properties that name what it is attached to; none when that is the resource itself."""


_FORMS = {
    "AWS::Bedrock::ResourcePolicy": _Form("PolicyDocument", ("ResourceArn",)),
    "AWS::ECR::Repository": _Form("RepositoryPolicyText"),
    "AWS::KMS::Key": _Form("KeyPolicy"),
    "AWS::KMS::ReplicaKey": _Form("KeyPolicy"),
    "AWS::Lambda::ResourcePolicy": _Form("PolicyDocument", ("ResourceArn",)),
    "AWS::Logs::LogGroup": _Form("ResourcePolicyDocument"),
    "AWS::OpenSearchService::Domain": _Form("AccessPolicies"),
    "AWS::S3::BucketPolicy": _Form("PolicyDocument", ("Bucket",)),
    "AWS::S3Vectors::VectorBucketPolicy": _Form("Policy", ("VectorBucketArn", "VectorBucketName")),
    "AWS::SNS::TopicInlinePolicy": _Form("PolicyDocument", ("TopicArn",)),
    "AWS::SNS::TopicPolicy": _Form("PolicyDocument", ("Topics",)),
    "AWS::SQS::QueueInlinePolicy": _Form("PolicyDocument", ("Queue",)),
    "AWS::SQS::QueuePolicy": _Form("PolicyDocument", ("Queues",)),
    "AWS::SecretsManager::ResourcePolicy": _Form("ResourcePolicy", ("SecretId",)),
}
_HOLDERS = ("AWS::S3::BucketPolicy", "AWS::S3Vectors::VectorBucketPolicy")
"""Policies that hold for all that lies in what they are attached to as well."""
_INVOKES = ("lambda:InvokeFunction", "lambda:*", "*")


def resource_policies(stack: Stack, policies: Policies) -> list[ResourcePolicy]:
    """Every policy of a resource whose ARN can be told; the others are read all the same."""
    found: list[ResourcePolicy] = []
    for component in stack.components(*_FORMS, "AWS::Logs::ResourcePolicy"):
        form = _FORMS.get(component.type, _Form("PolicyDocument"))
        policy = policies.read(component.get(form.document), _RESOURCE)
        if policy is not None and component.type in _FORMS:
            for arn in _targets(stack, component, form):
                found.append(ResourcePolicy(arn, policy))
                if component.type in _HOLDERS:
                    found.append(ResourcePolicy(join([*parts_of(arn), "/*"]), policy))
    return found


def permissions(stack: Stack) -> list[Permission]:
    """Who may invoke which function, as far as permissions are resources of their own."""
    return [
        Permission(
            _function(stack, function),
            principal.value,
            component.node,
            _text(component.get("SourceArn")),
            _text(component.get("SourceAccount")),
        )
        for component in stack.components("AWS::Lambda::Permission")
        if (function := component.get("FunctionName")) is not None
        and (principal := component.get("Principal")) is not None
        and is_text(principal)
        and _may_invoke(component)
    ]


def access_policies(stack: Stack) -> list[AccessPolicy]:
    """The data access policies of OpenSearch Serverless."""
    return [
        AccessPolicy(
            component.name, component.node, grants(stack.embedded(node) if node is not None and is_text(node) else None)
        )
        for component in stack.components("AWS::OpenSearchServerless::AccessPolicy")
        for node in (component.get("Policy"),)
    ]


def _targets(stack: Stack, component: Component, form: _Form) -> Iterator[Text]:
    if not form.targets:
        yield stack.attribute(component, "Arn")
    for name in form.targets:
        for node in component.items(name):
            owner = stack.owner(node)
            if owner is not None:
                yield stack.attribute(owner, _ARNS.get(owner.type, "Arn"))
            elif is_text(node) and str(node.value).startswith("arn:"):
                yield node.value
            elif is_text(node) and name == "Bucket":
                yield _bucket_arn(stack, node.value)


_ARNS = {
    "AWS::SNS::Topic": "TopicArn",
    "AWS::S3Vectors::VectorBucket": "VectorBucketArn",
    "AWS::SecretsManager::Secret": "",
}
"""Where the ARN of a resource is no attribute `Arn`; empty where `Ref` gives it."""


def _bucket_arn(stack: Stack, name: Text) -> Text:
    partition = stack.catalog.partition_of(stack.world.region) or Hole("AWS::Partition", "${AWS::Partition}")
    return join(["arn:", partition, ":s3:::", *parts_of(name)])


def _text(node: Node | None) -> Text:
    if node is None or isinstance(node.value, list | None):
        return ""
    return node.value if isinstance(node.value, Template) else str(node.value)


def _function(stack: Stack, node: Node) -> Text:
    owner = stack.owner(node)
    is_function = owner is not None and owner.type in ("AWS::Lambda::Function", "AWS::Serverless::Function")
    return stack.attribute(owner, "Arn") if owner is not None and is_function else _text(node)


def _may_invoke(component: Component) -> bool:
    action = component.get("Action")
    return action is not None and (isinstance(action.value, Template) or action.value in _INVOKES)
