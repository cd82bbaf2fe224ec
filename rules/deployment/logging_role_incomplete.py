"""The role for the logging of invocations may not write to the log group.

## What it finds

A role that is given to Bedrock for the logging of invocations, in the same template as the log group, and that does not
allow `logs:CreateLogStream` and `logs:PutLogEvents` on the log stream `aws/bedrock/modelinvocations` of that group.
CloudFormation has no resource for this logging: it is found where a state machine, or a custom resource that the CDK
makes of an SDK call, switches it on.

A role of an AgentCore online evaluation that does not allow `logs:DescribeIndexPolicies` and `logs:PutIndexPolicy` on
each of the log groups that it evaluates, not on `aws/spans` alone.

Delivery to a bucket rests on the policy of the bucket, which Bedrock adds by itself when it may: that is not checked.

## Why it matters

The configuration is refused: "Failed to validate permissions for log group"; that of an evaluation with "The provided
execution role does not have permissions to access the specified log groups".

## How to fix it

Allow both actions on the named log stream or log group in a policy of the role.

## Examples

```yaml bad
Resources:
  LogRole:
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
                Action: «logs:PutLogEvents»
                Resource:
                  - !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/bedrock:log-stream:*"
  Setup:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/setup
      Definition:
        StartAt: Logging
        States:
          Logging:
            Type: Task
            End: true
            Resource: !Sub arn:${AWS::Partition}:states:::aws-sdk:bedrock:putModelInvocationLoggingConfiguration
            Parameters:
              LoggingConfig:
                CloudWatchConfig:
                  LogGroupName: /bedrock
                  RoleArn: !GetAtt LogRole.Arn
```

```yaml good
Resources:
  LogRole:
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
                Action: [logs:CreateLogStream, logs:PutLogEvents]
                Resource:
                  - !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/bedrock:log-stream:*"
  Setup:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/setup
      Definition:
        StartAt: Logging
        States:
          Logging:
            Type: Task
            End: true
            Resource: !Sub arn:${AWS::Partition}:states:::aws-sdk:bedrock:putModelInvocationLoggingConfiguration
            Parameters:
              LoggingConfig:
                CloudWatchConfig:
                  LogGroupName: /bedrock
                  RoleArn: !GetAtt LogRole.Arn
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
- https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/evaluations-prerequisites.html
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
    yield denied(
        cause, "Bedrock works on logs with the role that it was given for it, and tries when that is configured"
    )
