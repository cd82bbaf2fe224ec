"""No data access policy names the role of a knowledge base that works on a collection.

## What it finds

A knowledge base with a role and a collection of OpenSearch Serverless, all three in the template, together with data
access policies none of which names the role.

A template without any data access policy is left alone: the policy lies elsewhere then. So is one with a policy that is
not known, or that names somebody who may be the role. For a role with a name of its own, which a policy elsewhere may
know, the finding is a possible one.

## Why it matters

OpenSearch Serverless asks twice: `aoss:APIAccessAll` of the role's own policies, and a data access policy of the
collection. Without the latter the knowledge base cannot be created: "The knowledge base storage configuration provided
is invalid ... Bad Authorization".

## How to fix it

Name the role's ARN as a `Principal` of a data access policy that allows to describe the index and to read and write its
documents.

## Examples

```yaml bad
Resources:
  BaseRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal:
            Service: bedrock.amazonaws.com
          Action: sts:AssumeRole
          Condition:
            StringEquals:
              aws:SourceAccount: !Ref AWS::AccountId
      Policies:
        - PolicyName: work
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:InvokeModel
                Resource:
                  - !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.titan-embed-text-v2:0
              - Effect: Allow
                Action: aoss:APIAccessAll
                Resource: !GetAtt Collection.Arn
  IndexerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
  Collection:
    Type: AWS::OpenSearchServerless::Collection
    Properties:
      Name: docs
      Type: VECTORSEARCH
  Access:
    Type: AWS::OpenSearchServerless::AccessPolicy
    Properties:
      Name: docs
      Type: data
      Policy: !Sub >-
        [{"Rules": [{"ResourceType": "index", "Resource": ["index/docs/*"], "Permission": ["aoss:*"]}],
        "Principal": ["${IndexerRole.Arn}"]}]
  Base:
    Type: AWS::Bedrock::KnowledgeBase
    Properties:
      Name: docs
      RoleArn: !GetAtt BaseRole.Arn
      KnowledgeBaseConfiguration:
        Type: VECTOR
        VectorKnowledgeBaseConfiguration:
          EmbeddingModelArn:
            Fn::Sub: arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.titan-embed-text-v2:0
      StorageConfiguration:
        Type: OPENSEARCH_SERVERLESS
        OpensearchServerlessConfiguration:
          CollectionArn: !GetAtt «Collection.Arn»
          VectorIndexName: docs
          FieldMapping:
            VectorField: vector
            TextField: text
            MetadataField: metadata
```

```yaml good
Resources:
  BaseRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal:
            Service: bedrock.amazonaws.com
          Action: sts:AssumeRole
          Condition:
            StringEquals:
              aws:SourceAccount: !Ref AWS::AccountId
      Policies:
        - PolicyName: work
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:InvokeModel
                Resource:
                  - !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.titan-embed-text-v2:0
              - Effect: Allow
                Action: aoss:APIAccessAll
                Resource: !GetAtt Collection.Arn
  Collection:
    Type: AWS::OpenSearchServerless::Collection
    Properties:
      Name: docs
      Type: VECTORSEARCH
  Access:
    Type: AWS::OpenSearchServerless::AccessPolicy
    Properties:
      Name: docs
      Type: data
      Policy: !Sub >-
        [{"Rules": [{"ResourceType": "index", "Resource": ["index/docs/*"], "Permission": ["aoss:*"]}],
        "Principal": ["${BaseRole.Arn}"]}]
  Base:
    Type: AWS::Bedrock::KnowledgeBase
    Properties:
      Name: docs
      RoleArn: !GetAtt BaseRole.Arn
      KnowledgeBaseConfiguration:
        Type: VECTOR
        VectorKnowledgeBaseConfiguration:
          EmbeddingModelArn:
            Fn::Sub: arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.titan-embed-text-v2:0
      StorageConfiguration:
        Type: OPENSEARCH_SERVERLESS
        OpensearchServerlessConfiguration:
          CollectionArn: !GetAtt Collection.Arn
          VectorIndexName: docs
          FieldMapping:
            VectorField: vector
            TextField: text
            MetadataField: metadata
```

## References

- https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
- https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_aws-bedrock-alpha.mixins.KnowledgeBaseOpenSearchServerlessStorage.html
- https://github.com/maxtybar/bedrock-agents-cdk/issues/9
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.texts import same
from bedrock_policy_lint.deployment.references import is_made, refers_to
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Template, is_text, only_hole
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Role
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.sources.node import Node


@rule(Severity.ERROR, gate="permission")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    if not deployment.access_policies or any(policy.grants is None for policy in deployment.access_policies):
        return
    named = [
        node for policy in deployment.access_policies for grant in policy.grants or () for node in grant.principals
    ]
    roles = {role.name: role for role in deployment.roles if role.kind == "role"}
    for base in deployment.features:
        role = roles.get(base.role or "") if base.kind == "knowledge-base" else None
        collections = [node for node in base.slots.get("collection", ()) if _is_made_here(node, deployment)]
        if role is None or not collections or any(_is(node, role, roles) is not False for node in named):
            continue
        policy = deployment.access_policies[0]
        yield Problem(
            collections[0],
            f"no data access policy names the role `{role.name}`, with which `{base.name}` works on the collection",
            "OpenSearch Serverless asks for a data access policy beside the policies of the role",
            label="no access to its data",
            fix=Fix(f"add the ARN of `{role.name}` to the `Principal` of a data access policy"),
            related=(Note(policy.node, "names others"), Note(base.role_node or base.node, "works with the role")),
            confidence=CERTAIN if _is_named_by_aws(role) else POSSIBLE,
        )


def _is_named_by_aws(role: Role) -> bool:
    """Whether nobody can know its name beforehand, to write it into a policy elsewhere."""
    arn = parse(role.arn)
    return arn is not None and refers_to(arn.id, role.name)


def _is_made_here(collection: Node, deployment: Deployment) -> bool:
    """Whether a collection is certainly one of the template: others may have policies elsewhere."""
    arn = parse(collection.value) if is_text(collection) else None
    hole = only_hole(arn.id) if arn is not None and arn.service == "aoss" else None
    return hole is not None and is_made(hole.name, deployment, "aws_opensearchserverless_collection")


def _is(principal: Node, role: Role, roles: dict[str, Role]) -> Tri:
    """Whether a principal of a data access policy is a role."""
    text = principal.value
    if not isinstance(text, str | Template) or is_wild(text):
        return None
    if str(text).startswith("saml/"):
        return False
    arn = parse(text)
    if arn is None or arn.type not in ("role", "user"):
        return None
    named = next((name for name in roles if refers_to(arn.id, name)), "")
    return named == role.name if named else same(text, role.arn)
