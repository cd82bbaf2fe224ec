"""A role may be assumed by Bedrock on behalf of anybody's account.

## What it finds

A statement of a trust policy that lets `bedrock.amazonaws.com` or `bedrock-agentcore.amazonaws.com` assume the role,
and tests none of `aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID` and `aws:SourceOrgPaths`.

## Why it matters

The service works for every customer. Somebody in another account who gets it to use this role acts with the rights of
the role: the service is a confused deputy. AWS calls the condition optional and shows it in its examples.

## How to fix it

Add the condition `aws:SourceAccount` with your account, and `aws:SourceArn` with `ArnLike` where the resources are
known that use the role.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": «"bedrock.amazonaws.com"»},
    "Action": "sts:AssumeRole"
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": "bedrock.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {
      "StringEquals": {"aws:SourceAccount": "111122223333"},
      "ArnLike": {"aws:SourceArn": "arn:aws:bedrock:us-east-1:111122223333:agent/*"}
    }
  }
}
```

Services that run code of the account itself are other tools' business:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole"
  }
}
```

In Terraform:

```hcl bad
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [«"bedrock.amazonaws.com"»]
    }
  }
}

resource "aws_iam_role" "agent" {
  name               = "agent"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
```

```hcl good
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
      values   = ["111122223333"]
    }
  }
}

resource "aws_iam_role" "agent" {
  name               = "agent"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/cross-service-confused-deputy-prevention.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.text import Template, from_policy
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Principal, Statement, Test

_SERVICES = ("bedrock.amazonaws.com", "bedrock-agentcore.amazonaws.com")
_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})


@rule(Severity.WARNING, gate="hygiene")
def check(statement: Statement, context: Context) -> Iterator[Problem]:
    if statement.policy.kind != "trust" or not statement.allows or statement.principal_node is None:
        return
    if "Condition" not in statement.members and statement.node.value.get("Condition") is not None:
        return  # it has a condition, which cannot be read
    if any(_is_source(test) for test in statement.tests):
        return
    who = next((entry for entry in statement.principals if _is_bedrock(entry)), None)
    if who is not None:
        yield Problem(
            who,
            f"`{who.text}` may assume the role on behalf of any account",
            "the service works for every customer: somebody else's request could make it use this role",
            label="for anybody",
            fix=Fix("add the condition `aws:SourceAccount` with your account, and `aws:SourceArn` where it is known"),
        )


def _is_source(test: Test) -> bool:
    return test.key.lower() in _SOURCES or isinstance(from_policy(test.key), Template)


def _is_bedrock(entry: Principal) -> bool:
    return entry.type == "Service" and entry.text in _SERVICES
