"""An inference profile that may be invoked, while nothing allows the models behind it.

## What it finds

A policy that allows `InvokeModel` or `InvokeModelWithResponseStream` on an inference profile, and that allows neither
on the foundation model behind it in any Region. For a pattern of profiles or an application profile, whose models are
not written down, that is: on no foundation model at all.

Only this document is seen. Another policy of the same principal may allow the models; then ignore the finding with
that as the reason.

Where the usage is declared, nothing is guessed: a declared call through a profile is reported whose profile is allowed
while no policy of the caller allows the model behind it in any Region, with the ARNs that the call needs.

## Why it matters

Bedrock checks a call through a profile on the profile and on the model, in the Region of the call and in each Region
that the profile can send it to. With the profile alone every call is denied.

## How to fix it

Add a statement that allows the model in all Regions of the profile, for calls through that profile only: the resource
is `arn:aws:bedrock:*::foundation-model/<model id>`, and an `ArnLike` condition names the profile's ARN under
`bedrock:InferenceProfileArn`. The first good example shows it.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": «"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"»
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      «"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"»
    ]
  }
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6",
      "Condition": {
        "ArnLike": {
          "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:111122223333:inference-profile/us.anthropic.*"
        }
      }
    }
  ]
}
```

Something whose value is not in the file may be the model:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:us-east-1::foundation-model/${ModelId}"
    ]
  }
}
```

A declared call through the profile:

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse global.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        «"arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6"»
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse global.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  }
}
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
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "chat" {
  name               = "chat"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = [
      "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/us.amazon.nova-lite-v1:0",
    ]
  }
}

resource "aws_iam_role_policy" "chat" {
  role   = aws_iam_role.chat.id
  policy = data.aws_iam_policy_document.chat.json
}

resource "aws_lambda_function" "chat" {
  function_name = "chat"
  role          = aws_iam_role.chat.arn
  runtime       = "python3.13"
  handler       = "index.handler"
  filename      = "chat.zip"

  environment {
    variables = {
      MODEL_ID = «"us.amazon.nova-lite-v1:0"»
    }
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
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "chat" {
  name               = "chat"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = [
      "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/us.amazon.nova-lite-v1:0",
      "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
    ]
  }
}

resource "aws_iam_role_policy" "chat" {
  role   = aws_iam_role.chat.id
  policy = data.aws_iam_policy_document.chat.json
}

resource "aws_lambda_function" "chat" {
  function_name = "chat"
  role          = aws_iam_role.chat.arn
  runtime       = "python3.13"
  handler       = "index.handler"
  filename      = "chat.zip"

  environment {
    variables = {
      MODEL_ID = "us.amazon.nova-lite-v1:0"
    }
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import PROFILE, ended, is_misplaced, profile_of, target
from bedrock_policy_lint.bedrock.invocable import Invocable, invocable
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, Undecided, also, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.model.policy import Policy


@rule(Severity.WARNING, gate="permission", guesses="model")
def check(policy: Policy, context: Context) -> Iterator[Problem | Undecided]:
    found = invocable(policy, context)
    if found is None:
        yield Undecided(policy.node, "this policy is too long to weigh its profiles against its models")
        return
    if found.any_model:
        return
    alone = [resource for resource in (*found.profiles, *found.applications) if _is_alone(resource, found, context)]
    said = set()
    for resource in alone:
        named = target(resource.arn)
        key = str(named.id) if named else ""
        if key not in said:
            said.add(key)
            yield _problem(resource, context)


@also
def check_cause(cause: Cause, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.problem import add_resources, problem
    from bedrock_policy_lint.diagnosis.wording import fails, layer, resources

    found = problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {resources(cause.rulings)}",
        "Bedrock checks a call through a profile on the models behind it as well",
        label="only the profile is allowed",
        fix=add_resources(cause, cause.place if isinstance(cause.place, Resource) else None),
    )
    yield found._replace(severity=Severity.ERROR)


def _is_alone(resource: Resource, found: Invocable, context: Context) -> bool:
    """Whether no statement of the policy can allow a model behind this profile."""
    named = target(resource.arn)
    if named is None or resource.arn is None or is_misplaced(named, context.catalog):
        return False
    profile = profile_of(named, context.catalog)
    if named.kind == PROFILE and named.exact and (profile is None or profile.status == "gone"):
        return False  # no profile, no call
    if ended(named, resource.arn, context):
        return False
    for model in (*found.models, *found.models_through_profiles):
        other = target(model.arn)
        if other is None or profile is None or is_misplaced(other, context.catalog):
            return False
        if matches(other.id, profile.model_id) is not False:
            return False
    return True


def _problem(resource: Resource, context: Context) -> Problem:
    named = target(resource.arn)
    profile = profile_of(named, context.catalog) if named else None
    model = profile.model_id if profile else "<model id>"
    partition = resource.arn.partition if resource.arn else "aws"
    return Problem(
        resource,
        "nothing in this document allows the model behind the inference profile",
        "Bedrock checks a call through a profile on the model as well, so without another policy it is denied",
        label="only the profile is allowed",
        fix=Fix(
            f"allow the same actions on `arn:{partition}:bedrock:*::foundation-model/{model}`"
            " where `bedrock:InferenceProfileArn` is this profile"
        ),
    )
