"""An agent's function does not let Bedrock invoke it.

## What it finds

A function of an action group of an agent, both in the template, where no `AWS::Lambda::Permission` of the template can
be for that function and `bedrock.amazonaws.com`.

## Why it matters

An agent invokes the functions of its action groups as the service, not with its role. Without a permission on the
function it answers that access to the function was denied.

## How to fix it

Add an `AWS::Lambda::Permission` with `Principal: bedrock.amazonaws.com`, and the ARN of the agent as `SourceArn`.

## Examples

```yaml bad
Resources:
  AgentRole:
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
      Policies:
        - PolicyName: model
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:InvokeModel
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
  OrdersRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt OrdersRole.Arn
      Code:
        ZipFile: "def handler(event, context): ..."
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
      ActionGroups:
        - ActionGroupName: orders
          ActionGroupExecutor:
            Lambda: !GetAtt «Orders.Arn»
          FunctionSchema:
            Functions:
              - Name: status
```

```yaml good
Resources:
  AgentRole:
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
      Policies:
        - PolicyName: model
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:InvokeModel
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
  OrdersRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt OrdersRole.Arn
      Code:
        ZipFile: "def handler(event, context): ..."
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Orders
      Principal: bedrock.amazonaws.com
      SourceAccount: !Ref AWS::AccountId
      SourceArn: !GetAtt Agent.AgentArn
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
      ActionGroups:
        - ActionGroupName: orders
          ActionGroupExecutor:
            Lambda: !GetAtt Orders.Arn
          FunctionSchema:
            Functions:
              - Name: status
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
      Resource = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }]
  })
}

resource "aws_bedrockagent_agent" "support" {
  agent_name              = "support"
  foundation_model        = "amazon.nova-lite-v1:0"
  agent_resource_role_arn = aws_iam_role.agent.arn
}

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.orders.arn
  runtime       = "python3.13"
  handler       = "index.handler"
  filename      = "orders.zip"
}

resource "aws_bedrockagent_agent_action_group" "orders" {
  action_group_name = "orders"
  agent_id          = aws_bedrockagent_agent.support.agent_id
  agent_version     = "DRAFT"

  action_group_executor {
    lambda = «aws_lambda_function.orders.arn»
  }
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

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.orders.arn
  runtime       = "python3.13"
  handler       = "index.handler"
  filename      = "orders.zip"
}

resource "aws_bedrockagent_agent_action_group" "orders" {
  action_group_name = "orders"
  agent_id          = aws_bedrockagent_agent.support.agent_id
  agent_version     = "DRAFT"

  action_group_executor {
    lambda = aws_lambda_function.orders.arn
  }
}

resource "aws_lambda_permission" "orders" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.orders.function_name
  principal     = "bedrock.amazonaws.com"
  source_arn    = aws_bedrockagent_agent.support.agent_arn
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permissions.html
- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-permission.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.texts import same
from bedrock_policy_lint.deployment.function_names import are_same, named, owner
from bedrock_policy_lint.deployment.trust import is_service
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.authorize.layers import ResourcePolicy
    from bedrock_policy_lint.deployment.deployment import Deployment, Permission
    from bedrock_policy_lint.deployment.function_names import Named
    from bedrock_policy_lint.model.text import Text

_SERVICE = "bedrock.amazonaws.com"


@rule(Severity.ERROR, gate="permission")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    agents = [feature for feature in deployment.features if feature.kind == "agent" and feature.slots.get("function")]
    if not agents:
        return
    permission, source = ("AWS::Lambda::Permission", "SourceArn")
    if deployment.document.is_terraform:
        permission, source = ("aws_lambda_permission", "source_arn")
    arns = {workload.name: workload.arn for workload in deployment.workloads}
    declared = {name: named(arn).name if arn else "" for name, arn in arns.items()}
    permissions = [one for one in deployment.permissions if _may_be_bedrock(one)]
    permitted = [named(one.function) for one in permissions]
    permitted += [named(attached.resource) for attached in deployment.resource_policies if _may_be_function(attached)]
    for agent in agents:
        for node in agent.slots["function"]:
            function = named(node.value) if is_text(node) else None
            name = owner(function.name, declared) if function else ""
            # Of that name there may be one elsewhere, and versions of this one: the ARN says that it is this one.
            if function and name and same(node.value, arns[name]) and _is_missing(function, permitted, declared):
                yield Problem(
                    node,
                    f"the agent `{agent.name}` may not invoke the function `{name}`",
                    f"an agent invokes its functions as `{_SERVICE}`, and nothing here permits that",
                    label="not permitted",
                    fix=Fix(f"add an `{permission}` for `{_SERVICE}` with the ARN of the agent as `{source}`"),
                    related=(Note(agent.node, "the agent"),),
                )


def _may_be_bedrock(permission: Permission) -> bool:
    who = permission.principal
    return who == "*" or is_service(who, _SERVICE) or same(who, _SERVICE) is not False


def _may_be_function(attached: ResourcePolicy) -> bool:
    arn = parse(attached.resource)
    return arn is None or same(arn.service, "lambda") is not False


def _is_missing(function: Named, permitted: list[Named], declared: dict[str, Text]) -> bool:
    """Whether a function of the template certainly has no permission in it."""
    return all(are_same(function, other, declared) is False for other in permitted)
