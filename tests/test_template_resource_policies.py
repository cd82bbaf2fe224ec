"""The policies that a template attaches to resources, and who may invoke its functions."""

from __future__ import annotations

import pytest
from stacks import open_text

from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.template.policies import Policies
from bedrock_policy_lint.frontends.template.resource_policies import access_policies, permissions, resource_policies

STATEMENT = '{Effect: Allow, Principal: {Service: bedrock.amazonaws.com}, Action: "*", Resource: "*"}'
DOCUMENT = f"{{Version: '2012-10-17', Statement: [{STATEMENT}]}}"


@pytest.mark.parametrize(
    ("resource", "arns"),
    [
        (f"Type: AWS::S3::BucketPolicy, Properties: {{Bucket: logs, PolicyDocument: {DOCUMENT}}}",
         ["arn:${AWS::Partition}:s3:::logs", "arn:${AWS::Partition}:s3:::logs/*"]),
        (f"Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref Logs, PolicyDocument: {DOCUMENT}}}",
         ["arn:${AWS::Partition}:s3:::${Logs}", "arn:${AWS::Partition}:s3:::${Logs}/*"]),
        (f"Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref Docs, PolicyDocument: {DOCUMENT}}}",
         ["arn:${AWS::Partition}:s3:::${Docs}", "arn:${AWS::Partition}:s3:::${Docs}/*"]),
        (f"Type: AWS::KMS::Key, Properties: {{KeyPolicy: {DOCUMENT}}}",
         ["arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${It}"]),
        (f"Type: AWS::SNS::TopicPolicy, Properties: {{Topics: [!Ref One, !Ref Two], PolicyDocument: {DOCUMENT}}}",
         ["arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${One}"]),
        (f"Type: AWS::SecretsManager::ResourcePolicy, Properties: {{SecretId: !Ref Login, ResourcePolicy: {DOCUMENT}}}",
         ["arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Login}"]),
        (f"Type: AWS::Bedrock::ResourcePolicy, Properties: "
         f"{{ResourceArn: 'arn:aws:bedrock:us-east-1:111122223333:guardrail/g', PolicyDocument: {DOCUMENT}}}",
         ["arn:aws:bedrock:us-east-1:111122223333:guardrail/g"]),
        (f"Type: AWS::Logs::ResourcePolicy, Properties: {{PolicyDocument: {DOCUMENT}}}", []),
    ],
)  # fmt: skip
def test_what_a_policy_is_attached_to(resource: str, arns: list[str]) -> None:
    stack = open_text(f"""
Resources:
  It: {{{resource}}}
  Docs: {{Type: AWS::S3::Bucket}}
  One: {{Type: AWS::SNS::Topic}}
  Login: {{Type: AWS::SecretsManager::Secret}}
""")
    found = resource_policies(stack, Policies(stack))
    assert [str(entry.resource) for entry in found] == arns
    (policy,) = stack.document.policies
    assert policy.attachment == ("resource", True, "")
    assert policy.node.source.text[policy.node.start : policy.node.end] == DOCUMENT
    assert all(entry.policy is policy for entry in found)
    assert stack.document.defects == []


def test_where_the_region_is_known_the_partition_is() -> None:
    text = f"""
Resources:
  It: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: logs, PolicyDocument: {DOCUMENT}}}}}
"""
    stack = open_text(text, World("us-gov-west-1"))
    bucket, objects = resource_policies(stack, Policies(stack))
    assert (bucket.resource, objects.resource) == ("arn:aws-us-gov:s3:::logs", "arn:aws-us-gov:s3:::logs/*")


def test_who_may_invoke_a_function() -> None:
    stack = open_text("""
Resources:
  Tool: {Type: AWS::Lambda::Function}
  Agents:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Tool
      Principal: bedrock.amazonaws.com
      SourceArn: !Sub arn:aws:bedrock:us-east-1:${AWS::AccountId}:agent/*
      SourceAccount: 111122223333
  Elsewhere:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:*", FunctionName: other, Principal: !Ref Who}
  Url:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunctionUrl, FunctionName: !Ref Tool, Principal: "*"}
  Broken:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: [], Principal: []}
""")
    agents, elsewhere = permissions(stack)
    tool = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Tool}"
    assert (str(agents.function), agents.principal) == (tool, "bedrock.amazonaws.com")
    assert str(agents.source_arn) == "arn:aws:bedrock:us-east-1:${AWS::AccountId}:agent/*"
    assert agents.source_account == "111122223333"
    assert agents.node.value == "Agents"
    assert (elsewhere.function, str(elsewhere.principal), elsewhere.source_arn) == ("other", "${Who}", "")


def test_who_may_read_a_collection() -> None:
    stack = open_text("""
Resources:
  Access:
    Type: AWS::OpenSearchServerless::AccessPolicy
    Properties:
      Policy: '[{"Rules": [{"ResourceType": "index", "Resource": ["index/docs/*"], "Permission": ["aoss:*"]},
        {"ResourceType": "collection", "Resource": ["collection/docs"], "Permission": ["aoss:ReadDocument"]}],
        "Principal": ["arn:aws:iam::111122223333:role/kb"]}]'
  Unknown:
    Type: AWS::OpenSearchServerless::AccessPolicy
    Properties: {Policy: !Ref Text}
""")
    access, unknown = access_policies(stack)
    assert unknown.grants is None
    assert access.grants is not None
    index, collection = access.grants
    assert (index.kind, [node.value for node in index.resources]) == ("index", ["index/docs/*"])
    assert [node.value for node in collection.permissions] == ["aoss:ReadDocument"]
    (principal,) = index.principals
    span = principal.source.in_file(principal.start, principal.end)
    assert span.source.text[span.start : span.end] == '"arn:aws:iam::111122223333:role/kb"'
