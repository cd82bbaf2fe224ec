"""The policies that a configuration attaches to resources: buckets, keys, secrets, functions, endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.layers import ResourcePolicy
from bedrock_policy_lint.deployment.deployment import AccessPolicy, Permission
from bedrock_policy_lint.frontends.access_policies import grants
from bedrock_policy_lint.frontends.template.computed import text_of
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Template, is_text, join, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration
    from bedrock_policy_lint.frontends.terraform.policies import Policies
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_RESOURCE = Attachment("resource", True)


class _Form(NamedTuple):
    """How a type of resource holds a policy."""

    document: str
    """The argument with the document."""
    target: str = ""
    """The argument that names what it is attached to; empty when that is the resource itself."""
    owners: tuple[str, ...] = ()
    """The types of what that can be."""


_BUCKETS = ("aws_s3_bucket", "awscc_s3_bucket")
_KEYS = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "awscc_kms_key")
_SECRETS = ("aws_secretsmanager_secret", "awscc_secretsmanager_secret")
_TOPICS, _QUEUES = ("aws_sns_topic",), ("aws_sqs_queue",)
_VECTOR_BUCKETS = ("aws_s3vectors_vector_bucket", "awscc_s3vectors_vector_bucket")

_FORMS = {
    "aws_ecr_repository_policy": _Form("policy", "repository", ("aws_ecr_repository",)),
    "aws_kms_external_key": _Form("policy"),
    "aws_kms_key": _Form("policy"),
    "aws_kms_key_policy": _Form("policy", "key_id", _KEYS),
    "aws_kms_replica_key": _Form("policy"),
    "aws_opensearch_domain": _Form("access_policies"),
    "aws_opensearch_domain_policy": _Form("access_policies", "domain_name", ("aws_opensearch_domain",)),
    "aws_s3_bucket": _Form("policy"),
    "aws_s3_bucket_policy": _Form("policy", "bucket", _BUCKETS),
    "aws_s3vectors_vector_bucket_policy": _Form("policy", "vector_bucket_arn", _VECTOR_BUCKETS),
    "aws_secretsmanager_secret": _Form("policy"),
    "aws_secretsmanager_secret_policy": _Form("policy", "secret_arn", _SECRETS),
    "aws_sns_topic": _Form("policy"),
    "aws_sns_topic_policy": _Form("policy", "arn", _TOPICS),
    "aws_sqs_queue": _Form("policy"),
    "aws_sqs_queue_policy": _Form("policy", "queue_url", _QUEUES),
    "awscc_bedrock_resource_policy": _Form("policy_document", "resource_arn"),
    "awscc_kms_key": _Form("key_policy"),
    "awscc_s3_bucket_policy": _Form("policy_document", "bucket", _BUCKETS),
    "awscc_secretsmanager_resource_policy": _Form("resource_policy", "secret_id", _SECRETS),
}
_LOGS = "aws_cloudwatch_log_resource_policy"
_HOLDERS = ("aws_s3_bucket", "aws_s3_bucket_policy", "aws_s3vectors_vector_bucket_policy", "awscc_s3_bucket_policy")
"""Policies that hold for all that lies in what they are attached to as well."""
_ARNS = {"awscc_s3vectors_vector_bucket": "vector_bucket_arn", "aws_s3vectors_vector_bucket": "vector_bucket_arn"}
"""Where the ARN of a resource is no attribute `arn`."""

_FUNCTIONS = ("aws_lambda_function", "awscc_lambda_function")
_PERMISSIONS = ("aws_lambda_permission", "awscc_lambda_permission")
_INVOKES = ("lambda:InvokeFunction", "lambda:*", "*")


def resource_policies(configuration: Configuration, policies: Policies) -> list[ResourcePolicy]:
    """Every policy of a resource whose ARN can be told; the others are read all the same."""
    found: list[ResourcePolicy] = []
    for component in configuration.components(*_FORMS):
        form = _FORMS[component.type]
        policy = policies.read(component.get(form.document), _RESOURCE)
        arn = _target(configuration, component, form) if policy is not None else None
        if policy is not None and arn is not None:
            found.append(ResourcePolicy(arn, policy))
            if component.type in _HOLDERS:
                found.append(ResourcePolicy(join([*parts_of(arn), "/*"]), policy))
    for component in configuration.components(_LOGS):
        policies.read(component.get("policy_document"), _RESOURCE)
    return found


def permissions(configuration: Configuration) -> list[Permission]:
    """Who may invoke which function, as far as permissions are resources of their own."""
    return list(_permissions(configuration))


def access_policies(configuration: Configuration) -> list[AccessPolicy]:
    """The data access policies of OpenSearch Serverless."""
    found = []
    for component in configuration.components("aws_opensearchserverless_access_policy"):
        node = component.get("policy")
        tree = configuration.embedded(node) if node is not None and is_text(node) else None
        found.append(AccessPolicy(component.name, component.node, grants(tree)))
    return found


def _permissions(configuration: Configuration) -> Iterator[Permission]:
    for component in configuration.components(*_PERMISSIONS):
        function, principal, action = (component.get(name) for name in ("function_name", "principal", "action"))
        if function is None or principal is None or not is_text(principal):
            continue
        if action is not None and (isinstance(action.value, Template) or action.value in _INVOKES):
            source_arn, account = _text(component.get("source_arn")), _text(component.get("source_account"))
            yield Permission(_function(configuration, function), principal.value, component.node, source_arn, account)


def _target(configuration: Configuration, component: Component, form: _Form) -> Text | None:
    if not form.target:
        return configuration.attribute(component, _ARNS.get(component.type, "arn"))
    node = component.get(form.target)
    if node is None or not is_text(node):
        return None
    owner = configuration.owner(node, *form.owners) if form.owners else None
    if owner is not None:
        return configuration.attribute(owner, _ARNS.get(owner.type, "arn"))
    if str(node.value).startswith("arn:"):
        return text_of(node)
    if form.owners == _BUCKETS:
        partition = configuration.place("AWS::Partition", component)
        return join(["arn:", *parts_of(partition), ":s3:::", *parts_of(node.value)])
    return None


def _function(configuration: Configuration, node: Node) -> Text:
    owner = configuration.owner(node, *_FUNCTIONS)
    return configuration.attribute(owner, "arn") if owner is not None else _text(node)


def _text(node: Node | None) -> Text:
    return (text_of(node) or "") if node is not None else ""
