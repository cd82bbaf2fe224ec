"""The role of a knowledge base may not invoke a model that it works with.

## What it finds

A knowledge base of a template whose role, in the same template, does not allow `bedrock:InvokeModel` on its embedding
model, or on a model that parses or enriches what one of its data sources holds. Through an inference profile, the
models behind it are asked for too.

## Why it matters

The knowledge base cannot be created ("is not able to call specified bedrock embedding model"), or every document fails
when the source is synchronised.

## How to fix it

Allow `bedrock:InvokeModel` on the named ARNs in a policy of the role.

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
                Action:
                  - s3vectors:GetIndex
                  - s3vectors:GetVectors
                  - s3vectors:PutVectors
                  - s3vectors:DeleteVectors
                  - s3vectors:QueryVectors
                Resource: !Sub arn:${AWS::Partition}:s3vectors:${AWS::Region}:${AWS::AccountId}:bucket/docs/index/docs
  Base:
    Type: AWS::Bedrock::KnowledgeBase
    Properties:
      Name: docs
      RoleArn: !GetAtt BaseRole.Arn
      KnowledgeBaseConfiguration:
        Type: VECTOR
        VectorKnowledgeBaseConfiguration:
          EmbeddingModelArn:
            Fn::Sub: «arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.titan-embed-text-v2:0»
      StorageConfiguration:
        Type: S3_VECTORS
        S3VectorsConfiguration:
          IndexArn: !Sub arn:${AWS::Partition}:s3vectors:${AWS::Region}:${AWS::AccountId}:bucket/docs/index/docs
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
                Action:
                  - s3vectors:GetIndex
                  - s3vectors:GetVectors
                  - s3vectors:PutVectors
                  - s3vectors:DeleteVectors
                  - s3vectors:QueryVectors
                Resource: !Sub arn:${AWS::Partition}:s3vectors:${AWS::Region}:${AWS::AccountId}:bucket/docs/index/docs
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
        Type: S3_VECTORS
        S3VectorsConfiguration:
          IndexArn: !Sub arn:${AWS::Partition}:s3vectors:${AWS::Region}:${AWS::AccountId}:bucket/docs/index/docs
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/kb-permissions.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/knowledge-base-build-graphs-build.html
- https://github.com/aws-samples/bedrock-chat/issues/1126
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import denied
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield denied(cause, "a knowledge base turns documents and questions into vectors with its own role")
