"""A role and the policy of a KMS key do not together allow what Bedrock needs of the key.

## What it finds

A key of a template that encrypts something of Bedrock, and a role of the same template that must use it:

| encrypted | needed by | of the key |
| --- | --- | --- |
| a guardrail | the role of an agent or flow that applies it | `kms:Decrypt` |
| data on its way from a source | the role of the knowledge base | `kms:GenerateDataKey`, `kms:Decrypt` |
| the output of a batch job | its role | `kms:GenerateDataKey` |
| an agent | its role, possibly: AWS has it both ways | `kms:Decrypt` |

A key takes two consents: its policy must name the role, or hand the decision over to the account, and in that case the
role's own policies must allow the action too. Where the policy of the key is not in the template, it may name the role:
that is told as possible.

## Why it matters

The feature fails with an access denied of KMS, which does not name the guardrail or the source behind it.

## How to fix it

Allow the named actions on the key in a policy of the role, or name the role in the policy of the key.

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
                Action: bedrock:ApplyGuardrail
                Resource: !GetAtt Guardrail.GuardrailArn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal:
            AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
          Action: kms:*
          Resource: "*"
  Guardrail:
    Type: AWS::Bedrock::Guardrail
    Properties:
      Name: support
      BlockedInputMessaging: "no"
      BlockedOutputsMessaging: "no"
      KmsKeyArn: !GetAtt Key.Arn
  «Agent»:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
      GuardrailConfiguration:
        GuardrailIdentifier: !GetAtt Guardrail.GuardrailId
        GuardrailVersion: DRAFT
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
                Action: bedrock:ApplyGuardrail
                Resource: !GetAtt Guardrail.GuardrailArn
              - Effect: Allow
                Action: kms:Decrypt
                Resource: !GetAtt Key.Arn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal:
            AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
          Action: kms:*
          Resource: "*"
  Guardrail:
    Type: AWS::Bedrock::Guardrail
    Properties:
      Name: support
      BlockedInputMessaging: "no"
      BlockedOutputsMessaging: "no"
      KmsKeyArn: !GetAtt Key.Arn
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
      GuardrailConfiguration:
        GuardrailIdentifier: !GetAtt Guardrail.GuardrailId
        GuardrailVersion: DRAFT
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-kms.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permissions.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/cmk-agent-resources.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-kb.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/batch-iam-sr.html
- https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
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
        cause,
        "the key policy must allow it, or leave it to the account, and then a policy of the role must allow it",
    )
