"""A Region or account is written out in a template that otherwise asks where it is deployed.

## What it finds

In a template that uses `AWS::Region`, or a module of Terraform that uses `data.aws_region` and has one provider, and
of which nobody says where it is deployed:

- an ARN of Bedrock in a policy with a literal Region beside `${AWS::AccountId}`: a profile, agent or knowledge base;
- an ARN of a model with a literal Region that an agent, knowledge base or the like is given.

What names its resource in several Regions means them, and so do Regions that the settings of a function name; those are
left alone. With `--pedantic` also literal Regions in ARNs of models in policies, and literal accounts beside
`${AWS::Region}`.

## Why it matters

Deployed to another Region, the same template grants something that is not there, and the call is denied.

## How to fix it

Write `${AWS::Region}` and `${AWS::AccountId}` inside `Fn::Sub`; in Terraform, `${data.aws_region.current.region}` and
`${data.aws_caller_identity.current.account_id}`.

## Examples

```yaml bad
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: bedrock:Retrieve
            Resource: !Sub arn:aws:bedrock:«us-east-1»:${AWS::AccountId}:knowledge-base/ABCDE12345
          - Effect: Allow
            Action: logs:PutLogEvents
            Resource: !Sub arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/chat:log-stream:*
```

```yaml good
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: bedrock:Retrieve
            Resource: !Sub arn:aws:bedrock:${AWS::Region}:${AWS::AccountId}:knowledge-base/ABCDE12345
          - Effect: Allow
            Action: logs:PutLogEvents
            Resource: !Sub arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/chat:log-stream:*
```

In Terraform:

```hcl bad
data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:Retrieve"]
    resources = ["arn:aws:bedrock:«us-east-1»:${local.account}:knowledge-base/ABCDE12345"]
  }
  statement {
    actions   = ["logs:PutLogEvents"]
    resources = ["arn:aws:logs:${data.aws_region.current.region}:${local.account}:log-group:/chat:*"]
  }
}
```

```hcl fixed
data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:Retrieve"]
    resources = ["arn:aws:bedrock:${data.aws_region.current.region}:${local.account}:knowledge-base/ABCDE12345"]
  }
  statement {
    actions   = ["logs:PutLogEvents"]
    resources = ["arn:aws:logs:${data.aws_region.current.region}:${local.account}:log-group:/chat:*"]
  }
}
```

## References

- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.model.text import Hole, Template, is_text
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Problem, Replace, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_REGION, _ACCOUNT = "AWS::Region", "AWS::AccountId"
_DATA = {_REGION: "data.aws_region.", _ACCOUNT: "data.aws_caller_identity."}
_alias = re.compile(r"^\s*\"?alias\"?\s*[=:]", re.MULTILINE).search
_MODEL_SLOTS = ("model", "embedding-model", "parsing-model", "enrichment-model", "override-model", "source")
_MODEL, _PROFILES = "foundation-model", ("inference-profile", "application-inference-profile")
_ACCOUNT_DIGITS = 12


class _Named(NamedTuple):
    """An ARN of Bedrock where it stands."""

    node: Node
    arn: Arn
    is_slot: bool


class _Facts(NamedTuple):
    """What a template says that bears on all of its ARNs."""

    deployment: Deployment
    regions: dict[Text, set[Text]]
    """In which Regions each resource is named."""
    has_profile: bool
    settings: str


@rule(Severity.INFO, gate="region")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    if not _asks(deployment, _REGION) or (deployment.world.region and deployment.world.account):
        return
    named = list({id(one.node): one for one in _arns(deployment)}.values())
    regions: dict[Text, set[Text]] = {}
    for one in named:
        regions.setdefault(one.arn.resource, set()).add(one.arn.region)
    has_profile = any(one.arn.type in _PROFILES for one in named)
    facts = _Facts(deployment, regions, has_profile, _settings(deployment))
    for one in named:
        confidence = _region(one, facts, context)
        if confidence and _is_written(one, "region"):
            yield _problem(one, "region", _REGION, confidence, deployment)
        elif _is_account(one, facts) and _is_written(one, "account"):
            yield _problem(one, "account", _ACCOUNT, POSSIBLE, deployment)


def _asks(deployment: Deployment, pseudo: str) -> bool:
    """Whether a template asks for its Region or account; not so a module that is deployed with several providers."""
    if not deployment.document.is_terraform:
        return pseudo in deployment.document.source.text
    texts = [document.source.text for document in deployment.documents]
    return any(_DATA[pseudo] in text for text in texts) and not any(map(_has_alias, texts))


def _has_alias(text: str) -> bool:
    return "alias" in text and _alias(text) is not None  # the word is found much faster than where it stands


def _region(one: _Named, facts: _Facts, context: Context) -> str:
    """How sure it is that a literal Region should be that of the deployment; empty when it may well be another."""
    region, arn = one.arn.region, one.arn
    is_known = isinstance(region, str) and context.catalog.region(region) is not None
    is_meant = len(facts.regions[arn.resource]) > 1 or str(region) in facts.settings
    if facts.deployment.world.region or not is_known or is_meant:
        return ""
    if one.is_slot or _has(arn.account, _ACCOUNT):
        return CERTAIN
    return POSSIBLE if arn.type == _MODEL and not facts.has_profile else ""


def _is_account(one: _Named, facts: _Facts) -> bool:
    """Whether a literal account stands where the Region is that of the deployment."""
    world, account = facts.deployment.world, one.arn.account
    is_one = isinstance(account, str) and len(account) == _ACCOUNT_DIGITS and account.isdigit()
    return is_one and not world.account and _has(one.arn.region, _REGION) and _asks(facts.deployment, _ACCOUNT)


def _arns(deployment: Deployment) -> Iterator[_Named]:
    for policy in deployment.document.policies:
        for statement in policy.statements:
            if statement.grants and statement.resource_nodes:
                for resource in statement.resources:
                    if resource.arn is not None and resource.arn.service == "bedrock":
                        yield _Named(resource.node, resource.arn, is_slot=False)
    for feature in deployment.features:
        for slot in _MODEL_SLOTS:
            for node in feature.slots.get(slot, ()):
                arn = parse(node.value) if is_text(node) else None
                if arn is not None and arn.service == "bedrock":
                    yield _Named(node, arn, is_slot=True)


def _settings(deployment: Deployment) -> str:
    """All values of settings, to look for Regions in."""
    settings = (setting.node.value for workload in deployment.workloads for setting in workload.settings)
    return " ".join(str(value) for value in settings if isinstance(value, str | Template))


def _is_written(one: _Named, field: str) -> bool:
    """Whether the field stands in the text as it is, and is not what some function or parameter comes to."""
    places, (start, end) = one.node.offsets(), one.arn.field_at(field)
    return one.node.source.text[places[start] : places[end - 1] + 1] == str(one.arn)[start:end]


def _has(text: Text, name: str) -> bool:
    return isinstance(text, Template) and any(hole.name == name for hole in text.holes)


def _problem(one: _Named, field: str, pseudo: str, confidence: str, deployment: Deployment) -> Problem:
    value = one.arn.region if field == "region" else one.arn.account
    word = "Region" if field == "region" else "account"
    place = Place(one.node, *one.arn.field_at(field))
    variable = Template((Hole(pseudo, f"${{{pseudo}}}"),))
    edits = (Replace(place, variable),)
    whole, name, fix = "template", pseudo, Fix(f"write `${{{pseudo}}}` inside `Fn::Sub`", edits)
    if deployment.document.is_terraform:
        whole, name, fix = "module", f"${{{pseudo}}}", Fix(f"write `${{{pseudo}}}`", edits)
    return Problem(
        place,
        f"the {word} `{value}` is written out, while the {whole} asks for `{name}` elsewhere",
        f"deployed to another {word}, this names something that is not there",
        label="written out",
        fix=fix,
        confidence=confidence,
    )
