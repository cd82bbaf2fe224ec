"""What `Ref` and `GetAtt` of a resource come to, in the form that AWS documents; what AWS makes up is a hole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import hole
from bedrock_policy_lint.model.text import Hole, Template, Text, join, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Property = Callable[[str], Text | None]
    Pseudo = Callable[[str], Text]

_ID = "<id>"
_BEDROCK = "arn:<P>:bedrock:<R>:<A>:"
_CORE = "arn:<P>:bedrock-agentcore:<R>:<A>:"
_LAMBDA = "arn:<P>:lambda:<R>:<A>:function:<FunctionName>"
_STATES = "arn:<P>:states:<R>:<A>:stateMachine:"
_VECTORS = "arn:<P>:s3vectors:<R>:<A>:bucket/"
_TABLE = "arn:<P>:dynamodb:<R>:<A>:table/<TableName>"
_REF = ""

FORMS: dict[str, dict[str, str]] = {
    "AWS::IAM::Role": {_REF: "<RoleName>", "Arn": "arn:<P>:iam::<A>:role<Path><RoleName>"},
    "AWS::IAM::User": {_REF: "<UserName>", "Arn": "arn:<P>:iam::<A>:user<Path><UserName>"},
    "AWS::IAM::Group": {_REF: "<GroupName>", "Arn": "arn:<P>:iam::<A>:group<Path><GroupName>"},
    "AWS::IAM::InstanceProfile": {
        _REF: "<InstanceProfileName>",
        "Arn": "arn:<P>:iam::<A>:instance-profile<Path><InstanceProfileName>",
    },
    "AWS::IAM::ManagedPolicy": dict.fromkeys((_REF, "PolicyArn"), "arn:<P>:iam::<A>:policy<Path><ManagedPolicyName>"),
    "AWS::Lambda::Function": {_REF: "<FunctionName>", "Arn": _LAMBDA},
    "AWS::Serverless::Function": {_REF: "<FunctionName>", "Arn": _LAMBDA},
    "AWS::Lambda::Alias": dict.fromkeys((_REF, "AliasArn"), "<function>:<Name>"),
    "AWS::Lambda::Version": {**dict.fromkeys((_REF, "FunctionArn"), "<function>:<.Version>"), "Version": "<.Version>"},
    "AWS::Bedrock::Agent": {_REF: _ID, "AgentId": _ID, "AgentArn": f"{_BEDROCK}agent/<id>"},
    "AWS::Bedrock::AgentAlias": {
        _REF: "<AgentId>|<.AgentAliasId>",
        "AgentAliasArn": f"{_BEDROCK}agent-alias/<AgentId>/<.AgentAliasId>",
    },
    "AWS::Bedrock::KnowledgeBase": {
        _REF: _ID,
        "KnowledgeBaseId": _ID,
        "KnowledgeBaseArn": f"{_BEDROCK}knowledge-base/<id>",
    },
    "AWS::Bedrock::DataSource": {_REF: "<KnowledgeBaseId>|<.DataSourceId>"},
    "AWS::Bedrock::Guardrail": dict.fromkeys((_REF, "GuardrailArn"), f"{_BEDROCK}guardrail/<.GuardrailId>"),
    "AWS::Bedrock::Flow": dict.fromkeys((_REF, "Arn"), f"{_BEDROCK}flow/<.Id>"),
    "AWS::Bedrock::FlowAlias": {"Arn": "<FlowArn>/alias/<.Id>"},
    "AWS::Bedrock::Prompt": dict.fromkeys((_REF, "Arn"), f"{_BEDROCK}prompt/<.Id>"),
    "AWS::Bedrock::PromptVersion": dict.fromkeys((_REF, "Arn"), "<PromptArn>:<.Version>"),
    # What `Ref` gives is `InferenceProfileIdentifier`, of which AWS says only that it is an id or an ARN.
    "AWS::Bedrock::ApplicationInferenceProfile": {
        "InferenceProfileId": "<.InferenceProfileId>",
        "InferenceProfileArn": f"{_BEDROCK}application-inference-profile/<.InferenceProfileId>",
    },
    "AWS::Bedrock::IntelligentPromptRouter": dict.fromkeys(
        (_REF, "PromptRouterArn"), f"{_BEDROCK}prompt-router/<.PromptRouterId>"
    ),
    "AWS::Bedrock::DataAutomationProject": dict.fromkeys(
        (_REF, "ProjectArn"), f"{_BEDROCK}data-automation-project/<.ProjectId>"
    ),
    "AWS::Bedrock::Blueprint": dict.fromkeys((_REF, "BlueprintArn"), f"{_BEDROCK}blueprint/<.BlueprintId>"),
    "AWS::Bedrock::AutomatedReasoningPolicy": dict.fromkeys(
        (_REF, "PolicyArn"), f"{_BEDROCK}automated-reasoning-policy/<.PolicyId>"
    ),
    "AWS::BedrockAgentCore::Runtime": {
        _REF: _ID,
        "AgentRuntimeId": _ID,
        "AgentRuntimeArn": f"{_CORE}runtime/<id>",
    },
    "AWS::BedrockAgentCore::RuntimeEndpoint": dict.fromkeys(
        (_REF, "AgentRuntimeEndpointArn"), f"{_CORE}runtime/<AgentRuntimeId>/runtime-endpoint/<Name>"
    ),
    "AWS::BedrockAgentCore::Gateway": {_REF: _ID, "GatewayIdentifier": _ID, "GatewayArn": f"{_CORE}gateway/<id>"},
    "AWS::BedrockAgentCore::Memory": dict.fromkeys((_REF, "MemoryArn"), f"{_CORE}memory/<.MemoryId>"),
    "AWS::BedrockAgentCore::BrowserCustom": {
        _REF: _ID,
        "BrowserId": _ID,
        "BrowserArn": f"{_CORE}browser-custom/<id>",
    },
    "AWS::BedrockAgentCore::CodeInterpreterCustom": {
        _REF: _ID,
        "CodeInterpreterId": _ID,
        "CodeInterpreterArn": f"{_CORE}code-interpreter-custom/<id>",
    },
    "AWS::BedrockAgentCore::WorkloadIdentity": {
        _REF: "<Name>",
        "WorkloadIdentityArn": f"{_CORE}workload-identity-directory/default/workload-identity/<Name>",
    },
    "AWS::BedrockAgentCore::Evaluator": dict.fromkeys((_REF, "EvaluatorArn"), f"{_CORE}evaluator/<.EvaluatorId>"),
    "AWS::BedrockMantle::Project": dict.fromkeys((_REF, "Arn"), "arn:<P>:bedrock-mantle:<R>:<A>:project/<.Id>"),
    "AWS::S3::Bucket": {_REF: "<BucketName>", "Arn": "arn:<P>:s3:::<BucketName>"},
    "AWS::S3Vectors::VectorBucket": dict.fromkeys((_REF, "VectorBucketArn"), f"{_VECTORS}<VectorBucketName>"),
    "AWS::S3Vectors::Index": dict.fromkeys((_REF, "IndexArn"), "<vectors>/index/<IndexName>"),
    "AWS::KMS::Key": {_REF: _ID, "KeyId": _ID, "Arn": "arn:<P>:kms:<R>:<A>:key/<id>"},
    "AWS::KMS::Alias": {_REF: "<AliasName>"},
    "AWS::SQS::Queue": {"QueueName": "<QueueName>", "Arn": "arn:<P>:sqs:<R>:<A>:<QueueName>"},
    "AWS::SNS::Topic": {
        **dict.fromkeys((_REF, "TopicArn"), "arn:<P>:sns:<R>:<A>:<TopicName>"),
        "TopicName": "<TopicName>",
    },
    "AWS::DynamoDB::Table": {_REF: "<TableName>", "Arn": _TABLE, "StreamArn": f"{_TABLE}/stream/<.StreamLabel>"},
    "AWS::DynamoDB::GlobalTable": {_REF: "<TableName>", "Arn": _TABLE},
    "AWS::Serverless::SimpleTable": {_REF: "<TableName>", "Arn": _TABLE},
    "AWS::OpenSearchServerless::Collection": {_REF: _ID, "Id": _ID, "Arn": "arn:<P>:aoss:<R>:<A>:collection/<id>"},
    "AWS::SecretsManager::Secret": dict.fromkeys((_REF, "Id"), "arn:<P>:secretsmanager:<R>:<A>:secret:<Name-><id>"),
    "AWS::Logs::LogGroup": {_REF: "<LogGroupName>", "Arn": "arn:<P>:logs:<R>:<A>:log-group:<LogGroupName>:*"},
    "AWS::StepFunctions::StateMachine": {
        **dict.fromkeys((_REF, "Arn"), f"{_STATES}<StateMachineName>"),
        "Name": "<StateMachineName>",
    },
    "AWS::Serverless::StateMachine": {**dict.fromkeys((_REF, "Arn"), f"{_STATES}<Name>"), "Name": "<Name>"},
    "AWS::ECS::Cluster": {_REF: "<ClusterName>", "Arn": "arn:<P>:ecs:<R>:<A>:cluster/<ClusterName>"},
    "AWS::ECS::TaskDefinition": dict.fromkeys(
        (_REF, "TaskDefinitionArn"), "arn:<P>:ecs:<R>:<A>:task-definition/<Family>:<.Revision>"
    ),
    "AWS::ECR::Repository": {_REF: "<RepositoryName>", "Arn": "arn:<P>:ecr:<R>:<A>:repository/<RepositoryName>"},
    "AWS::SSM::Parameter": {_REF: "<Name>"},
}
"""By type and attribute, the empty one for `Ref`. `<P>`, `<R>` and `<A>` are partition, Region and account; `<id>` is
what AWS makes up and `Ref` gives; `<.Id>` an attribute that AWS makes up; another name is that of a property, without
which AWS makes up a name. (AWS CloudFormation Template Reference, "Return values" of each type.)"""

_token = re.compile(r"<([^>]*)>")
_PSEUDO = {"P": "AWS::Partition", "R": "AWS::Region", "A": "AWS::AccountId"}


def known(kind: str) -> tuple[str, ...]:
    """The attributes of a type whose form is known; an empty one for `Ref`."""
    return tuple(FORMS.get(kind, ()))


def attribute(kind: str, logical: str, name: str, read: Property, pseudo: Pseudo) -> Text:
    """What `Ref`, or `GetAtt` of an attribute, of a resource comes to."""
    form = FORMS.get(kind, {}).get(name)
    if form is None:
        return Template((hole(f"{logical}.{name}" if name else logical),))
    parts: list[str | Hole] = []
    for at, token in enumerate(_token.split(form)):
        found = _filled(token, logical, read, pseudo) if at % 2 else token
        parts.extend(parts_of(found))
    return join(parts)


def _filled(token: str, logical: str, read: Property, pseudo: Pseudo) -> Text:
    if token in _PSEUDO:
        return pseudo(_PSEUDO[token])
    if token in _OTHERS:
        return _OTHERS[token](logical, read, pseudo)
    if token.startswith("."):
        return Template((hole(logical + token),))
    if token.endswith("-"):
        prefix = read(token[:-1])
        return join([*parts_of(prefix), "-"]) if prefix else ""
    return read(token) or Template((hole(logical),))


def _id(logical: str, read: Property, pseudo: Pseudo) -> Text:
    return Template((hole(logical),))


def _path(logical: str, read: Property, pseudo: Pseudo) -> Text:
    return read("Path") or "/"


def _function(logical: str, read: Property, pseudo: Pseudo) -> Text:
    name = read("FunctionName") or Template((hole(f"{logical}.FunctionName"),))
    return _arn(name, _LAMBDA.removesuffix("<FunctionName>"), pseudo)


def _vectors(logical: str, read: Property, pseudo: Pseudo) -> Text:
    name = read("VectorBucketName") or Template((hole(f"{logical}.VectorBucketName"),))
    return read("VectorBucketArn") or _arn(name, _VECTORS, pseudo)


_OTHERS: dict[str, Callable[[str, Property, Pseudo], Text]] = {
    "id": _id,
    "Path": _path,
    "function": _function,
    "vectors": _vectors,
}


def _arn(name: Text, before: str, pseudo: Pseudo) -> Text:
    """The ARN of what a property names by its name or ARN; one that begins with a hole is taken for a name."""
    first = parts_of(name)[0]
    if isinstance(first, str) and first.startswith("arn:"):
        return name
    parts: list[str | Hole] = []
    for at, token in enumerate(_token.split(before)):
        parts.extend(parts_of(pseudo(_PSEUDO[token])) if at % 2 else (token,))
    return join([*parts, *parts_of(name)])
