"""A wildcard in `Resource` opens every model, every profile or every account.

## What it finds

An Allow of an action that works on a named resource, such as `bedrock:InvokeModel` or `bedrock:InvokeAgent`, on `*`,
on all resources of a service (`arn:aws:bedrock:*:*:*`), on `foundation-model/*`, on `inference-profile/*`, or with `*`
for the account of a resource that lives in one. It is an error where the file is known to describe production; for
the account alone it is one step less.

These are right, and not reported: `*` for actions that take no resource; `*` for the Region or the account of a named
model; a provider's or a geography's models (`anthropic.*`, `us.*`); `application-inference-profile/*` in your account;
all models under a condition on `bedrock:InferenceProfileArn`, on a resource tag or on the owner of the resource; all
models where a Deny in the same policy fences them. Wildcards in `Action` have a rule of their own.

## Why it matters

Every model includes the dearest one, models that nobody has assessed, and those that come out next week.

## How to fix it

Name the models and profiles that are called. A `*` for the Region of a model is fine, and needed for profiles that
route between Regions. Keep `*` in a statement of its own for the actions that take no resource.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock:ListFoundationModels"],
    "Resource": «"*"»
  }
}
```

```json bad env=production
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel*",
    "Resource": [
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
      "arn:aws:bedrock:*::foundation-model/«*»"
    ]
  }
}
```

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeAgent",
    "Resource": "arn:aws:bedrock:us-east-1:«*»:agent-alias/ABCDEFGHIJ/KLMNOPQRST"
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
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*:*:foundation-model/anthropic.claude-sonnet-4-6"
      ]
    },
    {
      "Effect": "Allow",
      "Action": ["bedrock:ListFoundationModels", "bedrock:GetFoundationModel", "bedrock:CallWithBearerToken"],
      "Resource": "*"
    }
  ]
}
```

All models, but only behind profiles of this account:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/*"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:*::foundation-model/*",
      "Condition": {
        "ArnLike": {"bedrock:InferenceProfileArn": "arn:aws:bedrock:*:111122223333:application-inference-profile/*"}
      }
    }
  ]
}
```

A Deny that spares the named models fences the Allow:

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:*::foundation-model/*"
    },
    {
      "Effect": "Deny",
      "Action": "bedrock:InvokeModel*",
      "NotResource": "arn:aws:bedrock:*::foundation-model/amazon.*"
    }
  ]
}
```

In Terraform:

```hcl bad
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = [«"*"»]
  }
}
```

```hcl good
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.actions import INVOKE, is_secret
from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE, SERVICES, owner, type_of
from bedrock_policy_lint.bedrock.invocable import asks_about_profile
from bedrock_policy_lint.model.condition import when_absent
from bedrock_policy_lint.model.pattern import covers, is_wild
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Action as Record
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Action, Place, Policy, Resource, Statement

_HARMLESS = ("ApplyGuardrail", "Check", "Count", "Detect", "Export", "Get", "List", "Tag", "Untag", "Validate")
_LIMITING = frozenset(
    {
        "aws:inferenceprofilearn",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "bedrock-mantle:model",
        "bedrock:inferenceprofilearn",
        "bedrock:modelarn",
        "bedrock:projectarn",
        "bedrock:promptrouterarn",
    }
)
"""Keys that tie an Allow to certain models or owners; the first is a misspelling, with a finding of its own."""

_MOST_RESOURCES = 1000


class _Wide(NamedTuple):
    resource: Resource
    at: Resource | Place
    what: str
    """What it opens: words for the message."""
    account_only: bool


@rule(Severity.WARNING, gate="hygiene")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    if policy.kind != "identity":
        return
    fenced: frozenset[str] | None = None
    for statement in policy.statements:
        if not statement.grants or not statement.action_nodes or len(statement.resource_nodes) > _MOST_RESOURCES:
            continue
        wide = [found for resource in statement.resources if (found := _wide(resource, context.catalog))]
        if not wide or statement.not_resource_nodes:
            continue
        concerned = _concerned(statement, context.catalog)
        if concerned and fenced is None:
            fenced = _fenced(policy, context)
        problem = _problem(wide, [one for one in concerned if one.full_name not in (fenced or ())], context)
        if problem and not _is_limited(statement):
            yield problem


def _wide(resource: Resource, catalog: Catalog) -> _Wide | None:
    """What the resource opens, when its wildcards open more than a few things of one owner."""
    arn = resource.arn
    if resource.is_star or (arn and arn.service == arn.resource == "*"):
        return _Wide(resource, resource, "every resource", False)
    if arn is None or arn.service not in SERVICES or not isinstance(arn.resource, str):
        return None
    if not arn.resource.strip("*"):
        whose = "" if arn.account in ("", "*") else " in the account"
        return _Wide(resource, resource.place("resource"), f"every resource of `{arn.service}`{whose}", False)
    for kind, what in ((MODEL, "every foundation model"), (PROFILE, "every inference profile")):
        if arn.service == "bedrock" and covers(arn.resource, f"{kind}/*"):
            return _Wide(resource, resource.place("id" if arn.type else "resource"), what, False)
    known = type_of(arn, catalog)
    if arn.account == "*" and known and owner(known) == "*":
        return _Wide(resource, resource.place("account"), f"the `{known.name}` of every account", True)
    return None


def _concerned(statement: Statement, catalog: Catalog) -> list[Record]:
    """The actions that a name could confine, calls of models first."""
    found: dict[str, Record] = {}
    for action in statement.actions:
        if action.service in SERVICES:
            for name in catalog.expand(action.pattern):
                record = catalog.action(name)
                if record and record.required_resource_types and _matters(record, action):
                    found[name] = record
    return sorted(found.values(), key=lambda record: record.full_name not in INVOKE)


def _matters(record: Record, action: Action) -> bool:
    """Whether it does more than look; a credential that a wildcard hands out has a finding of its own."""
    return not record.name.startswith(_HARMLESS) or (is_secret(record.full_name) and not is_wild(action.name))


def _fenced(policy: Policy, context: Context) -> frozenset[str]:
    """What a Deny of the policy confines to certain resources or profiles."""
    denying = (
        context.actions_of(statement)
        for statement in policy.statements
        if statement.denies and (statement.not_resource_nodes or asks_about_profile(statement))
    )
    return frozenset[str]().union(*denying)


def _is_limited(statement: Statement) -> bool:
    return any(
        (test.key.lower() in _LIMITING or test.key.lower().startswith("aws:resourcetag/"))
        and when_absent(test) is False
        and not any(text == "*" for text in test.texts())
        for test in statement.tests
    )


def _problem(wide: list[_Wide], concerned: list[Record], context: Context) -> Problem | None:
    for found in sorted(wide, key=lambda one: one.account_only):
        record = next((one for one in concerned if _applies(found, one)), None)
        if record is not None:
            return Problem(
                found.at,
                f"`{record.full_name}` is allowed on {found.what}",
                _why(found),
                label=found.what,
                fix=Fix(_advice(found, record)),
                related=tuple(Note(one.at, one.what) for one in wide if one is not found)[:3],
                severity=_severity(found, context),
            )
    return None


def _applies(found: _Wide, record: Record) -> bool:
    """Whether the action works on what the wildcard opens."""
    arn = found.resource.arn
    if arn is None or arn.service == "*":
        return True
    if arn.service != record.service:
        return False
    kind = arn.type
    return kind not in (MODEL, PROFILE) or kind in record.resource_types


def _why(found: _Wide) -> str:
    if found.account_only:
        return "with `*` for the account only the other account's own policy stands in the way"
    return "nothing confines it to the resources that the application uses, now or when new ones appear"


def _advice(found: _Wide, record: Record) -> str:
    if found.account_only:
        return "write your account id"
    if MODEL in record.resource_types:
        return "name the models that are called: `arn:aws:bedrock:*::foundation-model/<model id>`, and their profiles"
    return f"name the ARNs of `{record.required_resource_types[0]}` that are used"


def _severity(found: _Wide, context: Context) -> Severity:
    levels = (Severity.INFO, Severity.WARNING) if found.account_only else (Severity.WARNING, Severity.ERROR)
    return levels[context.is_production]
