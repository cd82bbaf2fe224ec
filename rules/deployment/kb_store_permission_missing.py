"""The role of a knowledge base may not use its vector store or a data source.

## What it finds

A knowledge base of a template whose role, in the same template, does not allow what its store or one of its data
sources takes:

| store or source | the role needs |
| --- | --- |
| OpenSearch Serverless | `aoss:APIAccessAll` on the collection |
| S3 Vectors | `s3vectors:GetIndex`, `GetVectors`, `PutVectors`, `DeleteVectors` and `QueryVectors` on the index |
| Aurora | `rds-data:ExecuteStatement`, `rds-data:BatchExecuteStatement` and `rds:DescribeDBClusters` on the cluster |
| Neptune Analytics | `neptune-graph:GetGraph`, `Read`-, `Write`- and `DeleteDataViaQuery` on the graph |
| Kendra | `kendra:Retrieve` and `kendra:DescribeIndex` on the index |
| a store or source with a secret | `secretsmanager:GetSecretValue` on the secret |
| a bucket as the source | `s3:ListBucket` on the bucket and `s3:GetObject` on its objects |

What a managed OpenSearch cluster takes is told as possible: a policy of the domain may let the role in. SQL stores are
not checked. That a collection of OpenSearch Serverless also wants a data access policy for the role is the business of
`kb-store-access-missing`.

## Why it matters

The knowledge base cannot be created ("The knowledge base storage configuration provided is invalid"), or a later step
fails: without `s3vectors:DeleteVectors` the first synchronisation works and the second does not.

## How to fix it

Allow the named actions on the named ARNs in a policy of the role.

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
                Action:
                  - «s3vectors:GetIndex»
                  - s3vectors:GetVectors
                  - s3vectors:PutVectors
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
- https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-bedrock-kb.html
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
    yield denied(cause, "a knowledge base reads its sources and writes its store with its own role")
