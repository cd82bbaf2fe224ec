"""The role of an agent does not allow all that the agent works with.

## What it finds

An agent of a template whose role, in the same template, does not allow what the agent asks for with it:

| the agent has | its role needs |
| --- | --- |
| a model or an inference profile | `bedrock:InvokeModel`; of a profile on the models behind it too |
| an inference profile | also `bedrock:GetInferenceProfile` on it |
| a knowledge base | `bedrock:Retrieve` on it |
| a guardrail | `bedrock:ApplyGuardrail` on it |
| a schema in a bucket | `s3:GetObject` on it |
| collaborators | `bedrock:InvokeAgent` and `bedrock:GetAgentAlias` on their aliases, beside its own model |
| provisioned throughput | also `bedrock:GetProvisionedModelThroughput` on it |

`bedrock:InvokeModelWithResponseStream`, which only a caller who wants a stream makes it ask for, and
`bedrock:GetFoundationModel` are told as possible. What stands for an ARN that is not in the template is not guessed.

## Why it matters

Whoever calls the agent needs no more than `bedrock:InvokeAgent`; all else is asked of the agent's own role. What that
lacks comes out when the agent is prepared, or at the first question that needs it.

## How to fix it

Allow the named actions on the named ARNs in a policy of the role.

## Examples

```yaml bad
Resources:
  AgentRole:
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
                Action: [bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream]
                Resource:
                  - !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
              - Effect: Allow
                Action: bedrock:Retrieve
                Resource:
                  - !Sub «arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:knowledge-base/OTHER12345»
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
      KnowledgeBases:
        - KnowledgeBaseId: KBID123456
          Description: what support knows
```

```yaml good
Resources:
  AgentRole:
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
                Action: [bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream]
                Resource:
                  - !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
              - Effect: Allow
                Action: bedrock:Retrieve
                Resource:
                  - !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:knowledge-base/KBID123456
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
      KnowledgeBases:
        - KnowledgeBaseId: KBID123456
          Description: what support knows
```

In Terraform:

```hcl bad
provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "agent" {
  name               = "agent"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "agent" {
  role = aws_iam_role.agent.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "bedrock:InvokeModel"
      Resource = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
    }]
  })
}

resource "aws_bedrockagent_agent" "support" {
  agent_name              = "support"
  foundation_model        = «"amazon.nova-lite-v1:0"»
  agent_resource_role_arn = aws_iam_role.agent.arn
}
```

```hcl good
provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "agent" {
  name               = "agent"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "agent" {
  role = aws_iam_role.agent.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "bedrock:InvokeModel"
      Resource = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }]
  })
}

resource "aws_bedrockagent_agent" "support" {
  agent_name              = "support"
  foundation_model        = "amazon.nova-lite-v1:0"
  agent_resource_role_arn = aws_iam_role.agent.arn
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permissions.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/agents-multi-agent-collaboration.html
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
    yield denied(cause, "Bedrock does all that an agent does with the agent's own role, not with that of the caller")
