"""A wildcard in a model's or profile's id takes in more than what is called needs.

## What it finds

An entry of `Resource` in an Allow whose wildcard stands in the id, such as `foundation-model/anthropic.*` or
`inference-profile/us.*`, where the declared usage needs some of the models or profiles that it matches, and the policy
grants others with it for the same calls. All usage of every principal that has the policy must be declared: with
`complete: false` a principal says that it is not.

Only models and profiles that the catalogue knows in the Regions of the entry are counted, none whose end of life has
passed, and no other profiles of a model that is called: where they may lead is for the grants of the model to say.

`*` alone, `foundation-model/*` and `inference-profile/*` have a rule of their own, `wildcard-resource`; an entry that
no call is about has another, `unused-resource`. A condition on the profile of a call, on tags or on owners may confine
the entry further, and then nothing is said.

The same is told of a role in a template, where all that runs with it is Lambda functions, ECS tasks and the like whose
code was read in full and nobody else can take the role; else nothing is said.

## Why it matters

Models of one provider differ in price many times over, and new ones join the wildcard by themselves.

## How to fix it

Name the models and profiles that are called. Keep the wildcard where the choice of model is meant to be free, and
declare `complete: false`.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse us.amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-*::foundation-model/«amazon.nova-*»"
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse us.amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-*::foundation-model/amazon.nova-lite-v1:0"
      ]
    }
  }
}
```

Every profile of a geography:

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse us.amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1:111122223333:inference-profile/«us.*»
      - arn:aws:bedrock:us-*::foundation-model/amazon.nova-lite-v1:0
```

A wildcard that only stands for the version matches nothing else, and a Deny in the policy can cut the rest off:

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
  - converse amazon.nova-micro-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-*
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-m*
    - Effect: Deny
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:*::foundation-model/amazon.nova-premier*
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.decision import ALLOWED
from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE, Target, ended, offered, regions, target
from bedrock_policy_lint.diagnosis.grants import LOOKUPS
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import covers, glob, is_wild
from bedrock_policy_lint.rule import Context, Fix, Problem, Remove, Replace, Severity, rule
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.authorize.decide import Authorizer
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.catalog import Catalog, Profile
    from bedrock_policy_lint.diagnosis.grants import Grants
    from bedrock_policy_lint.model.policy import Resource, Statement
    from bedrock_policy_lint.model.text import Text

_MOST_RESOURCES = 200
_MOST_NAMED = 3
_MOST_NEEDED = 5
_THERE = ("listed", "documented")
_OWN_KEYS = ("bedrock", "aws:resource", "aws:inferenceprofilearn")
"""How keys begin that may confine an Allow to certain models; the last is a misspelling, with a finding of its own."""


class _Wide(NamedTuple):
    """An entry whose id is a pattern, and what the declared usage needs of it."""

    entry: Resource
    kind: str
    id: str
    asked: tuple[Request, ...]

    @property
    def calls(self) -> list[Request]:
        """Those that do more than look something up."""
        return [request for request in self.asked if not request.action.partition(":")[2].startswith(LOOKUPS)]


@rule(Severity.INFO, gate="hygiene")
def check(grants: Grants, context: Context) -> Iterator[Problem]:
    authorizer = None
    for statement in grants.statements():
        if len(statement.resource_nodes) > _MOST_RESOURCES or _may_be_confined(statement):
            continue
        for entry in statement.resources:
            wide = _wide(entry, grants)
            if wide is None:
                continue
            if authorizer is None:
                authorizer = _of_policy(grants)
            others = [name for name in _known(wide, context) if _is_granted(name, wide, authorizer)]
            if others:
                yield _problem(wide, others, grants, context)


def _may_be_confined(statement: Statement) -> bool:
    return any(test.key.lower().startswith(_OWN_KEYS) for test in statement.tests)


def _of_policy(grants: Grants) -> Authorizer:
    from bedrock_policy_lint.authorize.decide import Authorizer  # only a declaration is worth its load
    from bedrock_policy_lint.authorize.layers import Layers

    return Authorizer(Layers(identity=(grants.policy,)))


def _wide(entry: Resource, grants: Grants) -> _Wide | None:
    """What an entry stands for, where its id is a pattern that is narrower than all and some call is about it."""
    arn, named = entry.arn, target(entry.arn)
    if arn is None or named is None or named.kind not in (MODEL, PROFILE) or not isinstance(named.id, str):
        return None
    if not is_wild(named.id) or covers(named.id, "*"):
        return None
    asked = tuple(grants.about(entry))
    return _Wide(entry, named.kind, named.id, asked) if asked else None


def _needed(wide: _Wide) -> dict[str, None] | None:
    """The ids that calls are about, in their order; None where one of them is not known."""
    found: dict[str, None] = {}
    for request in wide.asked:
        arn = parse(request.resource)
        if arn is None or arn.type != wide.kind or not isinstance(arn.id, str):
            return None
        found[arn.id] = None
    return found


def _known(wide: _Wide, context: Context) -> list[str]:
    """The ids in the catalogue that the entry takes in and no call is about."""
    arn = wide.entry.arn
    where = regions(arn, context.catalog) if arn is not None else None
    needed = _needed(wide)
    if arn is None or where is None or needed is None:
        return []
    names = frozenset(region.name for region in where)
    ids = (_models if wide.kind == MODEL else _profiles)(wide.id, names, context.catalog)
    models = {_model(name, context.catalog) for name in needed}
    return [
        name
        for name in ids
        if _model(name, context.catalog) not in models and not ended(Target(wide.kind, name, name), arn, context)
    ]


def _model(name: str, catalog: Catalog) -> str:
    """The model itself, or that behind a profile."""
    profile = catalog.profile(name)
    return profile.model_id if profile is not None else name


def _models(pattern: str, where: frozenset[str], catalog: Catalog) -> list[str]:
    return [model.id for model in catalog.models() if glob(pattern, model.id) and where & offered(model.id, catalog)]


def _profiles(pattern: str, where: frozenset[str], catalog: Catalog) -> list[str]:
    return [
        profile.id
        for profile in catalog.profiles()
        if glob(pattern, profile.id) and profile.status in _THERE and _starts(profile, where)
    ]


def _starts(profile: Profile, where: frozenset[str]) -> bool:
    return not where.isdisjoint((*profile.source_regions, *profile.documented_unscanned_sources))


def _is_granted(name: str, wide: _Wide, authorizer: Authorizer) -> bool:
    """Whether one of the calls would certainly be allowed about this model or profile too."""
    return any(
        authorizer.decide(request._replace(resource=other)).outcome == ALLOWED
        for request in wide.calls
        if (other := _renamed(request.resource, wide.kind, name)) is not None
    )


def _renamed(resource: Text, kind: str, name: str) -> Text | None:
    """The ARN of another model or profile in the same place."""
    arn = parse(resource)
    return str(arn._replace(resource=f"{kind}/{name}")) if arn is not None and isinstance(resource, str) else None


def _problem(wide: _Wide, others: list[str], grants: Grants, context: Context) -> Problem:
    kind = "model" if wide.kind == MODEL else "profile"
    shown = all_of(others)
    if len(others) > _MOST_NAMED:
        first = ", ".join(f"`{name}`" for name in others[:_MOST_NAMED])
        shown = f"{first} and {len(others) - _MOST_NAMED} more"
    count = f"{len(others)} {kind}{'s' * (len(others) > 1)}"
    return Problem(
        wide.entry.place("id"),
        f"`{wide.id}` also grants {count} that {grants.nobody} needs: {shown}",
        f"as of {context.catalog.models_date}, and what comes out later joins the wildcard by itself",
        label=grants.wider,
        fix=_fix(wide),
        related=grants.called,
    )


def _fix(wide: _Wide) -> Fix | None:
    needed, arn = list(_needed(wide) or ()), wide.entry.arn
    if arn is None or not needed:
        return None
    text = f"write {all_of(needed[:_MOST_NEEDED])}"
    if len(needed) > _MOST_NEEDED:
        return Fix(f"{text} and the {len(needed) - _MOST_NEEDED} others that are called")
    exact = [str(arn._replace(resource=f"{wide.kind}/{name}")) for name in needed]
    there = {str(other.text) for other in wide.entry.statement.resources}
    missing = [one for one in exact if one not in there]
    if not missing:
        return Fix(f"delete it: {all_of(needed)} stand beside it", (Remove(wide.entry.node),))
    return Fix(text, (Replace(wide.entry.node, missing[0], tuple(missing[1:])),))
