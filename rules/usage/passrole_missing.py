"""A job is given a service role that its caller may not pass.

## What it finds

A batch job with a `role`, whose caller is not allowed `iam:PassRole` on that role for `bedrock.amazonaws.com`:
no statement allows it, or one does for another role or, by `iam:PassedToService`, for another service. In a template
the same of state machines and schedules that start a job of Bedrock, of any kind, and name its role.

Calls in code and in templates count like declared ones.

## Why it matters

Who starts a batch job hands Bedrock a role. IAM checks that the caller may pass it, as a request about the role with
`iam:PassedToService` set to `bedrock.amazonaws.com`. Roles that the console makes have names that managed policies
cover; roles of your own have not.

## How to fix it

Allow `iam:PassRole` on the ARN of the role, with the condition `iam:PassedToService` = `bedrock.amazonaws.com`.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "batch",
      "model": "amazon.nova-lite-v1:0",
      "role": "arn:aws:iam::111122223333:role/batch"
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": "bedrock:CreateModelInvocationJob",
        "Resource": [
          "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
          "arn:aws:bedrock:us-east-1:111122223333:model-invocation-job/*"
        ]
      },
      {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::111122223333:role/batch",
        "Condition": {
          "StringEquals": {
            «"iam:PassedToService"»: "sagemaker.amazonaws.com"
          }
        }
      }
    ]
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "batch",
      "model": "amazon.nova-lite-v1:0",
      "role": "arn:aws:iam::111122223333:role/batch"
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": "bedrock:CreateModelInvocationJob",
        "Resource": [
          "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
          "arn:aws:bedrock:us-east-1:111122223333:model-invocation-job/*"
        ]
      },
      {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::111122223333:role/batch",
        "Condition": {
          "StringEquals": {
            "iam:PassedToService": ["sagemaker.amazonaws.com", "bedrock.amazonaws.com"]
          }
        }
      }
    ]
  }
}
```

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - «{api: batch, model: "amazon.nova-lite-v1:0", role: "arn:aws:iam::111122223333:role/batch"}»
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:CreateModelInvocationJob
    Resource:
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      - arn:aws:bedrock:us-east-1:111122223333:model-invocation-job/*
```

A state machine in a template:

```yaml bad
Resources:
  JobRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: bedrock.amazonaws.com
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
  MachineRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: states.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: import
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:CreateModelImportJob
                Resource: "*"
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt MachineRole.Arn
      Definition:
        StartAt: Import
        States:
          Import:
            Type: Task
            Resource: «arn:aws:states:::aws-sdk:bedrock:createModelImportJob»
            Parameters:
              JobName: import
              ImportedModelName: own
              RoleArn: !GetAtt JobRole.Arn
              ModelDataSource:
                S3DataSource:
                  S3Uri: s3://amzn-s3-demo-bucket/model/
            End: true
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - {api: batch, model: "amazon.nova-lite-v1:0", role: "arn:aws:iam::111122223333:role/batch"}
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:CreateModelInvocationJob
      Resource:
        - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
        - arn:aws:bedrock:us-east-1:111122223333:model-invocation-job/*
    - Effect: Allow
      Action: iam:PassRole
      Resource: arn:aws:iam::111122223333:role/batch
      Condition:
        StringEquals: {"iam:PassedToService": bedrock.amazonaws.com}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-prereq.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_resources, nearest_label, problem, wanted
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import Add, Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause

_BEDROCK = "bedrock.amazonaws.com"


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    test = cause.place if isinstance(cause.place, Test) else None
    if test is not None and test.statement.denies:
        what = f"the {layer(cause)} denies `iam:PassRole` to `{_BEDROCK}` on {resources(cause.rulings)}"
    else:
        what = f"no {layer(cause)} allows `iam:PassRole` on {resources(cause.rulings)} for `{_BEDROCK}`"
    yield problem(
        cause,
        f"{fails(cause)}: {what}",
        "who starts a job hands Bedrock the role, and IAM checks that the caller may pass it",
        label="this test keeps Bedrock out" if test else nearest_label(cause, "allowed for another role"),
        fix=_cure(cause, test),
    )


def _cure(cause: Cause, test: Test | None) -> Fix:
    if test is None:
        statement = cause.statement
        if statement is not None and statement.resource_nodes and statement.tests_of("iam:passedtoservice"):
            return add_resources(cause, statement.resources[-1])
        return Fix(f"allow `iam:PassRole` on {resources(cause.rulings)} where `iam:PassedToService` is `{_BEDROCK}`")
    operator = test.operator
    if test.statement.denies or not cause.fits or operator.family != "String" or operator.negated or not test.values:
        return Fix(f"let `{_BEDROCK}` pass this test of `{test.key}`, which names {wanted(test)}")
    return Fix(f"add `{_BEDROCK}`", (Add(test.values[-1], _BEDROCK),))
