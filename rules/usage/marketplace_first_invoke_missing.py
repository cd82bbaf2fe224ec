"""A caller that cannot make the subscription which the first call of its model starts.

## What it finds

A call of a model that is sold through AWS Marketplace, by a principal that is certainly denied
`aws-marketplace:Subscribe` or `aws-marketplace:ViewSubscriptions` when Bedrock asks for them in its name. An explicit
Deny is told by default. Where merely nothing allows them, it is told with `--pedantic`: most accounts have subscribed
long ago, and then nobody needs these actions.

Calls in code and in templates count like declared ones.

## Why it matters

The first call of such a model in an account subscribes to it in the background, with the permissions of whoever
calls. If that fails, calls end with "Model access is denied due to IAM user or service role is not authorized to
perform the required AWS Marketplace actions", be it after a few that succeeded.

## How to fix it

Let an administrator call the model once, then declare `subscribed: true`: nothing else is needed. Or allow the two
actions where `aws:CalledViaLast` is `bedrock.amazonaws.com`, in every layer of policies.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - «converse us.anthropic.claude-sonnet-4-6»
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource:
        - arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
        - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      Action: aws-marketplace:*
      Resource: "*"
```

When the account has subscribed, nobody needs the actions:

```yaml good
region: us-east-1
account: "111122223333"
subscribed: true
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource:
        - arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
        - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
scps:
  - Version: "2012-10-17"
    Statement:
      Effect: Deny
      Action: aws-marketplace:*
      Resource: "*"
```

Amazon's models are not sold through the Marketplace, and a policy that only lacks the actions is no fault by itself:

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
  - invoke-model cohere.embed-english-v3
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      - arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.decision import DENIED
from bedrock_policy_lint.authorize.layers import WORDS
from bedrock_policy_lint.diagnosis.named import leaves, listed_model
from bedrock_policy_lint.diagnosis.sites import called_from
from bedrock_policy_lint.diagnosis.wording import is_declared
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.authorize.decision import Failure
    from bedrock_policy_lint.diagnosis.verdict import Assessment
    from bedrock_policy_lint.model.policy import Statement
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Usage


class _Refusal(NamedTuple):
    """The actions that are denied, and why."""

    actions: tuple[str, ...]
    failure: Failure
    """An explicit Deny before what nothing allows."""
    via: str
    """Which service asks."""


@rule(Severity.WARNING, gate="provider terms")
def check(assessment: Assessment, context: Context) -> Iterator[Problem]:
    if assessment.caller.layers.identity is None:
        return
    told: set[str] = set()
    for verdict in assessment.verdicts:
        usage = verdict.usage
        node = usage.at("model")
        models = {model.id for target in leaves(usage.target) if (model := listed_model(target, context))}
        if node is None or models <= told:
            continue
        refusal = _refusal(assessment, usage, context)
        if refusal is not None:
            told |= models
            yield _problem(usage, node, refusal)


def _refusal(assessment: Assessment, usage: Usage, context: Context) -> _Refusal | None:
    from bedrock_policy_lint.usage.rows import subscription_rows  # only a declaration is worth its load

    denied: dict[str, Failure] = {}
    via = ""
    for row in subscription_rows(usage, assessment.caller.identity, context.catalog):
        decision = assessment.authorizer.decide(row.request)
        if decision.outcome == DENIED:
            denied.setdefault(row.request.action, decision.failures[0])
            called = row.request.context.get("aws:calledvialast", ())
            via = str(called[0]) if called else ""
    if not denied:
        return None
    failures = list(denied.values())
    return _Refusal(tuple(denied), next((failure for failure in failures if failure.deny), failures[0]), via)


def _problem(usage: Usage, node: Node, refusal: _Refusal) -> Problem:
    deny = refusal.failure.deny
    settled = " and declare `subscribed: true`" if is_declared(usage) else ""
    layer = WORDS[refusal.failure.layer]
    how = f"a {layer} denies" if deny else f"no {layer} allows"
    target = usage.target
    return Problem(
        node,
        f"the caller cannot subscribe to the model of `{target.written if target else ''}`: {how}"
        f" {all_of(refusal.actions)}",
        "the first call in an account subscribes with the caller's permissions; if nobody has done so, calls fail",
        label="its first call subscribes",
        fix=Fix(
            f"have an administrator call the model once{settled}, or"
            f" {'exempt from the Deny requests' if deny else f'allow {all_of(refusal.actions)}'}"
            f" where `aws:CalledViaLast` is `{refusal.via}`"
        ),
        related=(*_denied_by(deny), *called_from([usage], node)),
        confidence=CERTAIN if deny else POSSIBLE,
    )


def _denied_by(deny: Statement | None) -> tuple[Note, ...]:
    return (Note(deny.effect_node or deny.node, "denied here"),) if deny else ()
