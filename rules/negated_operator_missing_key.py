"""A test that is true for calls without the key, where that turns the statement around.

## What it finds

Tests of a key that only some calls carry, with an operator that is true when the key is absent:

- A Deny with `ArnNotLike` or another such test of `bedrock:InferenceProfileArn` that also meets the profile itself: an
  error, for it denies every call through a profile, also through those it exempts.
- A Deny with a plain operator and `IfExists`, which also denies every call that does not carry the key: a warning.
- With `--pedantic`, a Deny with a negated operator, and an Allow with `IfExists` or `ForAllValues:`. Both are often
  meant so; the finding says what they do.

`bedrock:GuardrailIdentifier` in an Allow is left to `guardrail-enforcement-bypassable`.

## Why it matters

A call through a profile is checked several times: once on the profile, then on the model in each Region. The key
`bedrock:InferenceProfileArn` is set on the checks of the model and absent on the check of the profile. There
`ArnNotLike` is true whatever its values say, the Deny applies, and the call fails.

Joined with a test of `aws:RequestedRegion`, as in AWS's own service control policies, the statement is right: the check
of the profile carries the Region of the call. Such statements are not reported.

## How to fix it

To allow calls through certain profiles only, limit the Deny to foundation models. To exempt profiles from a Region
limit, test the Region in the same statement. Delete `IfExists` where a missing key should not be denied.

## Examples

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "*",
    "Condition": {
      "ArnNotLike": {
        «"bedrock:InferenceProfileArn"»: "arn:aws:bedrock:*:*:inference-profile/eu.*"
      }
    }
  }
}
```

`IfExists` is true without the key, so this denies every call that names a model directly, too:

```json bad kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/*",
    "Condition": {
      "ArnLikeIfExists": {
        «"bedrock:InferenceProfileArn"»: "arn:aws:bedrock:*:*:inference-profile/global.*"
      }
    }
  }
}
```

With `--pedantic`, where the absence of the key may be meant:

```json bad pedantic=yes
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "Condition": {
      "StringEqualsIfExists": {
        «"bedrock:ServiceTier"»: ["default", "flex"]
      }
    }
  }
}
```

Limited to models, the first one says "only through a European profile":

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    "Resource": "arn:aws:bedrock:*::foundation-model/*",
    "Condition": {
      "ArnNotLike": {
        "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*"
      }
    }
  }
}
```

With a test of the Region it is AWS's own form:

```json good kind=scp
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "bedrock:Invoke*",
    "Resource": "*",
    "Condition": {
      "StringNotEquals": {
        "aws:RequestedRegion": ["eu-central-1", "eu-west-1"]
      },
      "ArnNotLike": {
        "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*"
      }
    }
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.invocable import PROFILE_KEY
from bedrock_policy_lint.model.condition import is_about_caller, when_absent
from bedrock_policy_lint.model.overlap import covers_resource
from bedrock_policy_lint.model.policy import Test
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Problem, Severity, also, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause

_GUARDRAIL_KEY = "bedrock:guardrailidentifier"
_WITHOUT = {
    PROFILE_KEY: "calls that go through no profile",
    _GUARDRAIL_KEY: "calls that use no guardrail",
    "bedrock:promptrouterarn": "calls that go through no prompt router",
    "bedrock:servicetier": "calls that name no service tier",
}
"""The keys that a call may carry or not, and the calls that do not."""


@rule(Severity.WARNING, gate="permission", confidence=POSSIBLE)
def check(test: Test, context: Context) -> Iterator[Problem]:
    key = test.key.lower()
    if key not in _WITHOUT or not when_absent(test):
        return
    statement, operator = test.statement, test.operator
    if INVOKE.isdisjoint(context.actions_of(statement)) or statement.tests_of("aws:requestedregion"):
        return
    if statement.denies:
        if key == PROFILE_KEY and _meets_profiles(test):
            yield _denies_profiles(test)
        elif len(statement.tests_of(key)) > 1:
            return
        elif operator.if_exists and not operator.negated:
            yield _also(test, "denies", CERTAIN if key != "bedrock:servicetier" else POSSIBLE, _plain(test))
        elif operator.base != "Null":
            yield _also(test, "denies", POSSIBLE, None)._replace(severity=Severity.INFO)
    elif statement.allows and key != _GUARDRAIL_KEY and (operator.if_exists or operator.quantifier):
        yield _also(test, "allows", POSSIBLE, _plain(test))


@also
def check_cause(cause: Cause, context: Context) -> Iterator[Problem]:
    from bedrock_policy_lint.diagnosis.problem import as_denial

    if isinstance(cause.place, Test):
        found = _denies_profiles(cause.place)
        short = f"`{cause.place.operator_node.value}` is true for the profile itself"
        yield from as_denial(cause, [found._replace(message=short)])


def _meets_profiles(test: Test) -> bool:
    """Whether the Deny is certain to apply to the check of a profile, also of one that the test exempts."""
    statement = test.statement
    if any(other.key_node is not test.key_node and not is_about_caller(other) for other in statement.tests):
        return False
    resources = [statement.text(node) for node in statement.resource_nodes]
    if "*" in resources:
        return True
    return any(covers_resource(wide, profile) for profile in test.texts()[:20] for wide in resources[:50])


def _denies_profiles(test: Test) -> Problem:
    written = test.operator_node.value
    return Problem(
        test,
        f"`{written}` is true for the profile itself, so this Deny stops the calls that go through one",
        f"`{test.key}` is set when the model behind a profile is checked, and absent when the profile is, "
        "so no value of it exempts that check",
        label="absent on the profile",
        fix=Fix("limit `Resource` to `arn:aws:bedrock:*::foundation-model/*`, or test `aws:RequestedRegion` as well"),
        severity=Severity.ERROR,
        confidence=CERTAIN,
    )


def _also(test: Test, verb: str, confidence: str, fix: Fix | None) -> Problem:
    return Problem(
        test,
        f"this statement also {verb} {_WITHOUT[test.key.lower()]}",
        f"`{test.operator_node.value}` is true when `{test.key}` is absent",
        label="true without the key",
        fix=fix,
        confidence=confidence,
    )


def _plain(test: Test) -> Fix | None:
    plain = test.operator.base if test.operator.if_exists else ""
    return Fix(f"write `{plain}` unless that is meant") if plain else None
