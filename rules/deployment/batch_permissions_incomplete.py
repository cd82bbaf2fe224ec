"""The role of a batch job may not read its input, write its output or use its profile.

## What it finds

A job that a template starts, such as from a state machine, with a role of the same template that does not allow

- `s3:GetObject` on the input and `s3:ListBucket` on its bucket,
- `s3:PutObject` on the output,
- `bedrock:InvokeModel` on the inference profile that the job names and on the models behind it. For a foundation model
  that is named by its own id, the role need not.

That the caller may start the job and pass the role is checked apart from this, as is a customer's key for the output.

## Why it matters

The job is accepted, waits for its turn and fails then.

## How to fix it

Allow the named actions on the named ARNs in a policy of the role.

## Examples

```yaml bad
Resources:
  JobRole:
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
                Action: [s3:GetObject, s3:ListBucket]
                Resource:
                  - !Sub arn:${AWS::Partition}:s3:::support-input
                  - !Sub arn:${AWS::Partition}:s3:::support-input/*
              - Effect: Allow
                Action: s3:PutObject
                Resource: !Sub «arn:${AWS::Partition}:s3:::support-input/*»
  Work:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/states
      Definition:
        StartAt: Batch
        States:
          Batch:
            Type: Task
            End: true
            Resource: !Sub arn:${AWS::Partition}:states:::aws-sdk:bedrock:createModelInvocationJob
            Parameters:
              JobName: nightly
              ModelId: amazon.nova-lite-v1:0
              RoleArn: !GetAtt JobRole.Arn
              InputDataConfig:
                S3InputDataConfig:
                  S3Uri: s3://support-input/questions/
              OutputDataConfig:
                S3OutputDataConfig:
                  S3Uri: s3://support-output/answers/
```

```yaml good
Resources:
  JobRole:
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
                Action: [s3:GetObject, s3:ListBucket]
                Resource:
                  - !Sub arn:${AWS::Partition}:s3:::support-input
                  - !Sub arn:${AWS::Partition}:s3:::support-input/*
              - Effect: Allow
                Action: s3:PutObject
                Resource: !Sub arn:${AWS::Partition}:s3:::support-output/*
  Work:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/states
      Definition:
        StartAt: Batch
        States:
          Batch:
            Type: Task
            End: true
            Resource: !Sub arn:${AWS::Partition}:states:::aws-sdk:bedrock:createModelInvocationJob
            Parameters:
              JobName: nightly
              ModelId: amazon.nova-lite-v1:0
              RoleArn: !GetAtt JobRole.Arn
              InputDataConfig:
                S3InputDataConfig:
                  S3Uri: s3://support-input/questions/
              OutputDataConfig:
                S3OutputDataConfig:
                  S3Uri: s3://support-output/answers/
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/batch-iam-sr.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-permissions.html
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
    yield denied(cause, "Bedrock reads and writes for a job with the role that the job was given")
