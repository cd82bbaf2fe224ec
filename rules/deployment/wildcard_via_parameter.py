"""A parameter can turn a policy of Bedrock into a wildcard.

## What it finds

A parameter that stands in the `Resource` of a statement on Bedrock, or is its `Action`, and

- has a default that means everything: `*`, or a pattern such as `arn:aws:bedrock:*::foundation-model/*` that takes in
  all of a type;
- or may be `*`, because its `AllowedValues` say so.

With `--pedantic` also a parameter that is a whole entry and takes any text.

Parameters in the Region or account of an ARN are not meant, nor actions that take no resource.

## Why it matters

The template looks as if it granted one model. Where nobody gives a value, it grants all of them.

## How to fix it

Remove the default, or make it the one resource that is meant; limit what can be given with `AllowedPattern` or
`AllowedValues`.

## Examples

```yaml bad
Parameters:
  ModelArn:
    Type: String
    Default: «"*"»
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - bedrock:InvokeModel
              - bedrock:InvokeModelWithResponseStream
            Resource: !Ref ModelArn
```

```yaml good
Parameters:
  ModelId:
    Type: String
    Default: amazon.nova-lite-v1:0
    AllowedPattern: "[a-z0-9.:-]+"
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - bedrock:InvokeModel
              - bedrock:InvokeModelWithResponseStream
            Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/${ModelId}
```

In Terraform:

```hcl bad
variable "model_arn" {
  type    = string
  default = «"*"»
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = [var.model_arn]
  }
}
```

```hcl good
variable "model_arn" {
  type    = string
  default = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = [var.model_arn]
  }
}
```

## References

- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples.html
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.scope import speaks_of_bedrock
from bedrock_policy_lint.model.text import Template, only_hole
from bedrock_policy_lint.rule import POSSIBLE, Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Parameter
    from bedrock_policy_lint.model.policy import Action, Resource, Statement
    from bedrock_policy_lint.model.text import Text


class _Words(NamedTuple):
    """What a language calls a parameter, and what limits its values."""

    parameter: str
    allowed: str
    pattern: str
    deployed: str


_CLOUDFORMATION = _Words("parameter", "`AllowedValues`", "`AllowedPattern`", "deploys the template")
_TERRAFORM = _Words("variable", "what its `validation` allows", "a `validation` block", "applies the configuration")
_EVERYTHING = ("*", "bedrock:*", "*:*")


class _Use(NamedTuple):
    """An entry in which a parameter stands."""

    parameter: Parameter
    entry: Action | Resource
    is_whole: bool


@rule(Severity.WARNING, gate="hygiene")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    # What a default comes to is seen where defaults are left out: there the parameter is still a hole.
    parameters = {one.name: one for one in deployment.parameters if not one.is_supplied}
    if not parameters:
        return
    told: set[tuple[str, str]] = set()
    for policy in deployment.document.policies:
        for statement in policy.statements:
            if statement.grants:
                for use in _uses(statement, parameters, context):
                    problem = _problem(use, _TERRAFORM if deployment.document.is_terraform else _CLOUDFORMATION)
                    key = (use.parameter.name, problem.message if problem else "")
                    if problem and key not in told:
                        told.add(key)
                        yield problem


def _uses(statement: Statement, parameters: dict[str, Parameter], context: Context) -> Iterator[_Use]:
    for action in statement.actions if statement.action_nodes else ():
        name = _whole(action.text)
        if name in parameters and (speaks_of_bedrock(statement) or _default(parameters[name]) in _EVERYTHING):
            yield _Use(parameters[name], action, is_whole=True)
    if not _takes_resources(statement, context):
        return
    for resource in statement.resources if statement.resource_nodes else ():
        name = _whole(resource.text)
        if name in parameters:
            yield _Use(parameters[name], resource, is_whole=True)
        elif resource.arn is not None and str(resource.arn.service).startswith("bedrock"):
            for name in _names(resource.arn.resource):
                if name in parameters:
                    yield _Use(parameters[name], resource, is_whole=False)


def _takes_resources(statement: Statement, context: Context) -> bool:
    """Whether some action of Bedrock in it is checked on resources."""
    records = (context.catalog.action(name) for name in context.actions_of(statement) if name.startswith("bedrock"))
    return any(record is not None and record.resource_types for record in records)


def _whole(text: Text) -> str:
    """The name of the hole that a text consists of."""
    hole = only_hole(text)
    return hole.name if hole is not None else ""


def _names(text: Text) -> list[str]:
    return [hole.name for hole in text.holes] if isinstance(text, Template) else []


def _default(parameter: Parameter) -> str:
    return str(parameter.default.value) if parameter.default is not None else ""


def _problem(use: _Use, words: _Words) -> Problem | None:
    parameter, entry = use.parameter, use.entry
    node = entry.node
    is_apart = (node.source, node.start) != (parameter.node.source, parameter.node.start)
    notes = (Note(entry, "stands here"),) if is_apart else ()
    default = _default(parameter)
    if parameter.default is not None and _is_wide(default, use):
        return Problem(
            parameter.default,
            f"the {words.parameter} `{parameter.name}` is `{default}` by default, and stands in a grant of Bedrock",
            "wherever nobody gives another value, the policy grants more than it seems to",
            label="means everything",
            fix=Fix(f"remove the default, or make it what is meant; limit other values with {words.pattern}"),
            related=notes,
        )
    if "*" in parameter.allowed:
        return Problem(
            parameter.node,
            f"the {words.parameter} `{parameter.name}` may be `*`, and stands in a grant of Bedrock",
            f"whoever {words.deployed} with that value grants everything",
            label="may be `*`",
            fix=Fix(f"take `*` out of {words.allowed}"),
            related=notes,
        )
    if use.is_whole and not parameter.allowed and _admits_star(parameter.pattern):
        return Problem(
            entry,
            f"the {words.parameter} `{parameter.name}` is the whole entry, and may be `*`",
            f"whoever {words.deployed} with that value grants everything",
            label="may be anything",
            fix=Fix(f"limit `{parameter.name}` with {words.pattern}"),
            related=(Note(parameter.node, "takes any text"),),
            confidence=POSSIBLE,
        )
    return None


def _is_wide(default: str, use: _Use) -> bool:
    if default in _EVERYTHING:
        return default == "*" or use.is_whole
    arn = parse(default) if use.is_whole else None
    return arn is not None and str(arn.service).startswith("bedrock") and ("*" in (arn.resource, arn.id))


def _admits_star(pattern: str) -> bool:
    """Whether `AllowedPattern` lets `*` through; one that cannot be read counts as one that does not."""
    if not pattern:
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what another release of Python will read otherwise
            return re.fullmatch(pattern, "*") is not None
    except (re.error, RecursionError, OverflowError):
        return False
